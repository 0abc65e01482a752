import { describe, expect, test } from "bun:test";
import { RetryableError } from "#src/core/errors.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { usd } from "#src/core/units.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { equityAtStart, profitSince, rememberStarts } from "#src/pipeline/hold/stops/profit.ts";
import type { Venue } from "#src/ports/venue.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

function contextOf(rig: ReturnType<typeof createTradingRig>, venues: readonly Venue[]) {
  const { store, clock } = rig;
  const parts: Pick<PipelineContext, "store" | "venues" | "clock"> = {
    store,
    clock,
    venues: new Map(venues.map((one) => [one.id, one])),
  };
  // Nothing else of it is looked at.
  return parts as PipelineContext;
}

function silent(venue: Venue): Venue {
  const account = () => Promise.reject(new RetryableError("503"));
  return { ...venue, account: { ...venue.account, account } };
}

describe("where the accounts stood", () => {
  test("is remembered of a venue that was down at first as soon as it answers", async () => {
    const rig = createTradingRig();
    const down = contextOf(rig, [rig.alpha, silent(rig.beta)]);
    await rememberStarts(down);
    expect(equityAtStart(down)).toBeNull();

    const up = contextOf(rig, [rig.alpha, rig.beta]);
    await rememberStarts(up);
    expect(equityAtStart(up)?.toFixed()).toBe("200000");
  });

  test("stays unknown of a venue that was traded on before it was asked", async () => {
    const rig = createTradingRig();
    admitHedge(rig);
    const context = contextOf(rig, [rig.alpha, rig.beta]);
    await rememberStarts(context);
    expect(equityAtStart(context)).toBeNull();
  });

  test("another venue's money is no profit of the day", async () => {
    const rig = createTradingRig();
    const one = contextOf(rig, [rig.alpha]);
    expect((await profitSince(one, DAY_MS))?.toFixed()).toBe("0");
    const both = contextOf(rig, [rig.alpha, rig.beta]);
    expect((await profitSince(both, DAY_MS))?.toFixed()).toBe("0");
    expect((await profitSince(one, DAY_MS))?.toFixed()).toBe("0");
  });

  test("a silent venue hides the day's result only when something of ours stands there", async () => {
    const rig = createTradingRig();
    const half = contextOf(rig, [rig.alpha, silent(rig.beta)]);
    expect((await profitSince(half, DAY_MS))?.toFixed()).toBe("0");
    admitHedge(rig);
    expect(await profitSince(half, DAY_MS)).toBeNull();
  });

  test("what came to a venue before it was first read today is part of what it began with", async () => {
    const rig = createTradingRig();
    const one = contextOf(rig, [rig.alpha, silent(rig.beta)]);
    const both = contextOf(rig, [rig.alpha, rig.beta]);
    const cameIn = (id: string, amount: string) =>
      rig.store.transaction(() =>
        rig.store.insertLedgerEntry({
          ...{ id, kind: "transfer", hedgeId: null, venue: "beta", symbol: null },
          ...{ amountUsd: usd(amount), bookedFor: rig.clock.marketNow() },
        }),
      );
    expect((await profitSince(one, DAY_MS))?.toFixed()).toBe("0");
    rig.clock.jump(60_000);
    cameIn("transfer:beta:1", "-700");
    rig.clock.jump(60_000);
    expect((await profitSince(both, DAY_MS))?.toFixed()).toBe("0");
    rig.clock.jump(60_000);
    cameIn("transfer:beta:2", "50");
    // The account still holds what it held: without the 50 that would be nothing, with them a loss.
    expect((await profitSince(both, DAY_MS))?.toFixed()).toBe("-50");
  });

  test("money that was paid in or taken out is neither gain nor loss of the day", async () => {
    const rig = createTradingRig();
    const both = contextOf(rig, [rig.alpha, rig.beta]);
    await profitSince(both, DAY_MS);
    rig.clock.jump(60_000);
    rig.store.transaction(() =>
      rig.store.insertLedgerEntry({
        ...{ id: "transfer:alpha:1", kind: "transfer", hedgeId: null, venue: "alpha" },
        ...{ symbol: null, amountUsd: usd("-500"), bookedFor: rig.clock.marketNow() },
      }),
    );
    // The accounts still hold it: without the transfer that would be nothing, with it a gain.
    expect((await profitSince(both, DAY_MS))?.toFixed()).toBe("500");
  });
});
