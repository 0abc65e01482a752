import { expect, test } from "bun:test";
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
  const result = await openHedge(context, { hedge, proposal: { ...proposal, legs }, ticket });
  expect(result.outcome).toBe("open");
  const [first] = rig.store.listAttempts({ hedgeId: hedge.id });
  return { first: first?.request.timeInForce, tookMs: rig.clock.elapsedMs() - began };
}

const FAR = 1_800_000;

test("the first leg rests for the maker's fee while no payment is near", async () => {
  const { first, tookMs } = await sentWith([FAR, FAR]);
  expect(first).toBe("postOnly");
  expect(tookMs).toBeGreaterThanOrEqual(30_000);
});

test("nothing rests from a minute before either leg's payment on", async () => {
  expect((await sentWith([59_000, FAR])).first).toBe("ioc");
  expect((await sentWith([FAR, 59_000])).first).toBe("ioc");
  expect((await sentWith([FAR, -29_000])).first).toBe("ioc");
  expect((await sentWith([FAR, -31_000])).first).toBe("postOnly");
});

test("what rests is taken off the book when that minute begins", async () => {
  const { first, tookMs } = await sentWith([FAR, 65_000]);
  expect(first).toBe("postOnly");
  expect(tookMs).toBeLessThan(10_000);
});
