import { type Fixed, fixed, larger, smaller, tenThousandthsOf, timesFixed } from "./fixed.ts";
import {
  backingShare,
  closableCoins,
  isAsShown,
  isCoins,
  isRemainder,
  type Loan,
  loanFault,
  pairFault,
  paysLoan,
  takenShare,
} from "./spot-rules.ts";

/**
 * The judge. It knows nothing of how Hedgerow decides: it sees what reaches the venues, what the owner was
 * shown and tapped, and what was true on the venues meanwhile; its arithmetic is its own.
 */
export interface SeenOrder {
  readonly clientOrderId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly sizeBase: string;
  readonly limitPrice: string;
  readonly reduceOnly: boolean;
  readonly expiresAt: number;
}

export interface ShownLeg {
  readonly venue: string;
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly sizeBase: string;
  readonly collarPrice: string;
  readonly priceSeen: string;
  /** What the card says that it brings or costs an interval; null: nobody was shown one. */
  readonly paysText: string | null;
}

export interface MandateBounds {
  readonly perHedgeUsd: string;
  readonly totalUsd: string;
  readonly opensPerDay: number;
  readonly lossPerDayUsd: string;
  readonly assets: readonly string[];
  readonly venues: readonly string[];
  readonly endsAt: number;
}

/** A card as it stands in the owner's chat. */
export interface ShownCard {
  readonly kind: "open" | "close" | "mandate" | "resume";
  readonly nonce: string;
  readonly subjectId: string;
  readonly ownerId: number;
  readonly chatId: number;
  readonly messageId: number;
  readonly expiresAt: number;
  readonly asset: string;
  readonly legs: readonly ShownLeg[];
  readonly bounds: MandateBounds | null;
}

export interface SeenTap {
  readonly press: "approve" | "decline";
  readonly nonce: string;
  readonly userId: number;
  readonly chatId: number;
  readonly messageId: number;
}

export interface Limits {
  readonly hardCapUsd: string;
  readonly maxLeverage: number;
  /** May a mandate open when models were asked and none said anything? */
  readonly opensWithoutModel: boolean;
  /** In ten-thousandths of what all accounts hold: legs on one venue, one leg, and all hedges together. */
  readonly venueShare: bigint;
  readonly singleShare: bigint;
  readonly utilisation: bigint;
  /** Nothing opens for the rest of a day that lost more. */
  readonly dailyLossUsd: number;
  /** Alone, coins are borrowed only where funding pays so many times the interest. */
  readonly borrowSafety: Fixed;
}

/** What was true on the venues at any moment since a turn; the judge finds fault only when none would do. */
export interface Truth {
  now(): number;
  turn(): number;
  venues(): readonly string[];
  assetOf(venue: string, symbol: string): string;
  provable(venue: string): boolean;
  lotBase(venue: string, symbol: string): Fixed;
  /** What somebody traded there by hand. */
  byHand(venue: string, symbol: string, since: number): readonly Fixed[];
  /** All of it. */
  position(venue: string, symbol: string): Fixed;
  /** Does one balance back spot and perps? */
  isOnePool(venue: string): boolean;
  /** Of the balance that backs this instrument. */
  equityUsd(venue: string, symbol: string, since: number): readonly number[];
  /** The most and the least that all its balances held. */
  allUsd(venue: string, since: number): number;
  leastUsd(venue: string, since: number): number;
  maintenanceUsd(venue: string, symbol: string, since: number): readonly number[];
  loans(venue: string, symbol: string, since: number): readonly (Loan | null)[];
  /** What a perp pays an hour. */
  rates(venue: string, symbol: string, since: number): readonly string[];
  leverage(venue: string, since: number): readonly number[];
  ages(venue: string, since: number): Readonly<Record<"book" | "rate" | "account", number>>;
  mids(venue: string, symbol: string, since: number): readonly Fixed[];
  marks(venue: string, symbol: string, since: number): readonly Fixed[];
  linear(venue: string, symbol: string, since: number): readonly boolean[];
}

export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

interface CardState {
  card: ShownCard;
  used: boolean;
}

/** A reading of an account is acted on within so many turns. */
const THIN_TURNS = 400;

/** Something that the world began, and everything that comes of it. */
export interface Cause {
  readonly kind: "call" | "tap" | "scan" | "care";
  readonly turn: number;
  readonly at: number;
  /** The card that this tap says yes to, rightly. */
  readonly yes: ShownCard | null;
  /** How often trading was stopped before. */
  readonly stops: number;
  readonly runs: Run[];
}

interface Run {
  readonly cause: Cause;
  readonly asset: string;
  /** Of a mandate's: what was seen of it so far. */
  readonly legs: ShownLeg[];
  /** Null: of a card. */
  readonly bounds: MandateBounds | null;
  readonly stops: number;
  readonly at: number;
  readonly orders: Sent[];
  hasFilled: boolean;
  /** All that it opened is gone again. */
  over: boolean;
}

interface Sent {
  readonly run: Run;
  readonly key: string;
  readonly until: number;
  left: Fixed;
  filled: Fixed;
}

/** What models last said to a scan, as the world counts: the pair of a quorum, nothing, or not a word. */
export type Advice =
  | {
      readonly asset: string;
      readonly longVenue: string;
      readonly longSymbol: string;
      readonly shortVenue: string;
      readonly shortSymbol: string;
    }
  | "hold"
  | "silent";

interface Armed {
  readonly bounds: MandateBounds;
  readonly opens: { readonly day: number; readonly notional: Fixed; readonly run: Run }[];
}

/** A ticket lives for two minutes from the tap; asking the venues may take a little before that. */
const YES_LASTS_MS = 135_000;
/** Who reduces has looked just before or since; the first wave of /kill goes by a look that it need not wait for. */
const LOOKED_MS = 1_000;
const KILL_LOOKED_MS = 15_000;
/** Rates that a scan chooses by may have been read so long before. */
const LOOKED_AT_RATES_MS = 20_000;
/** Accounts that limits across hedges are measured on may have been read so long before. */
const ACCOUNTS_SEEN_MS = 4_000;
const SAID_KEPT = 8;
/** Cards for opening that models may have put before the owner in a UTC day. */
const MOST_ASKED = 10;
const UNEQUAL_LASTS_MS = 60_000;
const DAY_MS = 86_400_000;
const ZERO = 0n;

export class Oracle {
  readonly violations: Violation[] = [];
  readonly #truth: Truth;
  readonly #limits: Limits;
  readonly #cards = new Map<string, CardState>();
  readonly #runs: Run[] = [];
  readonly #sent = new Map<string, Sent>();
  /** Orders that close spot and may still fill. */
  readonly #closing = new Map<
    string,
    { readonly key: string; left: Fixed; readonly until: number }
  >();
  /** What interest added to loans, by asset. */
  readonly #grown = new Map<string, Fixed>();
  readonly #askedOn = new Map<number, number>();
  readonly #usedBy = new Map<string, Cause>();
  readonly #mayClose = new Set<string>();
  readonly #own = new Map<string, Fixed>();
  /** What venues said of positions a moment ago. */
  readonly #told = new Map<string, { at: number; readonly size: Fixed }[]>();
  readonly #unequalAt = new Map<string, number>();
  readonly #netTurn = new Map<string, number>();
  readonly #alerts: { readonly turn: number; readonly text: string }[] = [];
  readonly #dayStart = new Map<number, { least: readonly number[]; isWhole: boolean }>();
  /** When a loss past the limit was looked at, and the day on which the owner went on all the same. */
  #lostAt: { readonly day: number; readonly turn: number } | null = null;
  #acceptedOn: number | null = null;
  /** What the time was at which turn. */
  readonly #moments: { readonly at: number; readonly turn: number }[] = [];
  #armed: Armed | null = null;
  /** What any mandate opened: the one that is armed now may close it. */
  readonly #mandated: Armed["opens"][number][] = [];
  #halted = false;
  #killed = false;
  #recovering = true;
  #stops = 0;
  /** Null: nobody asks models. */
  #advice: Advice | null = null;
  orders = 0;
  openings = 0;
  /** Of those: coins bought, and coins borrowed and sold. */
  bought = 0;
  borrowed = 0;
  /** Taps that led to an order. */
  approvals = 0;

  constructor(truth: Truth, limits: Limits) {
    this.#truth = truth;
    this.#limits = limits;
  }

  get isHalted(): boolean {
    return this.#halted;
  }

  get isArmed(): boolean {
    return this.#armed !== null;
  }

  /** The same card may be sent again: then only the newest message counts. */
  shown(card: ShownCard): void {
    const known = this.#cards.get(card.nonce);
    if (known) known.card = card;
    else this.#cards.set(card.nonce, { card, used: false });
  }

  began(kind: Cause["kind"], yes: ShownCard | null = null): Cause {
    const [turn, at] = [this.#truth.turn(), this.#truth.now()];
    if (this.#moments.at(-1)?.at !== at) this.#moments.push({ at, turn });
    return { kind, turn, at, yes, stops: this.#stops, runs: [] };
  }

  /** What comes of a tap is judged by what that tap was. */
  tapped(tap: SeenTap): Cause {
    const state = this.#cards.get(tap.nonce);
    if (!state || state.used) return this.began("tap");
    const { card } = state;
    const isHis = tap.userId === card.ownerId && tap.chatId === card.chatId;
    const inTime = this.#truth.now() < card.expiresAt;
    if (!isHis || tap.messageId !== card.messageId || !inTime) return this.began("tap");
    if (tap.press === "decline") state.used = true;
    else this.#approved(state);
    return this.began("tap", tap.press === "approve" ? card : null);
  }

  #approved(state: CardState): void {
    const { card } = state;
    if (card.kind === "close") {
      for (const leg of card.legs) this.#mayClose.add(keyOf(leg));
    } else if (card.kind === "mandate") {
      state.used = true;
      if (card.bounds && !this.#halted) this.#armed = { bounds: card.bounds, opens: [] };
    } else if (card.kind === "resume") {
      state.used = true;
      this.#halted = false;
      this.#killed = false;
      this.#lostAt = null;
      this.#acceptedOn = this.#today();
    }
  }

  advised(advice: Advice): void {
    this.#advice = advice;
  }

  halted(): void {
    this.#halted = true;
    this.#armed = null;
    for (const state of this.#cards.values()) if (state.card.kind !== "close") state.used = true;
    this.#stops += 1;
  }

  killed(): void {
    this.halted();
    this.#killed = true;
  }

  mandateRevoked(): void {
    this.#armed = null;
  }

  /** An opening is never taken up by another process; what was begun may only be undone. */
  restarted(): void {
    this.#recovering = true;
    this.#stops += 1;
  }

  recovered(): void {
    this.#recovering = false;
  }

  /** A model's call had this card put before the owner. */
  asked(proposalId: string): void {
    const day = Math.floor(this.#truth.now() / DAY_MS);
    const count = (this.#askedOn.get(day) ?? 0) + 1;
    this.#askedOn.set(day, count);
    if (count > MOST_ASKED) this.#find("ASKED_TOO_OFTEN", proposalId);
  }

  alerted(text: string): void {
    this.#alerts.push({ turn: this.#truth.turn(), text });
    if (text.includes("the venues hold nothing of it")) this.#writtenOff(text.split(" ")[0] ?? "");
  }

  /**
   * The day's result is looked at. Each account began where it was first read, at the latest when all of
   * them answered: the least of it is what a loss is measured from here.
   */
  dayRead(isWhole: boolean): void {
    const day = this.#today();
    const known = this.#dayStart.get(day);
    if (known?.isWhole) {
      // Who looks may be shown what was read a moment ago.
      const since = this.#turnAt(this.#truth.now() - ACCOUNTS_SEEN_MS);
      if (isWhole) this.#noteLoss(day, sumOf(known.least) - this.#mostUsd(since));
      return;
    }
    // Whoever asked how the day goes has begun it, perhaps before any watch did.
    const began = this.#turnAt(day * DAY_MS);
    const least = this.#truth
      .venues()
      .map((venue, at) =>
        Math.min(this.#truth.leastUsd(venue, began), known?.least[at] ?? Infinity),
      );
    this.#dayStart.set(day, { least, isWhole });
  }

  #noteLoss(day: number, lossUsd: number): void {
    if (lossUsd <= this.#limits.dailyLossUsd || this.#acceptedOn === day) return;
    if (this.#lostAt?.day !== day) this.#lostAt = { day, turn: this.#truth.turn() };
  }

  #today(): number {
    return Math.floor(this.#truth.now() / DAY_MS);
  }

  arrived(order: SeenOrder, cause: Cause | null): void {
    this.orders += 1;
    if (order.reduceOnly) this.#checkReduce(order, cause);
    else this.#checkOpen(order, cause);
  }

  /** A venue answers who asks for a position. */
  told(venue: string, symbol: string, sizeBase: string): void {
    const key = `${venue}:${symbol}`;
    const said = this.#told.get(key) ?? [];
    const [at, size, last] = [this.#truth.now(), fixed(sizeBase), said[said.length - 1]];
    if (last?.size === size) last.at = at;
    else this.#told.set(key, [...said.slice(-SAID_KEPT), { at, size }]);
  }

  /** What somebody may go by who began because of this. */
  #toldTo(cause: Cause | null, key: string): readonly Fixed[] {
    const lately = this.#killed ? KILL_LOOKED_MS : LOOKED_MS;
    const since = Math.min(this.#truth.now(), cause?.at ?? Number.POSITIVE_INFINITY) - lately;
    const said = this.#told.get(key) ?? [];
    return said.filter(({ at }) => at >= since).map(({ size }) => size);
  }

  filled(fill: {
    readonly clientOrderId: string;
    readonly venue: string;
    readonly symbol: string;
    readonly side: "buy" | "sell";
    readonly sizeBase: string;
    readonly reduceOnly: boolean;
  }): void {
    const key = keyOf(fill);
    const before = this.#own.get(key) ?? ZERO;
    const size = fixed(fill.sizeBase);
    // Coins that are gone may have been the owner's: of spot only our own orders tell what is ours.
    const isFlat = !isCoins(fill) && this.#truth.position(fill.venue, fill.symbol) === ZERO;
    const sum = before + (fill.side === "buy" ? size : -size);
    // Beyond what we owe goes to a debt that the owner made beside it: how much may, was judged when it left.
    const isBoughtBack = isCoins(fill) && fill.reduceOnly && before < ZERO && sum > ZERO;
    const after = isFlat || isBoughtBack ? ZERO : sum;
    this.#own.set(key, after);
    this.#netTurn.set(assetIn(fill.symbol), this.#truth.turn());
    const sent = this.#sent.get(fill.clientOrderId);
    if (sent) {
      sent.run.hasFilled = true;
      sent.filled += size;
      sent.left -= size;
    }
    const closing = this.#closing.get(fill.clientOrderId);
    if (closing) closing.left -= size;
    for (const run of this.#runs) {
      if (!run.over && run.hasFilled) run.over = run.legs.every((leg) => this.#isFlat(leg));
    }
    this.#noteUnequal(assetIn(fill.symbol));
  }

  #isFlat(leg: Pick<ShownLeg, "venue" | "symbol">): boolean {
    const own = this.#own.get(keyOf(leg)) ?? ZERO;
    return own === ZERO || this.#isRemainder(leg, own);
  }

  #isGone(leg: Pick<ShownLeg, "venue" | "symbol">): boolean {
    return this.#isFlat(leg) || this.#isPaidOff(leg, this.#own.get(keyOf(leg)) ?? ZERO);
  }

  /** The owner's coins, sent there after the loan, repaid it: nothing is owed any more. */
  #isPaidOff(leg: Pick<ShownLeg, "venue" | "symbol">, own: Fixed): boolean {
    if (!isCoins(leg) || own >= ZERO) return false;
    const owed = this.#truth.position(leg.venue, leg.symbol);
    return owed >= ZERO || this.#isRemainder(leg, owed);
  }

  /** What was said to be over, with coins of the owner's in the place of what was owed, is not ours any more. */
  #writtenOff(asset: string): void {
    const since = Math.max(0, this.#truth.turn() - THIN_TURNS);
    for (const [key, own] of this.#own) {
      const { venue, symbol } = placeOf(key);
      if (!isCoins({ symbol }) || assetIn(symbol) !== asset) continue;
      const byHand = this.#truth.byHand(venue, symbol, since);
      // Of a lot that a cent of debt keeps from being sold nobody can be rid either.
      const isOver =
        own < ZERO ? byHand.some((size) => size > ZERO) : own <= this.#truth.lotBase(venue, symbol);
      if (isOver) this.#own.set(key, ZERO);
    }
  }

  /** Of spot what no order can close. */
  #isRemainder(leg: Pick<ShownLeg, "venue" | "symbol">, size: Fixed): boolean {
    if (!isCoins(leg)) return false;
    const { venue, symbol } = leg;
    const since = Math.max(0, this.#truth.turn() - THIN_TURNS);
    const least = this.#truth.marks(venue, symbol, since).reduce(smaller);
    return isRemainder(size, least, this.#truth.lotBase(venue, symbol));
  }

  /** Nothing more can come of it. */
  ended(clientOrderId: string): void {
    const sent = this.#sent.get(clientOrderId);
    if (sent) sent.left = ZERO;
    this.#closing.delete(clientOrderId);
  }

  /** A loan grew by its interest: so much more is owed. */
  charged(venue: string, symbol: string, grownBase: string): void {
    const [key, asset, grown] = [`${venue}:${symbol}`, assetIn(symbol), fixed(grownBase)];
    const own = this.#own.get(key) ?? ZERO;
    if (own >= ZERO) return;
    this.#own.set(key, own - grown);
    this.#grown.set(asset, (this.#grown.get(asset) ?? ZERO) + grown);
  }

  /** When everything that can answer has answered, and everybody has had the time to act. */
  atTheEnd(places: readonly { readonly venue: string; readonly symbol: string }[]): void {
    for (const [asset, here] of Map.groupBy(places, ({ symbol }) => assetIn(symbol))) {
      const since = this.#netTurn.get(asset) ?? 0;
      const isTold = this.#alerts.some(({ turn, text }) => turn >= since && text.includes(asset));
      if (!this.#isEven(asset, here) && !isTold) this.#find("LEFT_UNEQUAL", asset);
      if (!this.#killed) continue;
      const left = here.filter((one) =>
        isCoins(one) ? !this.#isGone(one) : this.#truth.position(one.venue, one.symbol) !== ZERO,
      );
      if (left.length > 0 && !isTold)
        this.#find("KILLED_NOT_FLAT", left.map((one) => keyOf(one)).join(" "));
    }
  }

  /** To the last digit, but for interest and for coins that no order can sell. */
  #isEven(
    asset: string,
    places: readonly { readonly venue: string; readonly symbol: string }[],
  ): boolean {
    const net = places.reduce((total, one) => total + (this.#own.get(keyOf(one)) ?? ZERO), ZERO);
    if (magnitude(net) <= (this.#grown.get(asset) ?? ZERO)) return true;
    return places.some((one) => isCoins(one) && this.#isRemainder(one, net));
  }

  #checkOpen(order: SeenOrder, cause: Cause | null): void {
    this.openings += 1;
    if (isCoins(order)) this[order.side === "buy" ? "bought" : "borrowed"] += 1;
    const run = this.#runOf(order, cause);
    if (typeof run === "string") {
      this.#find(run, describe(order));
      return;
    }
    const key = keyOf(order);
    const leg = run.legs.find((one) => keyOf(one) === key);
    if (!leg || !opens(leg, order)) {
      this.#find("NOT_SHOWN", describe(order));
      return;
    }
    if (run.orders.length === 0) this.#checkPlan(run);
    this.#checkSize(order, leg, run);
    this.#checkPrice(order, leg);
    const left = fixed(order.sizeBase);
    const sent = { run, key, left, filled: ZERO, until: order.expiresAt };
    run.orders.push(sent);
    this.#sent.set(order.clientOrderId, sent);
    for (const one of run.legs) this.#mayClose.delete(keyOf(one));
  }

  /** What this order belongs to, or why nobody wanted it. */
  #runOf(order: SeenOrder, cause: Cause | null): Run | string {
    if (this.#halted) return "OPENED_WHILE_HALTED";
    if (this.#recovering) return "OPENED_WHILE_RECOVERING";
    const asset = this.#truth.assetOf(order.venue, order.symbol);
    const run =
      cause?.kind === "scan" ? this.#runWithin(order, asset, cause) : this.#runOfYes(cause);
    if (typeof run === "string") return run;
    if (run.stops !== this.#stops) return "WENT_ON_AFTER_HALT";
    if (run.over) return "OPENED_AGAIN";
    if (this.#lostAt?.day === this.#today() && run.cause.turn > this.#lostAt.turn)
      return "OPENED_AFTER_LOSS";
    return this.#truth.now() > run.at + YES_LASTS_MS ? "TOO_LATE" : run;
  }
  /** A card is good for the orders of one tap. */
  #runOfYes(cause: Cause | null): Run | string {
    const card = cause?.yes;
    if (!cause || card?.kind !== "open") return "NOBODY_ALLOWED_IT";
    if ((this.#usedBy.get(card.nonce) ?? cause) !== cause) return "USED_TWICE";
    const [known] = cause.runs;
    if (known) return known;
    this.#usedBy.set(card.nonce, cause);
    this.approvals += 1;
    return this.#begin(cause, { asset: card.asset, legs: [...card.legs], bounds: null });
  }

  #begin(cause: Cause, of: Pick<Run, "asset" | "legs" | "bounds">): Run {
    const { stops, at } = of.bounds ? { stops: this.#stops, at: this.#truth.now() } : cause;
    const run = { ...of, cause, stops, at, orders: [], hasFilled: false, over: false };
    cause.runs.push(run);
    this.#runs.push(run);
    return run;
  }

  /** Nothing was shown to anybody: the first order of a scan's hedge is its plan. */
  #runWithin(order: SeenOrder, asset: string, cause: Cause): Run | string {
    const leg: ShownLeg = { ...order, ...asLeg(order) };
    const why = this.#notAdvised(order);
    if (why) return why;
    const known = cause.runs.find((run) => run.asset === asset);
    if (!known) return this.#beginWithin(cause, asset, leg);
    const [begun, second] = known.legs;
    if (!begun || !known.bounds || second || keyOf(begun) === keyOf(order)) return known;
    if (begun.side === leg.side) this.#find("SAME_DIRECTION", describe(order));
    const fault = pairFault(begun, leg);
    if (fault) this.#find(fault, describe(order));
    known.legs.push({ ...leg, sizeBase: begun.sizeBase });
    this.#checkLeg(known, leg);
    this.#checkSpot(known);
    const least = this.#leastNotional(begun, cause.turn);
    this.#checkBacking(known.legs, begun, least, cause.turn);
    this.#checkPlace(known.bounds, leg.venue);
    this.#checkPrices(begun, leg, cause.turn);
    return known;
  }

  /** Where models are asked, a mandate opens what a quorum of them chose, and nothing else. */
  #notAdvised({ venue, symbol, side }: SeenOrder): string | null {
    const advice = this.#advice;
    if (!advice) return null;
    if (advice === "silent") return this.#limits.opensWithoutModel ? null : "OPENED_UNADVISED";
    if (advice === "hold") return "NOT_CHOSEN";
    const { asset, longVenue, longSymbol, shortVenue, shortSymbol } = advice;
    const wanted = side === "buy" ? [longVenue, longSymbol] : [shortVenue, shortSymbol];
    const isWanted = venue === wanted[0] && symbol === wanted[1];
    return asset === assetIn(symbol) && isWanted ? null : "NOT_CHOSEN";
  }

  #beginWithin(cause: Cause, asset: string, leg: ShownLeg): Run | string {
    const armed = this.#armed;
    const now = this.#truth.now();
    if (!armed || now >= armed.bounds.endsAt) return "NOBODY_ALLOWED_IT";
    const { bounds, opens: made } = armed;
    const run = this.#begin(cause, { asset, legs: [leg], bounds });
    const day = Math.floor(now / DAY_MS);
    const notional = this.#leastNotional(leg, cause.turn);
    const open = this.#mandated.filter((one) => this.#holds(one.run));
    const total = open.reduce((sum, one) => sum + one.notional, notional);
    const began = this.#dayStart.get(day);
    const start = began?.isWhole ? sumOf(began.least) : undefined;
    const equity = this.#mostUsd(cause.turn);
    const breaches: readonly (readonly [boolean, string])[] = [
      [notional > within(bounds.perHedgeUsd), "MANDATE_PER_HEDGE"],
      [total > within(bounds.totalUsd), "MANDATE_TOTAL"],
      [made.filter((one) => one.day === day).length >= bounds.opensPerDay, "MANDATE_OPENS"],
      [start !== undefined && start - equity > Number(bounds.lossPerDayUsd), "MANDATE_LOSS"],
      [bounds.assets.length > 0 && !bounds.assets.includes(asset), "MANDATE_ASSET"],
    ];
    this.#checkPlace(bounds, leg.venue);
    for (const [is, rule] of breaches) if (is) this.#find(rule, `${asset} ${leg.sizeBase}`);
    const opened = { day, notional, run };
    made.push(opened);
    this.#mandated.push(opened);
    return run;
  }

  /** Something of it is held, or may still be filled. */
  #holds({ legs, orders, over }: Run): boolean {
    const now = this.#truth.now();
    if (over) return false;
    const isHeld = legs.some((leg) => !this.#isFlat(leg));
    return isHeld || orders.some(({ left, until }) => left > ZERO && now < until);
  }

  #checkPlace({ venues }: MandateBounds, venue: string): void {
    if (venues.length > 0 && !venues.includes(venue)) this.#find("MANDATE_VENUE", venue);
    if (!this.#truth.provable(venue)) this.#find("MANDATE_UNPROVABLE", venue);
  }

  #mostUsd(since: number): number {
    return this.#truth
      .venues()
      .reduce((total, venue) => total + this.#truth.allUsd(venue, since), 0);
  }

  #checkPlan({ asset, legs, bounds, cause }: Run): void {
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
      const mids = this.#truth.mids(leg.venue, leg.symbol, cause.turn);
      if (!mids.some((mid) => near(mid, fixed(leg.priceSeen), 51n)))
        this.#find("PRICE_MOVED", `${keyOf(leg)} seen at ${leg.priceSeen}`);
    }
  }

  /** Coins that are not ours are sold only on a good word that somebody lends them. */
  #checkSpot({ legs, cause, bounds }: Pick<Run, "legs" | "cause" | "bounds">): void {
    const coins = legs.find((leg) => isCoins(leg) && leg.side === "short");
    if (!coins) return;
    const { venue, symbol } = coins;
    const loans = this.#truth.loans(venue, symbol, cause.turn);
    const fault = loanFault(loans, fixed(coins.sizeBase));
    if (fault) this.#find(fault, `${keyOf(coins)} ${coins.sizeBase}`);
    const shown = coins.paysText;
    if (shown !== null && !isAsShown(loans, shown)) this.#find("LOAN_DEARER", keyOf(coins));
    const perp = bounds && legs.find((leg) => !isCoins(leg));
    if (!perp) return;
    const since = this.#turnAt(cause.at - LOOKED_AT_RATES_MS);
    const rates = this.#truth.rates(perp.venue, perp.symbol, since);
    const lately = this.#truth.loans(venue, symbol, since);
    if (!paysLoan(rates, lately, this.#limits.borrowSafety))
      this.#find("BORROW_UNPAID", keyOf(coins));
  }

  /** Accounts are read a moment before the cause at the earliest. What is held elsewhere is valued low. */
  #checkShares({ cause, legs }: Pick<Run, "legs" | "cause">, leg: ShownLeg, notional: Fixed): void {
    const { venueShare, singleShare, utilisation } = this.#limits;
    const total = fixed(String(this.#mostUsd(this.#turnAt(cause.at - ACCOUNTS_SEEN_MS))));
    const beyond = (usd: Fixed, share: bigint) => usd * 10_000n > total * (share + 1n);
    const others = this.#runs.filter((run) => !run.over && run.cause !== cause);
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
    if (this.#isGone(leg)) return ZERO;
    const key = keyOf(leg);
    const filled = run.orders.reduce(
      (sum, one) => (one.key === key ? sum + one.filled : sum),
      ZERO,
    );
    const size = smaller(magnitude(this.#own.get(key) ?? ZERO), filled);
    if (size === ZERO) return ZERO;
    // What was filled a moment ago counts at the price that it was bought at.
    const [marks, mids] = [this.#truth.marks, this.#truth.mids].map((of) =>
      of(leg.venue, leg.symbol, run.cause.turn).reduce(smaller),
    );
    const least = smaller(marks ?? ZERO, mids ?? ZERO);
    return tenThousandthsOf(timesFixed(size, least), 9_900n);
  }

  #turnAt(at: number): number {
    return this.#moments.findLast((one) => one.at <= at)?.turn ?? 0;
  }

  #checkLeg(run: Pick<Run, "asset" | "legs" | "cause">, leg: ShownLeg): void {
    const { venue, symbol } = leg;
    const since = run.cause.turn;
    const truth = this.#truth;
    const key = keyOf(leg);
    const assets = run.legs.map((one) => truth.assetOf(one.venue, one.symbol));
    const isOther = ![assetIn(symbol), truth.assetOf(venue, symbol)].includes(run.asset);
    if (isOther || new Set(assets).size > 1) this.#find("OTHER_ASSET", key);
    const byHand = truth.byHand(venue, symbol, since);
    const isFree =
      this.#isFlat(leg) &&
      byHand.some((size) => size === ZERO || (isCoins(leg) && this.#isRemainder(leg, size)));
    if (!isFree) this.#find("POSITION_THERE", `${key}: ${byHand} by hand`);
    const elsewhere = [...this.#own].filter(
      ([other, size]) =>
        size !== ZERO &&
        !this.#isGone(placeOf(other)) &&
        assetIn(other) === assetIn(symbol) &&
        !run.legs.some((one) => keyOf(one) === other),
    );
    if (elsewhere.length > 0) this.#find("TWO_HEDGES", `${key} and ${elsewhere[0]?.[0]}`);
    const notional = this.#leastNotional(leg, since);
    if (notional > within(this.#limits.hardCapUsd)) this.#find("HARD_CAP", `${key} ${notional}`);
    for (const one of run.legs) this.#checkEquity(one, notional, since);
    this.#checkShares(run, leg, notional);
    const isMargined = !isCoins(leg);
    if (isMargined && !truth.leverage(venue, since).some((one) => one <= this.#limits.maxLeverage))
      this.#find("LEVERAGE", key);
    const ages = truth.ages(venue, since);
    if (ages.book > 5_000) this.#find("STALE_BOOK", key);
    if (isMargined && ages.rate > 60_000) this.#find("STALE_RATE", key);
    if (ages.account > 30_000) this.#find("STALE_EQUITY", key);
    if (!truth.linear(venue, symbol, since).some(Boolean)) this.#find("NOT_LINEAR", key);
    this.#checkBacking(run.legs, leg, notional, since);
  }

  #checkEquity({ venue, symbol }: ShownLeg, notional: Fixed, since: number): void {
    const most = Math.max(...this.#truth.equityUsd(venue, symbol, since));
    const share = tenThousandthsOf(fixed(String(Math.max(0, most))), 8_001n);
    if (notional > share) this.#find("EQUITY_SHARE", `${venue} ${notional} of ${most}`);
  }

  /** What one balance must pay for at once, and what must stand behind a leg: see spot-rules. */
  #checkBacking(legs: readonly ShownLeg[], leg: ShownLeg, notional: Fixed, since: number): void {
    const { venue, symbol } = leg;
    const isPool = this.#truth.isOnePool(venue);
    const here = legs.filter((one) => one === leg || (isPool && one.venue === venue));
    const equity = Math.max(0, ...this.#truth.equityUsd(venue, symbol, since));
    const taken = notional * takenShare(here, this.#limits.maxLeverage);
    if (fixed(String(equity)) * 10_005n < taken) this.#find("MARGIN", `${keyOf(leg)} ${notional}`);
    const other = Math.min(...this.#truth.maintenanceUsd(venue, symbol, since));
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
      this.#truth[of](leg.venue, leg.symbol, since);
    for (const of of ["mids", "marks"] as const) {
      const agree = all(of, a).some((one) => all(of, b).some((two) => near(one, two, 201n)));
      if (!agree) this.#find("PRICES_DISAGREE", `${of} of ${keyOf(a)} and ${keyOf(b)}`);
    }
  }

  /** At the dearer of the mark and the worst price that was accepted. */
  #leastNotional(leg: ShownLeg, since: number): Fixed {
    const marks = this.#truth.marks(leg.venue, leg.symbol, since);
    const least = marks.reduce(smaller);
    const collar = fixed(leg.collarPrice);
    return timesFixed(fixed(leg.sizeBase), larger(least, collar));
  }

  /** What may already have been bought or still be on its way counts. */
  #checkSize(order: SeenOrder, leg: ShownLeg, run: Run): void {
    const now = this.#truth.now();
    let taken = fixed(order.sizeBase);
    for (const one of run.orders) {
      if (one.key !== keyOf(order)) continue;
      taken += one.filled + (now < one.until ? one.left : ZERO);
    }
    if (taken > fixed(leg.sizeBase))
      this.#find("MORE_THAN_SHOWN", `${describe(order)}, ${leg.sizeBase} shown`);
  }

  #checkPrice(order: SeenOrder, leg: ShownLeg): void {
    const limit = fixed(order.limitPrice);
    const collar = fixed(leg.collarPrice);
    const beyond = order.side === "buy" ? limit > collar : limit < collar;
    if (beyond) this.#find("BEYOND_COLLAR", `${describe(order)}, collar ${leg.collarPrice}`);
  }

  /** It takes from what is there, by a venue's fresh word, by our own fills, or in truth: never more. */
  #checkReduce(order: SeenOrder, cause: Cause | null): void {
    const key = keyOf(order);
    const most = isCoins(order) ? this.#closable(order, cause) : this.#reducible(order, cause);
    if (most <= ZERO) this.#find("REDUCE_INCREASES", describe(order));
    else if (fixed(order.sizeBase) > most) this.#find("REDUCE_TOO_MUCH", describe(order));
    if (isCoins(order)) {
      const [left, until] = [fixed(order.sizeBase), order.expiresAt];
      this.#closing.set(order.clientOrderId, { key, left, until });
    }
    const asset = assetIn(order.symbol);
    if (this.#armed && cause?.kind === "scan") {
      for (const { run } of this.#mandated) {
        if (run.asset === asset) for (const leg of run.legs) this.#mayClose.add(keyOf(leg));
      }
    }
    if (this.#killed || this.#mayClose.has(key)) return;
    this.#noteUnequal(asset);
    const unequalAt = this.#unequalAt.get(asset) ?? Number.NEGATIVE_INFINITY;
    if (this.#truth.now() - unequalAt <= UNEQUAL_LASTS_MS || this.#isThin(asset)) return;
    this.#find("CLOSED_UNASKED", describe(order));
  }

  #reducible(order: SeenOrder, cause: Cause | null): Fixed {
    const key = keyOf(order);
    const sign = order.side === "sell" ? 1n : -1n;
    const held = [
      this.#truth.position(order.venue, order.symbol),
      this.#own.get(key) ?? ZERO,
      ...this.#toldTo(cause, key),
    ];
    return held.map((one) => one * sign).reduce(larger);
  }

  /** Of coins what is ours, less what is on its way already: two orders must not sell it twice. */
  #closable(order: SeenOrder, cause: Cause | null): Fixed {
    const [key, now] = [keyOf(order), this.#truth.now()];
    const told = [this.#truth.position(order.venue, order.symbol), ...this.#toldTo(cause, key)];
    let most = closableCoins(order.side, this.#own.get(key) ?? ZERO, told);
    for (const one of this.#closing.values())
      if (one.key === key && now < one.until) most -= one.left;
    return most;
  }

  /** Near liquidation on one side: both may be cut or closed without being asked. Drawn wide. */
  #isThin(asset: string): boolean {
    const since = Math.max(0, this.#truth.turn() - THIN_TURNS);
    const legs = [...this.#own].filter(([key, size]) => assetIn(key) === asset && size !== ZERO);
    return legs.some(([key, size]) => {
      const [venue = "", symbol = ""] = key.split(":");
      const equity = Math.min(...this.#truth.equityUsd(venue, symbol, since));
      const maintenance = Math.max(...this.#truth.maintenanceUsd(venue, symbol, since));
      const mark = this.#truth.marks(venue, symbol, since).reduce(larger);
      const notional = Number(timesFixed(size < ZERO ? -size : size, mark)) / Number(fixed("1"));
      return equity < 3.3 * maintenance || equity < 0.3 * notional;
    });
  }

  #noteUnequal(asset: string): void {
    let net = ZERO;
    for (const [key, size] of this.#own) if (assetIn(key) === asset) net += size;
    if (net !== ZERO) this.#unequalAt.set(asset, this.#truth.now());
  }

  #find(rule: string, detail: string): void {
    this.violations.push({ rule, detail });
  }
}

function keyOf(one: { readonly venue: string; readonly symbol: string }): string {
  return `${one.venue}:${one.symbol}`;
}

function placeOf(key: string): { readonly venue: string; readonly symbol: string } {
  const [venue = "", symbol = ""] = key.split(":");
  return { venue, symbol };
}

function assetIn(symbol: string): string {
  return symbol.slice(symbol.indexOf(":") + 1).split("-")[0] ?? "";
}

function opens(leg: ShownLeg, order: SeenOrder): boolean {
  return (leg.side === "long") === (order.side === "buy");
}

function asLeg(order: SeenOrder) {
  return {
    side: order.side === "buy" ? "long" : "short",
    collarPrice: order.limitPrice,
    priceSeen: order.limitPrice,
    paysText: null,
  } as const;
}

function describe(order: SeenOrder): string {
  const { side, sizeBase, limitPrice } = order;
  return `${side} ${sizeBase} ${keyOf(order)} at ${limitPrice}`;
}

function sumOf(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}

function plus(a: Fixed, b: Fixed): Fixed {
  return a + b;
}

function magnitude(value: Fixed): Fixed {
  return value < ZERO ? -value : value;
}

/** Half a per mille for rounding. */
function within(usd: string): Fixed {
  return tenThousandthsOf(fixed(usd), 10_005n);
}

/** Is `a` within so many ten-thousandths of `b`? */
function near(a: Fixed, b: Fixed, tenThousandths: bigint): boolean {
  return magnitude(a - b) * 10_000n <= b * tenThousandths;
}
