import { parseArgs } from "node:util";
import type { LegPair, SeriesLeg } from "#src/backtest/carry-series.ts";
import { parsePair, spotPair } from "#src/backtest/read/parse-pair.ts";
import { venueNamed } from "#src/backtest/read/venue-names.ts";
import { nameRule, PLAIN_RULES } from "#src/backtest/show/name-rule.ts";
import { type Decimal, dec, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";

export const BACKTEST_HELP = `bun run backtest --data FILE (--pair A-B | --spot VENUE) [options]

Runs trading rules over recorded funding and says what they would have earned after costs.

  --data FILE       a recording, plain or .gz, known by its first line:
                      coin,bucket_end_utc,hl_8h,...            sums of 8 hours
                      ts,venue,base,quote,rate,ih,mark         single settlements
                      time,exchange,crypto,pair,contract,...   8-hour bars of spot and perp
  --pair A-B        perps of two venues; A is short at +1: hl-binance, hl-bybit, bybit-binance
  --spot VENUE      the venue's perp against its own spot (third kind of file)
  --rule NAME       hold, naive, seed2, trailing, gated, rules (the bot's own; the default), several with
                    commas, or all. Figures in the name change them: trail90_21, gated42_63_1.5_42,
                    seed2_0.00011_-0.0001
  --asset A[,B]     default: every recorded asset, and their equal weight
  --json            one JSON object instead of tables;  --trace adds every decision with its figures
  --chart FILE      a picture of equity and funding, .svg or .png

  --slippage RATE   of one fill, as a fraction: 0.0002               (default 0)
  --fee VENUE=RATE  taker fee of one fill; VENUE-spot=RATE for spot   (default: the venue's standard fee)
  --borrow RATE     interest on borrowed coins per hour; without it no coins are borrowed
  --capital X       equity of both accounts over one leg's notional   (default 2)
  --quantity Q      base coins of each leg, in USD at recorded prices (default 1 with --spot)
  --notional USD    instead: what each opening is worth
  --hours 1|8       length of a step (default 8; 1 for rules on single settlements)
  --sees WHAT       settled or upcoming: what rules takes for the spread of the moment (default settled)
  --config FILE     whose parameters rules uses (default config/settings.toml)

Examples
  bun run backtest --data spread.csv --pair hl-binance --rule all
  bun run backtest --data spread.csv --pair hl-binance --rule gated --asset BTC --json
  bun run backtest --data funding.csv.gz --pair hl-bybit --slippage 0.0001 --chart year.svg
  bun run backtest --data spot-perp.csv.gz --spot binance --rule hold --asset BTC
`;

export interface BacktestOptions {
  readonly data: string;
  readonly pair: LegPair;
  /** Names as people write them; "rules" is the bot's own. */
  readonly rules: readonly string[];
  /** Null: every asset. */
  readonly assets: readonly string[] | null;
  readonly json: boolean;
  readonly trace: boolean;
  readonly chart: string | null;
  readonly slippage: Decimal;
  /** Of legs by the name that --fee gives them: binance, binance-spot. */
  readonly fees: ReadonlyMap<string, Decimal>;
  readonly borrowPerHour: Decimal | null;
  readonly capital: Decimal;
  readonly size: { readonly base: Decimal } | { readonly usd: Decimal } | null;
  readonly stepHours: 1 | 8 | null;
  readonly sees: "settled" | "upcoming";
  readonly config: string | null;
}

/** Null: help is wanted. Every mistake is an OperatorError of one line. */
export function readBacktestOptions(args: readonly string[]): BacktestOptions | null {
  const values = parseFlags(args);
  if (values.help) return null;
  if (!values.data) throw new OperatorError("--data FILE is missing; --help shows examples");
  return {
    data: values.data,
    pair: readPair(values.pair, values.spot),
    rules: readRules(values.rule ?? "rules"),
    assets: values.asset === undefined ? null : readList("--asset", values.asset),
    json: values.json ?? false,
    trace: values.trace ?? false,
    chart: readChart(values.chart),
    slippage: readRate("--slippage", values.slippage, "0", "0.05") ?? ZERO,
    fees: readFees(values.fee ?? []),
    borrowPerHour: readRate("--borrow", values.borrow, "0", "0.01"),
    capital: readRate("--capital", values.capital, "0.1", "100") ?? dec("2"),
    size: readSize(values),
    stepHours: readHours(values.hours),
    sees: readSees(values.sees ?? "settled"),
    config: values.config ?? null,
  };
}

/** The name of a leg in --fee. */
export function feeName({ venue, kind }: SeriesLeg): string {
  return kind === "spot" ? `${venue}-spot` : venue;
}

function parseFlags(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    ...{ data: text, pair: text, spot: text, rule: text, asset: text, chart: text },
    ...{ slippage: text, borrow: text, capital: text, quantity: text, notional: text },
    ...{ hours: text, sees: text, config: text, json: flag, trace: flag, help: flag },
    fee: { type: "string", multiple: true },
  } as const;
  try {
    return parseArgs({ args: joinNegatives(args), options }).values;
  } catch (error) {
    const [sentence] = describeError(error).split(". ");
    throw new OperatorError(`${sentence}; --help lists the flags`, { cause: error });
  }
}

/** "--notional -5" as one word: a number below 0 is a wrong value, not a flag of its own. */
function joinNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1) ?? "";
    const isValue = /^-[\d.]/.test(arg) && /^--[a-z]+$/.test(last);
    if (isValue) joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function readPair(pair: string | undefined, spot: string | undefined): LegPair {
  if (pair !== undefined && spot !== undefined) {
    throw new OperatorError("--pair and --spot exclude each other");
  }
  if (spot !== undefined && /^[a-z0-9]{2,20}$/i.test(spot)) return spotPair(spot);
  const perps = pair === undefined ? null : parsePair(pair);
  if (perps) return perps;
  if (pair === undefined && spot === undefined) {
    throw new OperatorError("name what to run: --pair hl-binance, or --spot binance");
  }
  throw new OperatorError(
    pair === undefined
      ? `--spot must name one venue, not "${spot}"`
      : `--pair must name two different venues like hl-binance, not "${pair}"`,
  );
}

function readRules(text: string): readonly string[] {
  if (text === "all") return [...PLAIN_RULES, "rules"];
  const names = readList("--rule", text);
  const unknown = names.find((name) => name !== "rules" && !nameRule(name));
  if (unknown === undefined) return names;
  const known = [...PLAIN_RULES, "rules", "all"].join(", ");
  throw new OperatorError(
    `there is no rule "${unknown}"; there are ${known}, and names with figures`,
  );
}

function readList(flag: string, text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) throw new OperatorError(`${flag} has an empty name`);
  return [...new Set(names)];
}

function readRate(flag: string, text: string | undefined, least: string, most: string) {
  if (text === undefined) return null;
  const value = parseDecimal(text);
  if (value?.gte(least) && value.lte(most)) return value;
  throw new OperatorError(`${flag} must be a number from ${least} to ${most}, not "${text}"`);
}

function readFees(entries: readonly string[]): ReadonlyMap<string, Decimal> {
  return new Map(
    entries.map((entry) => {
      const [, venue = "", spot = "", text = ""] = /^([a-z0-9]+)(-spot)?=(.+)$/i.exec(entry) ?? [];
      const value = parseDecimal(text);
      if (!venue || !value?.gte("-0.01") || !value.lte("0.05")) {
        throw new OperatorError(`--fee must look like binance=0.0005, not "${entry}"`);
      }
      return [`${venueNamed(venue.toLowerCase())}${spot.toLowerCase()}`, value] as const;
    }),
  );
}

function readSize(values: { quantity?: string | undefined; notional?: string | undefined }) {
  if (values.quantity !== undefined && values.notional !== undefined) {
    throw new OperatorError("--quantity and --notional exclude each other");
  }
  const base = readRate("--quantity", values.quantity, "0.00000001", "1000000000000");
  const usd = readRate("--notional", values.notional, "1", "1000000000");
  if (base) return { base };
  return usd ? { usd } : null;
}

function readHours(text: string | undefined): 1 | 8 | null {
  if (text === undefined) return null;
  if (text === "1") return 1;
  if (text === "8") return 8;
  throw new OperatorError(`--hours must be 1 or 8, not "${text}"`);
}

function readSees(text: string): "settled" | "upcoming" {
  if (text === "settled" || text === "upcoming") return text;
  throw new OperatorError(`--sees must be settled or upcoming, not "${text}"`);
}

function readChart(text: string | undefined): string | null {
  if (text === undefined || /\.(svg|png)$/i.test(text)) return text ?? null;
  throw new OperatorError(`--chart must end with .svg or .png, not "${text}"`);
}
