import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import { baseSize, price, rate } from "#src/core/units.ts";
import { checkOpen } from "#src/guard/check.ts";
import type { RankLeg } from "#src/opportunities/pair-legs.ts";
import { rankOpportunities } from "#src/opportunities/rank-opportunities.ts";
import { approvalOf, instrument, NOW, openCheck } from "#tests/support/builders.ts";
import { ENTRY_RULES, GOOD_MARKET, SIZE_100 } from "#tests/support/entry-rules.ts";
import { median, row } from "./measure.ts";

/** 12 venues × 600 instruments ranked, beside one pass that only finds each asset's extremes. */
export function rankRow(): readonly string[] {
  const legs = manyLegs(12, 600);
  const fixed = { rules: ENTRY_RULES, sizeUsdOf: SIZE_100, idFor: (asset: string) => asset };
  const ours = median(15, () => rankOpportunities({ ...fixed, legs }));
  const floats = legs.map((leg) => ({
    asset: leg.instrument.asset,
    perHour: Number(leg.trailingPerHour?.toFixed() ?? 0),
  }));
  const floor = median(15, () => {
    const extremes = new Map<string, { high: number; low: number }>();
    for (const { asset, perHour } of floats) {
      const known = extremes.get(asset);
      if (!known) extremes.set(asset, { high: perHour, low: perHour });
      else {
        known.high = Math.max(known.high, perHour);
        known.low = Math.min(known.low, perHour);
      }
    }
    return extremes;
  });
  return row("rank 12 venues × 600 instruments, exact; floor: one pass over floats", ours, floor);
}

/** The guard's verdict, beside the same comparisons on floats without a ticket. */
export function guardRow(): readonly string[] {
  const check = openCheck();
  const proposalHash = canonicalHash(check.proposal);
  const authority = approvalOf(check.proposal);
  const batch = 200;
  const ours = median(15, () => {
    for (let turn = 0; turn < batch; turn += 1) checkOpen({ ...check, proposalHash, authority });
  });
  const [a, b] = check.snapshot.legs.map((leg) => ({
    size: Number(check.proposal.sizeBase.toFixed()),
    mark: Number(leg.markPrice.toFixed()),
    equity: Number(leg.account.equityUsd.toFixed()),
    rate: Number(leg.funding.rate.toFixed()),
    at: leg.book.observedAt,
  }));
  let passed = 0;
  const floor = median(15, () => {
    for (let turn = 0; turn < batch; turn += 1) if (a && b && floatRules(a, b)) passed += 1;
  });
  if (passed === 0) throw new Error("the float rules let nothing pass");
  const perSecond = Math.round(batch / (ours / 1000));
  return row(
    `guard check with ticket (${perSecond}/s); floor: the rules on floats`,
    ours / batch,
    floor / batch,
  );
}

interface FloatLeg {
  readonly size: number;
  readonly mark: number;
  readonly equity: number;
  readonly rate: number;
  readonly at: number;
}

function floatRules(a: FloatLeg, b: FloatLeg): boolean {
  const limit = 0.8 * Math.min(a.equity, b.equity);
  return [a, b].every((leg) => {
    const notional = leg.size * leg.mark;
    const liquidation = (leg.equity + notional) / (leg.size * 1.01);
    return (
      leg.size === b.size &&
      Math.abs(leg.size / 0.001 - Math.round(leg.size / 0.001)) < 1e-9 &&
      notional <= limit &&
      notional <= 50_000 &&
      notional / 3 <= leg.equity &&
      Math.abs(leg.rate) <= 0.04 &&
      NOW - leg.at <= 5_000 &&
      Math.abs(a.mark / b.mark - 1) <= 0.02 &&
      Math.abs(liquidation / leg.mark - 1) >= 0.2
    );
  });
}

function manyLegs(venues: number, assets: number): readonly RankLeg[] {
  return Array.from({ length: venues * assets }, (_, index) => {
    const venue = `venue${index % venues}`;
    const asset = `A${Math.floor(index / venues)}`;
    const traded = instrument({ venue, asset, symbol: asset, lotStepBase: baseSize("0.001") });
    const perHour = rate(dec(String((index * 7919) % 1_000)).div("100000000"));
    return {
      instrument: traded,
      funding: {
        ...{ venue, symbol: asset, asset, fundingAt: NOW, observedAt: NOW },
        rate: rate(perHour.times("8")),
        intervalHours: dec("8"),
      },
      trailingPerHour: perHour,
      slippageRate: rate("0.0001"),
      midPrice: price("100"),
      market: GOOD_MARKET,
    };
  });
}
