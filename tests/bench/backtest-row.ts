import { accountRates } from "#src/backtest/account-rates.ts";
import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { gatedRule } from "#src/backtest/plain-rules.ts";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { median, row } from "./measure.ts";

const ASSETS = 54;
const STEPS = 8_760;
/** Every step is a settlement of both legs. */
const EVENTS = ASSETS * STEPS * 2;

/**
 * A year of hourly funding of 54 pairs through the gated rule with its whole account, exact; beside one
 * typed-array loop over the same rates that only follows their mean, in floats.
 */
export function backtestRow(): readonly string[] {
  const pairs = Array.from({ length: ASSETS }, (_, asset) => makePair(asset));
  const costs = { feeRate: dec("0.00095"), slippageRate: dec("0.0001"), borrowPerHour: null };
  const rule = gatedRule({ lookback: 336, horizon: 504, multiple: dec("1.5"), exitLookback: 336 });
  let entries = 0;
  const ours = median(7, () => {
    for (const { series } of pairs) {
      entries += accountRates(series, rule.run(series, costs).positions, costs).entries;
    }
  });
  if (entries === 0) throw new Error("the rule entered nowhere");
  let net = 0;
  const floor = median(7, () => {
    for (const { first, second } of pairs) net += plainLoop(first, second);
  });
  if (net === 0) throw new Error("the plain loop earned nothing");
  const [fast, plain] = [ours, floor].map((ms) => (EVENTS / ms / 1_000).toFixed(0));
  return row(
    `backtest a year hourly × ${ASSETS} pairs, exact (${fast} M events/s); floor: plain float loop (${plain} M/s)`,
    ours,
    floor,
  );
}

/** The same rule on floats: a running mean, a gate, an exit, one sum. */
function plainLoop(first: Float64Array, second: Float64Array): number {
  let [window, held, net] = [0, 0, 0];
  for (let step = 0; step < STEPS; step += 1) {
    const carry = (first[step] ?? 0) - (second[step] ?? 0);
    net += held * carry;
    window += carry;
    if (step < 336) continue;
    window -= (first[step - 336] ?? 0) - (second[step - 336] ?? 0);
    const next =
      held === 0
        ? Math.abs(window) * 504 >= 0.00315 * 336 && carry * window > 0
          ? Math.sign(window)
          : 0
        : held * window < 0
          ? 0
          : held;
    net -= Math.abs(next - held) * 0.00105;
    held = next;
  }
  return net;
}

/** Two venues whose spread drifts slowly around nothing; the same on every machine. */
function makePair(asset: number) {
  const [first, second] = [new Float64Array(STEPS), new Float64Array(STEPS)];
  const carry = new Float64Array(STEPS);
  const noise = noiseFrom(asset + 1);
  for (let step = 0; step < STEPS; step += 1) {
    const drift = Math.sin((step / STEPS) * (6 + asset)) * 3e7;
    const [a, b] = [1.25e7 + drift + noise() * 2e7, 1.25e7 + noise() * 2e7].map(Math.round);
    [first[step], second[step]] = [(a ?? 0) / 1e12, (b ?? 0) / 1e12];
    carry[step] = (a ?? 0) - (b ?? 0);
  }
  const series: CarrySeries = {
    first: { venue: "hyperliquid", kind: "perp" },
    second: { venue: "extended", kind: "perp" },
    ...{ asset: `A${asset}`, stepHours: 1, places: 12, carry, settled8h: carry, upcoming8h: null },
    endAt: Float64Array.from(carry, (_, step) => step * HOUR_MS),
    ...{ stamps: null, prices: null, rounded: 0, gaps: 0 },
  };
  return { first, second, series };
}

/** −1 to 1, by a linear congruential generator. */
function noiseFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 1_073_741_824 - 1;
  };
}
