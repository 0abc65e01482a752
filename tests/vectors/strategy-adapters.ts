import { type Decimal, dec } from "#src/core/decimal.ts";
import { borrowPerHour, qualifyShortSpot } from "#src/core/figures/borrow.ts";
import {
  accruedEstimate,
  expectedCarry,
  minEntrySpread,
  predictedBlend,
  type RevertingSpread,
  windowCarry,
} from "#src/core/figures/carry.ts";
import { crossQuote, fundingSeries, markVsExit } from "#src/core/figures/pnl.ts";
import { score } from "#src/core/figures/score.ts";
import { rebalanceAction } from "#src/core/rules/drift.ts";
import {
  breakEvenSpread8h,
  entryBasis,
  entryGate,
  inEntryWindow,
  seed2Threshold,
} from "#src/core/rules/entry-gate.ts";
import { exitOnSpread, rotateGate } from "#src/core/rules/exit-rule.ts";
import { baseSize, price } from "#src/core/units.ts";
import { Fields, sideOf } from "#tests/vectors/fields.ts";
import { MARGIN_ADAPTERS } from "#tests/vectors/margin-adapters.ts";
import { METRIC_ADAPTERS } from "#tests/vectors/metric-adapters.ts";

/** The rule set's part of the vectors: carry, entry, exit, rotation, borrow, drift. */
export const STRATEGY_ADAPTERS: Readonly<Record<string, (input: Fields) => unknown>> = {
  expectedCarry: (input) => expectedCarry(input.decimal("spread0"), revertingOf(input)),
  minEntrySpread: (input) => ({ spread0: minEntrySpread(revertingOf(input)) }),
  predictedBlend: (input) => ({
    rate: predictedBlend(
      input.decimal("realisedSoFar"),
      input.decimal("currentEstimate"),
      input.decimal("elapsedFraction"),
    ),
  }),
  windowCarry: (input) => ({
    rate: windowCarry(Number(input.text("fromMs")), Number(input.text("toMs")), {
      short: legRate(input.inner("short")),
      long: legRate(input.inner("long")),
    }),
  }),
  accruedEstimate: (input) =>
    accruedEstimate(
      input.list("legs").map((one) => {
        const leg = new Fields(one);
        return {
          ...settlement(leg),
          side: sideOf(leg),
          intervalHours: leg.decimal("intervalHours"),
          elapsedHours: leg.decimal("elapsedHours"),
        };
      }),
    ),
  breakEvenSpread8h: (input) =>
    breakEvenSpread8h(
      input.decimal("costRate"),
      input.decimal("horizonHours"),
      input.decimal("safetyMultiple", "1"),
    ),
  seed2Threshold: (input) => ({
    spread8h: seed2Threshold(
      input.decimal("sizeUsd"),
      input.decimal("base"),
      input.decimal("per10k"),
    ),
  }),
  entryGate: (input) =>
    entryGate({
      costRate: input.decimal("cost"),
      trailingMean8h: input.decimal("trailingMean8h"),
      instant8h: input.decimal("instant8h"),
      horizonHours: input.decimal("horizonHours"),
      multiple: input.decimal("multiple"),
    }),
  inEntryWindow: (input) => ({
    in: inEntryWindow(
      Number(input.text("nowMs")),
      Number(input.text("fundingMs")),
      Number(input.text("minLeadMin")),
      Number(input.text("maxLeadMin")),
    ),
  }),
  entryBasis: (input) =>
    entryBasis(input.decimal("qty"), input.decimal("shortPrice"), input.decimal("longPrice")),
  exitOnSpread: (input) => ({
    action:
      SPREAD_LABELS[
        exitOnSpread(
          input.decimal("spread8h"),
          input.decimal("tolerance8h"),
          input.optional("trailingMean8h"),
        )
      ],
  }),
  rotateGate: (input) =>
    rotateGate({
      current8h: input.decimal("current8h"),
      candidate8h: input.decimal("candidate8h"),
      horizonHours: input.decimal("horizonHours"),
      switchCost: input.decimal("switchCost"),
      multiple: input.decimal("multiple"),
    }),
  borrowPerHour: (input) => borrowPerHour(input.decimal("rate"), Number(input.text("periodMs"))),
  qualifyShortSpot: (input) =>
    qualifyShortSpot({
      fundingRate: input.decimal("fundingRate"),
      intervalHours: input.decimal("intervalHours"),
      borrowPerHour: input.decimal("borrowPerHour"),
      safety: input.decimal("safety"),
    }),
  rebalanceAction: rebalance,
  score: (input) =>
    score({
      funding8h: input.decimal("funding8h"),
      volume24hUsd: input.decimal("volume24hUsd"),
      meanFunding8h: input.decimal("meanFunding8h"),
      sdFunding8h: input.decimal("sdFunding8h"),
      bidAskSpread: input.decimal("bidAskSpread"),
    }),
  fundingSeries: (input) =>
    fundingSeries(
      sideOf(input),
      input.list("settlements").map((one) => settlement(new Fields(one))),
    ),
  crossQuote: (input) => crossQuote(["Usdt", "Usdc"].map((quote) => quoteLine(input, quote))),
  markVsExit: (input) =>
    markVsExit({
      side: sideOf(input),
      size: input.decimal("qty"),
      entry: input.decimal("entry"),
      mark: input.decimal("mark"),
      exit: input.decimal(sideOf(input) === "short" ? "ask" : "bid"),
    }),
  ...MARGIN_ADAPTERS,
  ...METRIC_ADAPTERS,
};

const SPREAD_LABELS = { hold: "HOLD", watch: "HOLD_WATCH", exit: "EXIT" };
const ACTION_LABELS = {
  none: "NONE",
  increase: "INCREASE",
  reduce: "REDUCE",
  closeAll: "CLOSE_ALL",
};
const REASON_LABELS = { withinLimit: "WITHIN_LIMIT", dust: "DUST", sameSide: "SAME_SIDE" };

function rebalance(input: Fields): unknown {
  const found = rebalanceAction({
    legs: [input.decimal("qtyA"), input.decimal("qtyB")],
    price: input.decimal("price"),
    margin: bandOf(input),
    // The cases tell drifts of a fill that is still missing.
    fillMissing: true,
    limits: {
      maxDrift: input.decimal("maxDrift", "0.03"),
      emergencyDrift: input.decimal("emergencyDrift", "0.1"),
      minUsd: input.decimal("minUsd", "100"),
    },
  });
  return {
    ...found,
    action: ACTION_LABELS[found.action],
    ...("reason" in found ? { reason: REASON_LABELS[found.reason] } : {}),
    ...("leg" in found
      ? { leg: found.leg === 0 ? "A" : "B", priority: found.priority.toUpperCase() }
      : {}),
  };
}

function bandOf(input: Fields) {
  const named = input.text("margin");
  const bands = ["green", "yellow", "orange", "red"] as const;
  return bands.find((band) => band === named) ?? "red";
}

function revertingOf(input: Fields): RevertingSpread {
  return {
    longRunMean: input.decimal("longRunMean"),
    rho: input.decimal("rho"),
    intervals: Number(input.text("intervals")),
    costRate: input.decimal("costRate"),
  };
}

function legRate(leg: Fields) {
  return {
    rate: leg.decimal("rate"),
    intervalHours: leg.decimal("intervalHours"),
    continuous: leg.raw("continuous") === true,
  };
}

function settlement(fields: Fields) {
  return {
    sizeBase: baseSize(fields.decimal("qty")),
    refPrice: price(fields.decimal("refPrice")),
    rate: fields.decimal("rate"),
  };
}

/** The cases name one currency's figures pnlUsdt, usdtUsd, usdtUsdStart, collateralUsdt. */
function quoteLine(input: Fields, quote: string) {
  const now: Decimal = input.decimal(`${quote.toLowerCase()}Usd`, "1");
  return {
    pnl: input.decimal(`pnl${quote}`, "0"),
    collateral: input.decimal(`collateral${quote}`, "0"),
    usdAtStart: input.decimal(`${quote.toLowerCase()}UsdStart`, now.toFixed()),
    usdNow: dec(now),
  };
}
