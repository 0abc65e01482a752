import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { rate } from "#src/core/units.ts";
import { shortlistLegs } from "#src/opportunities/shortlist-legs.ts";
import { instrument, NOW } from "#tests/support/builders.ts";

function listed(
  venue: string,
  asset: string,
  perHour: string,
  over: Partial<Instrument> = {},
): ListedRate {
  const of = instrument({ venue, asset, symbol: `${asset}USDT`, ...over });
  return {
    instrument: of,
    funding: {
      ...{ venue, symbol: of.symbol, asset, fundingAt: NOW, observedAt: NOW },
      ...{ rate: rate(perHour), intervalHours: dec("1") },
    },
  };
}

function shortlist(all: readonly ListedRate[], count = 24, wholeAssets = false) {
  const horizonHours = dec("504");
  const { legs, dropped } = shortlistLegs({ listed: all, horizonHours, count, wholeAssets });
  return {
    legs: legs.map(({ instrument: of }) => `${of.venue} ${of.symbol}`).sort(),
    dropped: dropped.map(({ asset, reason }) => `${asset} ${reason}`),
  };
}

describe("the shortlist", () => {
  test("keeps the assets whose spread pays most after list fees, and says what became of the others", () => {
    const all = [
      ...[listed("alpha", "BTC", "0.0001"), listed("beta", "BTC", "0.00009")],
      ...[listed("alpha", "SOL", "0.0003"), listed("beta", "SOL", "-0.0001")],
      ...[listed("alpha", "XRP", "0.0002"), listed("beta", "XRP", "0")],
      listed("alpha", "DOGE", "0.01"),
    ];
    expect(shortlist(all, 2)).toEqual({
      legs: ["alpha SOLUSDT", "alpha XRPUSDT", "beta SOLUSDT", "beta XRPUSDT"],
      dropped: ["DOGE NO_SECOND_VENUE", "BTC NOT_AMONG_BEST"],
    });
  });

  test("prefers the smaller spread where the fees eat the larger one", () => {
    const dear = { takerFeeRate: rate("0.02") };
    const all = [
      ...[listed("alpha", "SOL", "0.00003", dear), listed("beta", "SOL", "0", dear)],
      ...[listed("alpha", "XRP", "0.00002"), listed("beta", "XRP", "0")],
    ];
    expect(shortlist(all, 1).legs).toEqual(["alpha XRPUSDT", "beta XRPUSDT"]);
  });

  test("two instruments of one asset on one venue are no pair, and both are looked at beside another venue", () => {
    const usdc = { symbol: "BTCUSDC", settleCurrency: "USDC" };
    const pair = [listed("alpha", "BTC", "0.0003"), listed("alpha", "BTC", "0.0001", usdc)];
    expect(shortlist(pair)).toEqual({ legs: [], dropped: ["BTC NO_SECOND_VENUE"] });
    expect(shortlist([...pair, listed("beta", "BTC", "0")]).legs).toEqual([
      "alpha BTCUSDC",
      "alpha BTCUSDT",
      "beta BTCUSDT",
    ]);
  });

  test("leaves out what is inverse or settles in coins", () => {
    const all = [
      listed("alpha", "BTC", "0.0003", { linear: false }),
      listed("gamma", "BTC", "0.0003", { settleCurrency: "BTC" }),
      listed("beta", "BTC", "0"),
    ];
    expect(shortlist(all)).toEqual({ legs: [], dropped: ["BTC NO_SECOND_VENUE"] });
  });

  test("asks four venues about an asset that many list, and all when it is the one that matters", () => {
    const all = Array.from({ length: 9 }, (_, at) => listed(`v${at}`, "BTC", `0.0000${at + 1}`));
    expect(shortlist(all).legs).toEqual(["v0", "v1", "v7", "v8"].map((one) => `${one} BTCUSDT`));
    expect(shortlist(all, 1, true).legs).toHaveLength(9);
  });
});
