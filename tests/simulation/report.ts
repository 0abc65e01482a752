import { engineFingerprint } from "#src/main/read-proof.ts";
import { formatTable } from "#src/reports/format.ts";
import type { ProofView } from "#src/reports/proof-view.ts";
import { FAULTS, type Fault } from "./faults.ts";
import type { MutantVerdict } from "./kill-mutants.ts";
import type { Tally } from "./tally.ts";

/** The run that /proof shows; written by `bun run simulate --report`. */
const REPORT_FILE = new URL("./proof.json", import.meta.url).pathname;
const HOUR_MS = 3_600_000;

export async function saveReport(
  tally: Tally,
  run: {
    readonly from: number;
    readonly crashPoints: number;
    readonly defects: readonly MutantVerdict[];
  },
): Promise<void> {
  const proof: Omit<ProofView, "isCurrent"> = {
    engine: engineFingerprint(),
    from: run.from,
    schedules: tally.schedules,
    crashPoints: run.crashPoints,
    crashes: tally.crashes,
    violations: tally.violations,
    virtualHours: Math.round(tally.virtualMs / HOUR_MS),
    longestNakedMs: tally.longestNakedMs,
    longestUntoldMs: tally.longestUntoldMs,
    ends: tally.ends,
    faults: FAULTS.flatMap((name) => {
      const one = tally.faults[name];
      if (!one) return [];
      const { reached: struck, ends, longestNakedMs, longestUntoldMs } = one;
      return [{ name, label: WORDS[name], struck, ends, longestNakedMs, longestUntoldMs }];
    }),
    defects: run.defects.map(({ name, killedBy }) => ({ name, foundBy: killedBy?.rule ?? null })),
  };
  await Bun.write(REPORT_FILE, `${JSON.stringify(proof, null, 1)}\n`);
}

/** Per fault kind: how often it struck, how the hedges ended, and how long one stood naked. */
export function describeReport({ faults }: Tally): string {
  const rows = FAULTS.map((fault) => {
    const one = faults[fault];
    const ends = one?.ends;
    return [
      WORDS[fault],
      ...[one?.reached, ends?.neutral, ends?.flat, ends?.held, ends?.silent].map(
        (n) => `${n ?? 0}`,
      ),
      ((one?.longestNakedMs ?? 0) / 1_000).toFixed(1),
      ((one?.longestUntoldMs ?? 0) / 1_000).toFixed(1),
    ];
  });
  const head = [
    "fault",
    "struck",
    "neutral",
    "flat",
    "held, told",
    "silent",
    "naked s",
    "untold s",
  ];
  return formatTable([head, ...rows]);
}

const WORDS: Readonly<Record<Fault, string>> = {
  requestLost: "A request never arrives",
  answerLost: "An answer never comes back",
  lateLanding: "An order arrives seconds late",
  failsThenLands: "An order fails, and is carried out later",
  deliveredTwice: "An order is delivered twice",
  slow: "A venue takes up to a minute to answer",
  outage: "A venue is down for a while",
  error5xxBefore: "A server error before the order",
  error5xxAfter: "A server error after the order",
  html200: "A web page instead of an answer",
  emptyBody: "An empty answer",
  malformedJson: "A broken answer",
  codeIn200: "A success without an order behind it",
  unlistedCode: "An error code that nobody knows",
  rateLimited: "Too many requests",
  ipBan: "Banned for a while",
  duplicateAnswer: "A filled order is called a duplicate",
  refusedMargin: "Refused for lack of margin",
  refusedReduceOnly: "A closing order is refused",
  partialFill: "An order is filled in part",
  nothingFilled: "The price has run away",
  lateFill: "An order fills after its answer",
  cancelLost: "A cancel is lost",
  restingFilledWhileCancelled: "A cancel races with a fill",
  lookupLags: "A look-up does not see the order yet",
  lookupFails: "A look-up fails",
  lookupForgets: "Look-ups forget an order",
  fillsTruncated: "A list of fills is cut off",
  fillsTwice: "A list repeats its fills",
  fillsShuffled: "Fills come out of order",
  foundOther: "A look-up shows another order",
  stalePositions: "Positions are seconds old",
  emptyPositions: "Positions are missing from an answer",
  positionsFail: "Positions cannot be read",
  frozen: "A market is frozen, for a while or for good",
  reduceOnlyMarket: "A market takes closing orders only",
  lotChanged: "The lot size changes",
  hedgeMode: "The account is in the wrong mode",
  keyRevoked: "An API key stops working",
  liquidation: "A leg is liquidated",
  deleveraging: "A leg is auto-deleveraged",
  tradeByHand: "Somebody trades the leg by hand",
  silentChange: "A position changes without a trace",
  sizeBelowMinimum: "The least order size rises",
  crash: "The process dies",
  crashInRecovery: "It dies again while recovering",
  powerLoss: "The power fails",
  diskFull: "The disk is full",
  storeBusy: "The database is locked",
  writeFails: "Single writes fail",
  clockAhead: "The clock jumps 30 s ahead",
  clockBehind: "The clock falls 30 s behind",
  stall: "The process stands still for seconds",
  oldBackup: "An old backup is restored",
  doubleTap: "Approve is tapped twice",
  staleTap: "An expired card is tapped",
  killInFlight: "/kill while orders are out",
  haltInFlight: "/halt while orders are out",
  closeInFlight: "Close while the hedge is still opening",
  feeInCoins: "A fee is taken in coins",
  borrowRefused: "Nobody lends the coins any more",
  loanGrows: "Interest makes a loan grow",
  ownCoins: "The owner's own coins are in the wallet",
  coinsArrive: "The owner brings coins of his own",
  coinsLeave: "Coins are withdrawn",
  coinsTradedByHand: "The owner trades the same coin by hand",
};
