import { assetIn, keyOf, type Limits, type Run, type ShownLeg, type Truth } from "./evidence.ts";
import {
  type Fixed,
  fixed,
  larger,
  magnitude,
  plus,
  smaller,
  tenThousandthsOf,
  timesFixed,
} from "./fixed.ts";
import type { OwnBooks } from "./own-books.ts";
import {
  backingShare,
  isAsShown,
  isCoins,
  loanFault,
  pairFault,
  paysLoan,
  takenShare,
} from "./spot-rules.ts";

/** Rates that a scan chooses by may have been read so long before. */
const LOOKED_AT_RATES_MS = 20_000;
/** Accounts that limits across hedges are measured on may have been read so long before. */
export const ACCOUNTS_SEEN_MS = 4_000;
const ZERO = 0n;

type Planned = Pick<Run, "asset" | "legs" | "cause">;

interface PlanParts {
  readonly truth: Truth;
  readonly limits: Limits;
  readonly books: OwnBooks;
  /** Everything that was begun so far. */
  readonly runs: readonly Run[];
  turnAt(at: number): number;
  find(rule: string, detail: string): void;
}

/** What must be true of both legs of a hedge before its first order. */
export class PlanRules {
  readonly #parts: PlanParts;

  constructor(parts: PlanParts) {
    this.#parts = parts;
  }

  checkPlan({ asset, legs, bounds, cause }: Run): void {
    const [a, b] = legs;
    for (const leg of legs) this.#checkLeg({ asset, legs, cause }, leg);
    this.#checkSpot({ legs, cause, bounds });
    if (bounds) return;
    if (!a || !b || legs.length !== 2) {
      this.#find("NOT_TWO_LEGS", asset);
      return;
    }
    if (a.sizeBase !== b.sizeBase) this.#find("UNEQUAL_BASE", `${a.sizeBase} ${b.sizeBase}`);
    if (a.side === b.side) this.#find("SAME_DIRECTION", `${a.side} ${b.side}`);
    const fault = pairFault(a, b);
    if (fault) this.#find(fault, `${keyOf(a)} ${keyOf(b)}`);
    this.#checkPrices(a, b, cause.turn);
    for (const leg of legs) {
      const mids = this.#parts.truth.mids(leg.venue, leg.symbol, cause.turn);
      if (!mids.some((mid) => near(mid, fixed(leg.priceSeen), 51n)))
        this.#find("PRICE_MOVED", `${keyOf(leg)} seen at ${leg.priceSeen}`);
    }
  }

  /** The second leg of a hedge that nobody was shown has come. */
  checkSecond(run: Run, begun: ShownLeg, leg: ShownLeg): void {
    this.#checkLeg(run, leg);
    this.#checkSpot(run);
    const least = leastNotional(this.#parts.truth, begun, run.cause.turn);
    this.#checkBacking(run.legs, begun, least, run.cause.turn);
    this.#checkPrices(begun, leg, run.cause.turn);
  }

  /** Coins that are not ours are sold only on a good word that somebody lends them. */
  #checkSpot({ legs, cause, bounds }: Pick<Run, "legs" | "cause" | "bounds">): void {
    const { truth, limits, turnAt } = this.#parts;
    const coins = legs.find((leg) => isCoins(leg) && leg.side === "short");
    if (!coins) return;
    const { venue, symbol } = coins;
    const loans = truth.loans(venue, symbol, cause.turn);
    const fault = loanFault(loans, fixed(coins.sizeBase));
    if (fault) this.#find(fault, `${keyOf(coins)} ${coins.sizeBase}`);
    const shown = coins.paysText;
    if (shown !== null && !isAsShown(loans, shown)) this.#find("LOAN_DEARER", keyOf(coins));
    const perp = bounds && legs.find((leg) => !isCoins(leg));
    if (!perp) return;
    const since = turnAt(cause.at - LOOKED_AT_RATES_MS);
    const rates = truth.rates(perp.venue, perp.symbol, since);
    const lately = truth.loans(venue, symbol, since);
    if (!paysLoan(rates, lately, limits.borrowSafety)) this.#find("BORROW_UNPAID", keyOf(coins));
  }

  /** Accounts are read a moment before the cause at the earliest. What is held elsewhere is valued low. */
  #checkShares({ cause, legs }: Planned, leg: ShownLeg, notional: Fixed): void {
    const { truth, limits, runs, turnAt } = this.#parts;
    const { venueShare, singleShare, utilisation } = limits;
    const total = fixed(String(mostUsd(truth, turnAt(cause.at - ACCOUNTS_SEEN_MS))));
    const beyond = (usd: Fixed, share: bigint) => usd * 10_000n > total * (share + 1n);
    const others = runs.filter((run) => !run.over && run.cause !== cause);
    const here = others.flatMap((run) =>
      run.legs.filter(({ venue }) => venue === leg.venue).map((one) => this.#heldUsd(run, one)),
    );
    const all = others.map((run) =>
      run.legs.map((one) => this.#heldUsd(run, one)).reduce(larger, ZERO),
    );
    if (beyond(notional, singleShare)) this.#find("SINGLE_POSITION", `${keyOf(leg)} ${notional}`);
    const both = notional * BigInt(legs.filter(({ venue }) => venue === leg.venue).length);
    if (beyond(here.reduce(plus, both), venueShare)) this.#find("VENUE_SHARE", keyOf(leg));
    if (beyond(all.reduce(plus, notional), utilisation)) this.#find("UTILISATION", keyOf(leg));
  }

  /** At the least that it was worth since it was opened, and a little less. */
  #heldUsd(run: Run, leg: ShownLeg): Fixed {
    const { truth, books } = this.#parts;
    if (books.isGone(leg)) return ZERO;
    const key = keyOf(leg);
    const filled = run.orders.reduce(
      (sum, one) => (one.key === key ? sum + one.filled : sum),
      ZERO,
    );
    const size = smaller(magnitude(books.of(key)), filled);
    if (size === ZERO) return ZERO;
    // What was filled a moment ago counts at the price that it was bought at.
    const [marks, mids] = [truth.marks, truth.mids].map((of) =>
      of(leg.venue, leg.symbol, run.cause.turn).reduce(smaller),
    );
    const least = smaller(marks ?? ZERO, mids ?? ZERO);
    return tenThousandthsOf(timesFixed(size, least), 9_900n);
  }

  #checkLeg(run: Planned, leg: ShownLeg): void {
    const { venue, symbol } = leg;
    const since = run.cause.turn;
    const { truth, books, limits } = this.#parts;
    const key = keyOf(leg);
    const assets = run.legs.map((one) => truth.assetOf(one.venue, one.symbol));
    const isOther = ![assetIn(symbol), truth.assetOf(venue, symbol)].includes(run.asset);
    if (isOther || new Set(assets).size > 1) this.#find("OTHER_ASSET", key);
    const byHand = truth.byHand(venue, symbol, since);
    const isFree =
      books.isFlat(leg) &&
      byHand.some((size) => size === ZERO || (isCoins(leg) && books.isRemainder(leg, size)));
    if (!isFree) this.#find("POSITION_THERE", `${key}: ${byHand} by hand`);
    const elsewhere = books.elsewhere(assetIn(symbol), run.legs);
    if (elsewhere !== null) this.#find("TWO_HEDGES", `${key} and ${elsewhere}`);
    const notional = leastNotional(truth, leg, since);
    if (notional > within(limits.hardCapUsd)) this.#find("HARD_CAP", `${key} ${notional}`);
    for (const one of run.legs) this.#checkEquity(one, notional, since);
    this.#checkShares(run, leg, notional);
    const isMargined = !isCoins(leg);
    if (isMargined && !truth.leverage(venue, since).some((one) => one <= limits.maxLeverage))
      this.#find("LEVERAGE", key);
    const ages = truth.ages(venue, since);
    if (ages.book > 5_000) this.#find("STALE_BOOK", key);
    if (isMargined && ages.rate > 60_000) this.#find("STALE_RATE", key);
    if (ages.account > 30_000) this.#find("STALE_EQUITY", key);
    if (!truth.linear(venue, symbol, since).some(Boolean)) this.#find("NOT_LINEAR", key);
    this.#checkBacking(run.legs, leg, notional, since);
  }

  #checkEquity({ venue, symbol }: ShownLeg, notional: Fixed, since: number): void {
    const most = Math.max(...this.#parts.truth.equityUsd(venue, symbol, since));
    const share = tenThousandthsOf(fixed(String(Math.max(0, most))), 8_001n);
    if (notional > share) this.#find("EQUITY_SHARE", `${venue} ${notional} of ${most}`);
  }

  /** What one balance must pay for at once, and what must stand behind a leg: see spot-rules. */
  #checkBacking(legs: readonly ShownLeg[], leg: ShownLeg, notional: Fixed, since: number): void {
    const { venue, symbol } = leg;
    const isPool = this.#parts.truth.isOnePool(venue);
    const here = legs.filter((one) => one === leg || (isPool && one.venue === venue));
    const equity = Math.max(0, ...this.#parts.truth.equityUsd(venue, symbol, since));
    const taken = notional * takenShare(here, this.#parts.limits.maxLeverage);
    if (fixed(String(equity)) * 10_005n < taken) this.#find("MARGIN", `${keyOf(leg)} ${notional}`);
    const other = Math.min(...this.#parts.truth.maintenanceUsd(venue, symbol, since));
    const free = fixed(String(Math.max(0, equity - other)));
    const needed =
      notional *
      backingShare(
        leg,
        here.find((one) => keyOf(one) !== keyOf(leg)),
      );
    if (free * 10_000n < needed)
      this.#find("LIQUIDATION_NEAR", `${keyOf(leg)} ${notional} on ${equity} less ${other}`);
  }

  #checkPrices(a: ShownLeg, b: ShownLeg, since: number): void {
    const all = (of: "mids" | "marks", leg: ShownLeg) =>
      this.#parts.truth[of](leg.venue, leg.symbol, since);
    for (const of of ["mids", "marks"] as const) {
      const agree = all(of, a).some((one) => all(of, b).some((two) => near(one, two, 201n)));
      if (!agree) this.#find("PRICES_DISAGREE", `${of} of ${keyOf(a)} and ${keyOf(b)}`);
    }
  }

  #find(rule: string, detail: string): void {
    this.#parts.find(rule, detail);
  }
}

/** What all accounts held together at the most. */
export function mostUsd(truth: Truth, since: number): number {
  return truth.venues().reduce((total, venue) => total + truth.allUsd(venue, since), 0);
}

/** At the dearer of the mark and the worst price that was accepted. */
export function leastNotional(truth: Truth, leg: ShownLeg, since: number): Fixed {
  const marks = truth.marks(leg.venue, leg.symbol, since);
  const least = marks.reduce(smaller);
  const collar = fixed(leg.collarPrice);
  return timesFixed(fixed(leg.sizeBase), larger(least, collar));
}

/** Half a per mille for rounding. */
export function within(usd: string): Fixed {
  return tenThousandthsOf(fixed(usd), 10_005n);
}

/** Is `a` within so many ten-thousandths of `b`? */
function near(a: Fixed, b: Fixed, tenThousandths: bigint): boolean {
  return magnitude(a - b) * 10_000n <= b * tenThousandths;
}
