import { expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

/** How each order of an opening was sent, whose two legs are settled so long after it began. */
async function sentWith(toSettlementMs: readonly [number, number]) {
  const rig = createTradingRig();
  const context = {
    ...rig.context,
    settings: { ...rig.context.settings, orderLifeMs: 60_000, makerWaitMs: 30_000 },
  };
  const { hedge, proposal, ticket } = admitHedge(rig);
  const now = rig.clock.marketNow();
  const began = rig.clock.elapsedMs();
  const [a, b] = proposal.legs;
  const legs = [
    { ...a, fundingAt: now + toSettlementMs[0] },
    { ...b, fundingAt: now + toSettlementMs[1] },
  ] as const;
  const { outcome } = await openHedge(context, {
    ...{ hedge, ticket, proposal: { ...proposal, legs } },
  });
  const attempts = rig.store.listAttempts({ hedgeId: hedge.id });
  const sent = attempts.map(({ request }) => request.timeInForce);
  return { outcome, sent, tookMs: rig.clock.elapsedMs() - began };
}

const FAR = 1_800_000;
const EIGHT_HOURS = 8 * HOUR_MS;

test("the first leg rests for the maker's fee while no payment is near", async () => {
  const { outcome, sent, tookMs } = await sentWith([FAR, FAR]);
  expect(outcome).toBe("open");
  expect(sent[0]).toBe("postOnly");
  expect(tookMs).toBeGreaterThanOrEqual(30_000);
});

test.each([
  [60_000, FAR],
  [FAR, 60_000],
  [FAR, -19_000],
  // As a venue tells it that has gone on to its next payment already.
  [FAR, EIGHT_HOURS - 19_000],
] as const)("nothing is begun about a payment of either leg (%p, %p)", async (a, b) => {
  expect(await sentWith([a, b])).toMatchObject({ outcome: "unwound", sent: [] });
});

test("half a minute after a payment everything goes on, and a moment of it is waited for", async () => {
  expect((await sentWith([FAR, -31_000])).outcome).toBe("open");
  expect((await sentWith([FAR, EIGHT_HOURS - 21_000])).outcome).toBe("open");
});

test("what rests is taken off the book when that minute begins, and nothing is taken then", async () => {
  const { outcome, sent, tookMs } = await sentWith([FAR, 65_000]);
  expect(sent).toEqual(["postOnly"]);
  expect(outcome).toBe("unwound");
  expect(tookMs).toBeLessThan(20_000);
});
