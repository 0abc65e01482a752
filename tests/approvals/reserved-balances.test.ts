import { describe, expect, test } from "bun:test";
import { reservedBalances } from "#src/approvals/reserved-balances.ts";
import { dec } from "#src/core/decimal.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { openCheck } from "#tests/support/builders.ts";
import { admitHedge, createTradingRig, type TradingRig } from "#tests/support/trading-rig.ts";

function reserved({ store, clock }: TradingRig): readonly string[] {
  const balances = reservedBalances(store, clock.wallNow(), dec("3"));
  return ["alpha", "beta"].map((venue) => balances.get(venue)?.toFixed() ?? "0");
}

describe("two openings cannot share a balance", () => {
  test("what was admitted is reserved on both venues before anything is sent", () => {
    const rig = createTradingRig();
    expect(reserved(rig)).toEqual(["0", "0"]);
    admitHedge(rig);
    expect(reserved(rig)).toEqual(["10000", "10000"]);
  });

  test("coins in full, beside the perp of the same venue by its leverage", () => {
    const rig = createTradingRig({ alpha: { spot: {} } });
    const spot = { kind: "spot", symbol: "BTC-SPOT", maxLeverage: dec("1") } as const;
    const check = openCheck([
      { venue: "alpha", side: "long", instrument: spot },
      { venue: "alpha", side: "short" },
    ]);
    const [first, second] = check.snapshot.legs;
    const paid = { ...check.snapshot, legs: [{ ...first, leverage: dec("1") }, second] as const };
    admitHedge(rig, "H-1", null, { ...check, snapshot: paid });
    expect(reserved(rig)).toEqual(["40000", "0"]);
  });

  test("and still is while the balance may be from before its fills", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    expect(reserved(rig)).toEqual(["10000", "10000"]);

    rig.clock.jump(60_000);

    expect(reserved(rig)).toEqual(["0", "0"]);
  });
});
