import { describe, expect, test } from "bun:test";
import { reservedBalances } from "#src/approvals/reserved-balances.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { admitHedge, createTradingRig, type TradingRig } from "#tests/support/trading-rig.ts";

function reserved({ store, clock }: TradingRig): readonly string[] {
  const balances = reservedBalances(store, clock.wallNow());
  return ["alpha", "beta"].map((venue) => balances.get(venue)?.toFixed() ?? "0");
}

describe("two openings cannot share a balance", () => {
  test("what was admitted is reserved on both venues before anything is sent", () => {
    const rig = createTradingRig();
    expect(reserved(rig)).toEqual(["0", "0"]);
    admitHedge(rig);
    expect(reserved(rig)).toEqual(["30000", "30000"]);
  });

  test("and still is while the balance may be from before its fills", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    expect(reserved(rig)).toEqual(["30000", "30000"]);

    rig.clock.jump(60_000);

    expect(reserved(rig)).toEqual(["0", "0"]);
  });
});
