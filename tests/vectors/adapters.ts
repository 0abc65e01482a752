import { walkBook } from "#src/core/book.ts";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { type Decimal, dec } from "#src/core/decimal.ts";
import { breakEven, roundTripFeeRate, roundTripFeeUsd } from "#src/core/figures/costs.ts";
import { averageEntry, equityIdentity, hedgePnl, partialClose } from "#src/core/figures/pnl.ts";
import {
  annualise,
  annualiseOnCapital,
  fundingPayment,
  normalizeRate,
  pairSpread,
  settlementsIn,
} from "#src/core/funding.ts";
import {
  canonicalAsset,
  commonStep,
  sameAssetCheck,
  stepInCanonicalBase,
} from "#src/core/instrument.ts";
import { parseIntervalHours } from "#src/core/interval.ts";
import type { SizeBound } from "#src/core/proposal.ts";
import { deltaDrift } from "#src/core/rules/drift.ts";
import { baseSize, price } from "#src/core/units.ts";
import { sizeHedge } from "#src/proposals/size-hedge.ts";
import { inferIntervalFromHistory } from "#src/rates/normalize-rate.ts";
import { decimals, type Fields, sideOf } from "#tests/vectors/fields.ts";
import { judgeLegs } from "#tests/vectors/guard-adapter.ts";
import { STRATEGY_ADAPTERS } from "#tests/vectors/strategy-adapters.ts";
import { VENUE_ADAPTERS } from "#tests/vectors/venue-adapters.ts";

type Adapter = (input: Fields) => unknown;

/** Each function of the vectors, computed by the product's own; only field names are adapted here. */
export const ADAPTERS: Readonly<Record<string, Adapter>> = {
  normalizeRate: (input) => ({
    rate: normalizeRate(
      input.decimal("rate"),
      input.decimal("intervalHours"),
      input.decimal("targetHours"),
    ),
  }),
  annualise: (input) => annualise(input.decimal("rate"), input.decimal("intervalHours")),
  annualiseOnCapital: (input) =>
    annualiseOnCapital(
      input.decimal("spread8h"),
      input.decimal("notionalPerLeg"),
      input.decimal("equityA").plus(input.decimal("equityB")),
    ),
  pairSpread: (input) => pairSpread(quote(input.inner("a")), quote(input.inner("b"))),
  parseIntervalHours: (input) =>
    orError(
      parseIntervalHours(input.text("ccxtInterval"), input.text("hint")),
      (hours) => ({ hours }),
      "INTERVAL_UNKNOWN",
    ),
  inferIntervalFromHistory: (input) =>
    orError(
      inferIntervalFromHistory(input.list("timestampsMs").map(Number)),
      (hours) => ({ hours }),
      "INTERVAL_UNKNOWN",
    ),
  roundTripFeeRate: (input) => ({ rate: roundTripFeeRate(fourFills(input)) }),
  roundTripFeeUsd: (input) => ({ usd: feesInUsd(input) }),
  bookWalk: walk,
  breakEven: (input) =>
    orError(
      breakEven(
        input.decimal("costRate"),
        input.decimal("spread8h"),
        dec("8"),
        input.decimal("intervalHours"),
      ),
      (found) => found,
      "NEVER",
    ),
  commonStep: (input) => ({ step: commonStep(input.decimal("stepA"), input.decimal("stepB")) }),
  stepInCanonicalBase: (input) => ({
    step: stepInCanonicalBase(
      input.decimal("amountPrecision"),
      input.decimal("contractSize"),
      input.decimal("unitMultiplier"),
    ),
  }),
  canonicalAsset: (input) => canonicalAsset(input.text("base") ?? ""),
  sameAssetCheck: (input) =>
    sameAssetCheck(
      input.decimal("midA").div(input.decimal("multA", "1")),
      input.decimal("midB").div(input.decimal("multB", "1")),
      input.decimal("maxRelDiff"),
    ),
  sizeHedge: size,
  deltaDrift: (input) => deltaDrift(input.decimal("qtyA"), input.decimal("qtyB")),
  fundingPayment: (input) => ({
    payment: fundingPayment(
      sideOf(input),
      baseSize(input.decimal("qty").times(input.decimal("contractSize", "1"))),
      price(input.decimal("refPrice")),
      input.decimal("rate"),
    ),
  }),
  settlementsIn: (input) => ({
    count: settlementsIn(
      Number(input.text("fromMs")),
      Number(input.text("toMs")),
      input.decimal("intervalHours"),
    ),
  }),
  hedgePnl: (input) =>
    hedgePnl({
      qtyShort: input.decimal("qtyShort"),
      qtyLong: input.decimal("qtyLong"),
      shortEntry: input.decimal("shortEntry"),
      shortExit: input.decimal("shortExit"),
      longEntry: input.decimal("longEntry"),
      longExit: input.decimal("longExit"),
      funding: decimals(input.list("funding")),
      fees: decimals(input.list("fees")),
      borrow: input.decimal("borrow", "0"),
    }),
  averageEntry: (input) => {
    const fills = input.list("fills").map((fill) => {
      const [quantity = "0", paid = "0"] = Array.isArray(fill) ? fill : [];
      return { size: dec(String(quantity)), price: dec(String(paid)) };
    });
    const { size: qty, price: avg } = averageEntry(fills);
    return { qty, avg };
  },
  partialClose: (input) => {
    const { realised, remaining, average } = partialClose({
      side: sideOf(input),
      size: input.decimal("qty"),
      average: input.decimal("avg"),
      closeSize: input.decimal("closeQty"),
      closePrice: input.decimal("closePrice"),
    });
    return { realised, remaining, avg: average };
  },
  equityIdentity: (input) =>
    equityIdentity({
      start: [input.decimal("equityStartA"), input.decimal("equityStartB")],
      deposits: input.decimal("deposits", "0"),
      withdrawals: input.decimal("withdrawals", "0"),
      pnl: decimals(input.list("pnlComponents")),
      end: [input.decimal("equityEndA"), input.decimal("equityEndB")],
    }),
  deltaNeutralGuard: (input) => judgeLegs(input),
  ...VENUE_ADAPTERS,
  ...STRATEGY_ADAPTERS,
  canonicalHash: (input) => ({ hash: canonicalHash(input.raw("value")) }),
};

function size(input: Fields): unknown {
  const leg = (name: "A" | "B") => ({
    equityUsd: input.decimal(`equity${name}`),
    price: input.decimal(`price${name}`),
    lotStepBase: input.decimal(`step${name}`),
    minSizeBase: input.decimal(`minQty${name}`, "0"),
    minNotionalUsd: input.decimal(`minNotional${name}`, "0"),
  });
  const known = new Set(["hardCapUsd"]);
  const others = input
    .names()
    .filter(
      (name) =>
        /(Usd|Limit|Room|Notional)$/.test(name) &&
        !known.has(name) &&
        !name.startsWith("minNotional"),
    );
  const bounds: Partial<Record<SizeBound, Decimal>> = {};
  const label = new Map<string, string>([
    ["equityShare", "guard80"],
    ["hardCapUsd", "hardCapUsd"],
  ]);
  const slots: readonly SizeBound[] = [
    "depthUsd",
    "venueRoom",
    "freeMargin",
    "liquidationDistance",
    "mandateRoom",
  ];
  others.forEach((name, index) => {
    const slot = slots[index];
    if (!slot) throw new Error(`too many limits in the case: ${name}`);
    bounds[slot] = input.decimal(name);
    label.set(slot, name);
  });
  const sized = sizeHedge({
    legs: [leg("A"), leg("B")],
    equityShare: input.decimal("equityShare", "0.8"),
    hardCapUsd: input.decimal("hardCapUsd"),
    bounds,
  });
  if (!sized.ok) return { ok: false, reason: sized.reason, qty: sized.sizeBase };
  return {
    ok: true,
    qty: sized.sizeBase,
    binding: label.get(sized.boundBy) ?? sized.boundBy,
    notionalA: sized.notionalsUsd[0],
    notionalB: sized.notionalsUsd[1],
  };
}

function walk(input: Fields): unknown {
  const contractSize = input.decimal("contractSize", "1");
  const levels = input.list("levels").map((level) => {
    const [at = "0", amount = "0"] = Array.isArray(level) ? level : [];
    return {
      price: price(String(at)),
      sizeBase: baseSize(dec(String(amount)).times(contractSize)),
    };
  });
  return walkBook(levels, baseSize(input.decimal("qtyBase")));
}

function feesInUsd(input: Fields): Decimal {
  const [shortIn, longIn, shortOut, longOut] = decimals(input.list("fees"));
  if (!shortIn || !longIn || !shortOut || !longOut) throw new Error("the case has no four fees");
  const prices = {
    shortIn: input.decimal("shortEntry"),
    longIn: input.decimal("longEntry"),
    shortOut: input.decimal("shortExit"),
    longOut: input.decimal("longExit"),
  };
  return roundTripFeeUsd(input.decimal("qty"), prices, { shortIn, longIn, shortOut, longOut });
}

function fourFills(input: Fields) {
  return {
    shortIn: input.decimal("shortIn"),
    longIn: input.decimal("longIn"),
    shortOut: input.decimal("shortOut"),
    longOut: input.decimal("longOut"),
  };
}

function quote(fields: Fields) {
  return {
    venue: fields.text("venue") ?? "",
    rate: fields.decimal("rate"),
    intervalHours: fields.decimal("intervalHours"),
  };
}

function orError<T>(value: T | null, present: (value: T) => unknown, error: string): unknown {
  return value === null ? { error } : present(value);
}
