import {
  gatedRule,
  holdRule,
  naiveRule,
  SEED2_ENTER,
  SEED2_LEAVE,
  seed2Rule,
  trailingRule,
} from "#src/backtest/plain-rules.ts";
import type { Rule } from "#src/backtest/walk-series.ts";
import { type Decimal, dec, parseDecimal } from "#src/core/decimal.ts";

export const PLAIN_RULES = ["hold", "naive", "seed2", "trailing", "gated"] as const;

/**
 * A rule by its name, which carries its figures where they differ from the usual: `trail90_21`,
 * `gated42_63_1.5_42`, `seed2_0.00011_-0.0001`. Null for no such rule.
 */
export function nameRule(name: string): Rule | null {
  if (name === "hold") return holdRule();
  if (name === "naive") return naiveRule();
  if (name === "seed2") return seed2Rule(SEED2_ENTER, SEED2_LEAVE);
  if (name === "trailing") return trailingRule(90, 21);
  if (name === "gated") return gated(["42", "63", "1.5", "42"]);
  const [, kind, rest = ""] = /^(seed2_|trail|gated)(.+)$/.exec(name) ?? [];
  const parts = rest.split("_");
  if (kind === "seed2_") return seed2(parts);
  if (kind === "trail") return trail(parts);
  return kind === "gated" ? gated(parts) : null;
}

function seed2(parts: readonly string[]): Rule | null {
  const [enter, leave] = parts.map((part) => parseDecimal(part));
  return parts.length === 2 && enter?.gte("0") && leave ? seed2Rule(enter, leave) : null;
}

function trail(parts: readonly string[]): Rule | null {
  const [window, every] = parts.map(steps);
  return parts.length === 2 && window && every ? trailingRule(window, every) : null;
}

function gated(parts: readonly string[]): Rule | null {
  const [lookback, horizon, , exitLookback] = parts.map(steps);
  const multiple: Decimal | null = parseDecimal(parts[2] ?? "");
  if (parts.length !== 4 || !lookback || !horizon || !exitLookback) return null;
  return multiple?.gte("0")
    ? gatedRule({ lookback, horizon, multiple: dec(multiple), exitLookback })
    : null;
}

/** A whole number of steps above 0; null for anything else. */
function steps(text: string): number | null {
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : null;
}
