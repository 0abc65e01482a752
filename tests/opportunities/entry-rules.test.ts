import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { notionalUsd, price, rate } from "#src/core/units.ts";
import type { LegMarket, RankLeg } from "#src/opportunities/pair-legs.ts";
import { rankOpportunities } from "#src/opportunities/rank-opportunities.ts";
import type { EntryRules } from "#src/opportunities/refuse-pair.ts";
import { scoreOpportunity } from "#src/opportunities/score-opportunity.ts";
import { instrument, NOW } from "#tests/support/builders.ts";
import { ENTRY_RULES, GOOD_MARKET } from "#tests/support/entry-rules.ts";

interface Of {
  readonly venue?: string;
  readonly asset?: string;
  readonly perHour?: string;
  readonly now8h?: string;
  readonly mid?: string;
  readonly market?: Partial<LegMarket>;
  readonly borrow?: string | null;
}

function leg({
  venue = "alpha",
  asset = "BTC",
  perHour = "0",
  now8h,
  mid,
  market,
  borrow,
}: Of): RankLeg {
  const isSpot = borrow !== undefined;
  const symbol = isSpot ? `${asset}-SPOT` : `${asset}-PERP`;
  const of = instrument({ venue, asset, symbol, kind: isSpot ? "spot" : "perp" });
  const perp = { rate: rate(now8h ?? dec(perHour).times("8")), intervalHours: dec("8") };
  return {
    instrument: of,
    funding: { venue, symbol, asset, fundingAt: NOW, observedAt: NOW, ...perp },
    ...(isSpot ? { borrowPerHour: borrow === null ? null : rate(borrow) } : {}),
    trailingPerHour: isSpot ? null : rate(perHour),
    slippageRate: rate("0"),
    midPrice: price(mid ?? "100"),
    market: { ...GOOD_MARKET, ...market },
  };
}

/** A pair that is worth it, but for what is said of its short leg. */
function judge(short: Of = {}, rules: Partial<EntryRules> = {}, long: Of = {}) {
  const legs = [
    leg({ venue: "alpha", perHour: "0.00004", now8h: "0.0003", ...short }),
    leg({ venue: "beta", ...long }),
  ];
  const { ranked } = rankOpportunities({
    legs,
    rules: { ...ENTRY_RULES, ...rules },
    sizeUsdOf: () => notionalUsd("100"),
    idFor: (asset) => asset,
  });
  const [top] = ranked;
  const { have = null, need = null } = top?.figures ?? {};
  return [top?.reason ?? null, have?.toFixed() ?? null, need?.toFixed() ?? null];
}

function reasonOf(legs: readonly RankLeg[]) {
  const sizeUsdOf = () => notionalUsd("100");
  return rankOpportunities({ legs, rules: ENTRY_RULES, sizeUsdOf, idFor: String }).ranked[0]
    ?.reason;
}

describe("the next best pair of an asset is taken", () => {
  const good = [
    leg({ venue: "alpha", perHour: "0.00004", now8h: "0.0003" }),
    leg({ venue: "beta" }),
  ];

  test("when the best one stands on a market with too short a history", () => {
    const young = { ...leg({ venue: "gamma", now8h: "0.004" }), trailingPerHour: null };
    expect(reasonOf([...good, young])).toBeNull();
  });

  test("when the spread of the best one has turned", () => {
    const turned = leg({ venue: "gamma", perHour: "0.00005", now8h: "-0.0001" });
    expect(reasonOf([...good, turned])).toBeNull();
  });

  test("when the best one is with spot, and pays less than spot is hedged for", () => {
    const perp = leg({ venue: "gamma", perHour: "0.00005", now8h: "0.00009" });
    const spot = leg({ venue: "gamma", borrow: null, market: { openInterestUsd: null } });
    expect(reasonOf([perp, spot])).toBe("FUNDING_BELOW_FLOOR");
    expect(reasonOf([...good, perp, spot])).toBeNull();
  });

  test("and never one that is not worth it: then the best one is named with what it lacks", () => {
    const turned = leg({ venue: "gamma", perHour: "0.00005", now8h: "-0.0001" });
    expect(reasonOf([leg({ venue: "beta" }), turned])).toBe("SPREAD_TURNED");
  });
});

describe("a market that a leg may stand in", () => {
  test("is good enough at every floor exactly, and then the carry stands beside what the gate asks", () => {
    // 504 h × 0.00004, against 1.5 × four fills of 5 bp.
    expect(judge()).toEqual([null, "0.00032", "0.000047619"]);
  });

  test.each<[string, Partial<LegMarket>, string | null, string]>([
    ["VOLUME_TOO_LOW", { volume24hUsd: notionalUsd("99999999") }, "99999999", "100000000"],
    ["VOLUME_UNKNOWN", { volume24hUsd: null }, null, "100000000"],
    ["OPEN_INTEREST_TOO_LOW", { openInterestUsd: notionalUsd("49999999") }, "49999999", "50000000"],
    ["OPEN_INTEREST_UNKNOWN", { openInterestUsd: null }, null, "50000000"],
    ["BID_ASK_TOO_WIDE", { bidAsk: rate("0.000201") }, "0.000201", "0.0002"],
    ["BID_ASK_TOO_WIDE", { bidAsk: null }, null, "0.0002"],
  ])("else says %s with what there is and what is asked", (reason, market, have, need) => {
    expect(judge({ market })).toEqual([reason, have, need]);
  });

  test.each<[string | null, Partial<LegMarket>]>([
    [null, { volume24hUsd: notionalUsd("2000000"), openInterestUsd: notionalUsd("1000000") }],
    ["VOLUME_TOO_LOW", { volume24hUsd: notionalUsd("1999999") }],
    ["OPEN_INTEREST_TOO_LOW", { openInterestUsd: notionalUsd("999999") }],
  ])("of a small venue has smaller floors: %p", (reason, market) => {
    expect(judge({ venue: "small", market })[0]).toBe(reason);
  });

  test("need not tell what a floor of 0 does not ask for", () => {
    const filters = { ...ENTRY_RULES.filters, minOpenInterestUsd: dec("0") };
    expect(judge({ market: { openInterestUsd: null } }, { filters })[0]).toBeNull();
  });

  test("is left for another market of the asset that is good enough", () => {
    const legs = [
      leg({ venue: "alpha", perHour: "0.00005", market: { volume24hUsd: null } }),
      leg({ venue: "gamma", perHour: "0.00004" }),
      leg({ venue: "beta" }),
    ];
    const sizeUsdOf = () => notionalUsd("100");
    const { ranked } = rankOpportunities({ legs, rules: ENTRY_RULES, sizeUsdOf, idFor: String });
    expect([ranked[0]?.short.instrument.venue, ranked[0]?.worthwhile]).toEqual(["gamma", true]);
  });

  test("is left by whoever opens once its venue says that it will end", () => {
    const legs = [
      leg({ venue: "alpha", perHour: "0.00004", now8h: "0.0003" }),
      leg({ venue: "beta" }),
    ];
    const [first, second] = legs;
    if (!first || !second) throw new Error("two legs");
    const ending = { ...first, instrument: { ...first.instrument, endsAt: NOW + 1 } };
    expect([reasonOf(legs), reasonOf([ending, second])]).toEqual([null, "DELISTING"]);
    const other = leg({ venue: "gamma", perHour: "0.00003", now8h: "0.0003" });
    expect(reasonOf([ending, second, other])).toBeNull();
  });

  test.each([
    [null, null],
    ["8", null],
    ["4", "INTERVAL_UNSURE"],
    ["1", "INTERVAL_UNSURE"],
  ])("must be paid as often as its venue says: every %s h is %p", (hours, reason) => {
    const settlesEveryHours = hours === null ? null : dec(hours);
    expect(judge({ market: { settlesEveryHours } })[0]).toBe(reason);
  });

  test("is not entered for an asset that the settings leave out", () => {
    expect(judge({}, { assets: ["ETH"] })[0]).toBe("ASSET_NOT_WANTED");
    expect(judge({}, { assets: ["BTC"] })[0]).toBeNull();
  });

  test.each([
    ["102", null],
    ["102.01", "PRICE_MISMATCH"],
  ])("must agree in price: %s against 100", (mid, reason) => {
    expect(judge({ mid })[0]).toBe(reason);
  });
});

describe("spot with a perp of its venue", () => {
  const spot = (now8h: string, borrow: string | null, rules = {}) =>
    judge({ now8h, perHour: dec(now8h).div("8").toFixed() }, rules, {
      venue: "alpha",
      borrow,
      market: { openInterestUsd: null },
    });

  test.each([
    ["0.0001", "FUNDING_BELOW_FLOOR", { minFundingAbs8h: dec("0.00010001") }],
    ["0.0003", null, {}],
  ])("needs funding of its own floor: %s", (now8h, reason, rules) => {
    expect(spot(now8h, null, rules)[0]).toBe(reason);
  });

  test.each([
    // Received 0.0000375 an hour: 1.2 × 0.00003125 is just that, and only more pays.
    ["0.00003125", "BORROW_ABOVE_FUNDING"],
    ["0.0000312", null],
  ])("that is borrowed at %s an hour must be paid for with the margin", (borrow, reason) => {
    const low = { ...ENTRY_RULES.entry, costMultiple: dec("0"), seed2Base: dec("0") };
    const entry = { ...low, minNetAprOnCapital: dec("-9") };
    expect(spot("-0.0003", borrow, { entry })[0]).toBe(reason);
  });
});

describe("the entry gate", () => {
  const at = (over: { trailing?: string; now8h?: string; cost?: string; size?: string }) => {
    const { trailing = "0.00004", now8h = "0.0002", cost = "0.002", size = "100" } = over;
    const pair = {
      currentPerHour: dec(now8h).div("8"),
      trailingPerHour: dec(trailing),
      costRate: rate(cost),
      sizeUsd: dec(size),
    };
    return scoreOpportunity(pair, ENTRY_RULES.entry);
  };

  test.each([
    ["0.01344", null],
    ["0.013440001", "CARRY_BELOW_COST"],
  ])("asks that 504 hours pay 1.5 times the cost of %s", (cost, reason) => {
    const open = { ...ENTRY_RULES.entry, minNetAprOnCapital: dec("-1") };
    const pair = { currentPerHour: dec("0.00004"), trailingPerHour: dec("0.00004") };
    const scored = scoreOpportunity({ ...pair, costRate: rate(cost), sizeUsd: dec("100") }, open);
    expect(scored.reason).toBe(reason as "CARRY_BELOW_COST");
  });

  test("asks a larger floor of a larger size, and takes it when it is met exactly", () => {
    expect(at({ size: "10000", now8h: "0.00011" }).reason).toBeNull();
    expect(at({ size: "10001", now8h: "0.00011" }).reason).toBe("SPREAD_BELOW_FLOOR");
    expect(at({ size: "100", now8h: "0" }).reason).toBe("SPREAD_TURNED");
  });

  test("asks what is left after costs, on both legs' notional", () => {
    // (0.0000155 − 0.002/504) × 8760 / 2 is 0.0505; with 0.0000153 it is 0.0496.
    expect(at({ trailing: "0.0000155" }).reason).toBeNull();
    const { reason, figures } = at({ trailing: "0.0000153" });
    expect(reason).toBe("NET_APR_BELOW_MINIMUM");
    expect([figures?.have?.toFixed(4), figures?.need.toFixed()]).toEqual(["0.0496", "0.05"]);
  });
});

describe("the order of the list", () => {
  const sized = (sizes: Readonly<Record<string, string>>, legs: readonly RankLeg[]) =>
    rankOpportunities({
      ...{ legs, rules: ENTRY_RULES, idFor: (asset: string) => asset },
      sizeUsdOf: ({ short }) => notionalUsd(sizes[short.instrument.asset] ?? "100"),
    }).ranked.map(({ asset }) => asset);
  const pair = (asset: string, perHour: string, market: Partial<LegMarket> = {}) => [
    leg({ venue: "alpha", asset, perHour, market }),
    leg({ venue: "beta", asset, market }),
  ];

  test("is by what could really be sized, not by the rate", () => {
    const legs = [...pair("RATE", "0.00008"), ...pair("SIZE", "0.00004")];
    expect(sized({ RATE: "20", SIZE: "100" }, legs)).toEqual(["SIZE", "RATE"]);
    expect(sized({ RATE: "100", SIZE: "100" }, legs)).toEqual(["RATE", "SIZE"]);
  });

  test("asks the score only of what is worth the same", () => {
    const hourly = new Map(Array.from({ length: 336 }, (_, hour) => [hour + 1, 0.00004] as const));
    const short = (asset: string, volume: string) => [
      leg({
        venue: "alpha",
        asset,
        perHour: "0.00004",
        market: { volume24hUsd: notionalUsd(volume), hourly },
      }),
      leg({
        venue: "beta",
        asset,
        market: {
          volume24hUsd: notionalUsd(volume),
          hourly: new Map([...hourly].map(([hour]) => [hour, 0])),
        },
      }),
    ];
    const legs = [...short("THIN", "100000000"), ...short("DEEP", "9000000000")];
    expect(sized({}, legs)).toEqual(["DEEP", "THIN"]);
    expect(sized({ THIN: "101" }, legs)).toEqual(["THIN", "DEEP"]);
  });

  test("shows what a spread that falls back as it used to should pay", () => {
    const hourly = new Map(Array.from({ length: 336 }, (_, hour) => [hour + 1, 0.00004] as const));
    const flat = new Map([...hourly].map(([hour]) => [hour, 0] as const));
    const { ranked } = rankOpportunities({
      legs: [
        leg({ venue: "alpha", perHour: "0.00004", market: { hourly } }),
        leg({ venue: "beta", market: { hourly: flat } }),
      ],
      ...{ rules: ENTRY_RULES, sizeUsdOf: () => notionalUsd("100"), idFor: String },
    });
    // 63 times 0.00032: it never moved.
    expect(ranked[0]?.fading()?.expectedCarryRate.toFixed(5)).toBe("0.02016");
    // Four fills are 0.002: the mean alone pays them.
    expect(ranked[0]?.fading()?.payingSpread8h.toFixed(5)).toBe("-0.01784");
  });
});
