import { describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { usd } from "#src/core/units.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { keepEquity } from "#src/pipeline/hold/stops/keep-equity.ts";
import { readAccounts } from "#src/pipeline/look/glance.ts";
import type { Venue } from "#src/ports/venue.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

/** Accounts that hold what the test says, and tell of transfers when the test says. */
function keeper(ids: readonly string[] = ["alpha", "beta"]) {
  const rig = createTradingRig();
  const equity = new Map<string, string | null>(ids.map((id) => [id, "1000"]));
  const spot = new Map<string, string>();
  const transfers: Transfer[] = [];
  const venue = (id: string): Venue => ({
    ...rig.alpha,
    id,
    account: {
      ...rig.alpha.account,
      positions: async () => [],
      account: async (kind) => {
        const [perp, apart] = [equity.get(id), spot.get(id)];
        if (perp === null || perp === undefined) throw new Error("503");
        const state = (value: string): AccountState => ({
          ...{ venue: id, equityUsd: usd(value), freeCollateralUsd: usd(value) },
          ...{ maintenanceUsd: usd("0"), observedAt: rig.clock.wallNow() },
        });
        if (apart === undefined) return state(perp);
        return kind === "spot"
          ? { ...state(apart), wallet: "spot" }
          : { ...state(perp), wallet: "perp" };
      },
      transfers: async (since) =>
        transfers.filter((one) => one.venue === id && one.transferredAt > since),
    },
  });
  async function keep(hours = 1) {
    rig.clock.jump(hours * HOUR_MS);
    const venues = new Map([...equity.keys()].map((id) => [id, venue(id)]));
    const parts: Pick<PipelineContext, "store" | "venues" | "clock" | "log" | "accounts"> = {
      ...{ store: rig.store, clock: rig.clock, venues, log: silentLogger },
      accounts: () => readAccounts({ ...rig.context, venues }),
    };
    // Nothing else of it is looked at.
    await keepEquity(parts as PipelineContext);
  }
  let count = 0;
  function transfer(id: string, amountUsd: string, hoursAgo = 0) {
    count += 1;
    const transferredAt = rig.clock.marketNow() + 1 - hoursAgo * HOUR_MS;
    const transferId = String(count);
    transfers.push({ venue: id, transferId, amountUsd: usd(amountUsd), transferredAt });
  }
  const points = () =>
    rig.store
      .listEquityPoints(0, rig.clock.marketNow())
      .map((one) => [one.equityUsd.toFixed(), one.flowsUsd.toFixed()]);
  return { keep, equity, spot, transfer, points, rig };
}

describe("a point of equity", () => {
  test("holds every account, a separate spot wallet too", async () => {
    const { keep, spot, points } = keeper();
    spot.set("beta", "50.5");
    await keep();
    expect(points()).toEqual([["2050.5", "0"]]);
  });

  test("is not saved while a venue that hedges stand on is silent", async () => {
    const { keep, equity, points, rig } = keeper();
    await keep();
    admitHedge(rig);
    equity.set("beta", null);
    await keep();
    expect(points()).toHaveLength(1);
  });

  test("takes a silent venue without hedges as it was last", async () => {
    const { keep, equity, points } = keeper();
    await keep();
    equity.set("alpha", "1001").set("beta", null);
    await keep();
    expect(points().at(-1)).toEqual(["2001", "0"]);
  });

  test("says what came and went since the one before; what lay there first is no flow", async () => {
    const { keep, equity, transfer, points, rig } = keeper();
    transfer("alpha", "1000", 5);
    await keep();
    transfer("alpha", "300");
    transfer("beta", "-100.25");
    equity.set("alpha", "1300").set("beta", "899.75");
    await keep();
    await keep();
    expect(points()).toEqual([
      ["2000", "0"],
      ["2199.75", "199.75"],
      ["2199.75", "0"],
    ]);
    expect(rig.store.listLedgerEntries().map((one) => one.kind)).toEqual(["transfer", "transfer"]);
  });

  test("is explained later when the venue tells late of a transfer", async () => {
    const { keep, equity, transfer, points } = keeper();
    await keep();
    equity.set("alpha", "1400");
    await keep();
    await keep();
    transfer("alpha", "400", 1.5);
    await keep();
    expect(points()).toEqual([
      ["2000", "0"],
      ["2400", "400"],
      ["2400", "0"],
      ["2400", "0"],
    ]);
  });

  test("counts a venue that joins or leaves as money that came or went", async () => {
    const { keep, equity, points } = keeper();
    await keep();
    equity.set("gamma", "500");
    await keep();
    equity.delete("alpha");
    await keep();
    expect(points()).toEqual([
      ["2000", "0"],
      ["2500", "500"],
      ["1500", "-1000"],
    ]);
  });
});
