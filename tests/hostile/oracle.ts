import {
  type Advice,
  asLeg,
  assetIn,
  type Cause,
  describe,
  keyOf,
  type Limits,
  type MandateBounds,
  opens,
  type Run,
  type SeenFill,
  type SeenOrder,
  type SeenTap,
  type Sent,
  type ShownCard,
  type ShownLeg,
  type Truth,
  type Violation,
} from "./evidence.ts";
import { type Fixed, fixed } from "./fixed.ts";
import { OwnBooks } from "./own-books.ts";
import { ACCOUNTS_SEEN_MS, leastNotional, mostUsd, PlanRules, within } from "./plan-rules.ts";
import { isCoins, pairFault } from "./spot-rules.ts";

interface CardState {
  card: ShownCard;
  used: boolean;
}

interface Armed {
  readonly bounds: MandateBounds;
  readonly opens: { readonly day: number; readonly notional: Fixed; readonly run: Run }[];
}

/** A ticket lives for two minutes from the tap; asking the venues may take a little before that. */
const YES_LASTS_MS = 135_000;
/** Who reduces has looked just before or since; the first wave of /kill goes by a look that it need not wait for. */
const LOOKED_MS = 1_000;
const KILL_LOOKED_MS = 15_000;
/** Cards for opening that models may have put before the owner in a UTC day. */
const MOST_ASKED = 10;
const DAY_MS = 86_400_000;
const ZERO = 0n;

/**
 * The judge. It knows nothing of how Hedgerow decides: it sees what reaches the venues, what the owner was
 * shown and tapped, and what was true on the venues meanwhile; its arithmetic is its own.
 */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly #truth: Truth;
  readonly #limits: Limits;
  readonly books: OwnBooks;
  readonly #plans: PlanRules;
  readonly #cards = new Map<string, CardState>();
  readonly #runs: Run[] = [];
  readonly #sent = new Map<string, Sent>();
  readonly #askedOn = new Map<number, number>();
  readonly #usedBy = new Map<string, Cause>();
  readonly #mayClose = new Set<string>();
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
    this.books = new OwnBooks(truth);
    this.#plans = new PlanRules({
      ...{ truth, limits, books: this.books, runs: this.#runs },
      turnAt: (at) => this.#turnAt(at),
      find: (rule, detail) => this.#find(rule, detail),
    });
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
    if (text.includes("the venues hold nothing of it"))
      this.books.writtenOff(text.split(" ")[0] ?? "");
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
      if (isWhole) this.#noteLoss(day, sumOf(known.least) - mostUsd(this.#truth, since));
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

  filled(fill: SeenFill): void {
    this.books.filled(fill);
    this.#netTurn.set(assetIn(fill.symbol), this.#truth.turn());
    const sent = this.#sent.get(fill.clientOrderId);
    if (sent) {
      sent.run.hasFilled = true;
      sent.filled += fixed(fill.sizeBase);
      sent.left -= fixed(fill.sizeBase);
    }
    for (const run of this.#runs) {
      if (!run.over && run.hasFilled) run.over = run.legs.every((leg) => this.books.isFlat(leg));
    }
  }

  /** Nothing more can come of it. */
  ended(clientOrderId: string): void {
    const sent = this.#sent.get(clientOrderId);
    if (sent) sent.left = ZERO;
    this.books.ended(clientOrderId);
  }

  /** When everything that can answer has answered, and everybody has had the time to act. */
  atTheEnd(places: readonly { readonly venue: string; readonly symbol: string }[]): void {
    for (const [asset, here] of Map.groupBy(places, ({ symbol }) => assetIn(symbol))) {
      const since = this.#netTurn.get(asset) ?? 0;
      const isTold = this.#alerts.some(({ turn, text }) => turn >= since && text.includes(asset));
      if (!this.books.isEven(asset, here) && !isTold) this.#find("LEFT_UNEQUAL", asset);
      if (!this.#killed) continue;
      const left = here.filter((one) =>
        isCoins(one)
          ? !this.books.isGone(one)
          : this.#truth.position(one.venue, one.symbol) !== ZERO,
      );
      if (left.length > 0 && !isTold)
        this.#find("KILLED_NOT_FLAT", left.map((one) => keyOf(one)).join(" "));
    }
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
    if (run.orders.length === 0) this.#plans.checkPlan(run);
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
    this.#plans.checkSecond(known, begun, leg);
    this.#checkPlace(known.bounds, leg);
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
    const notional = leastNotional(this.#truth, leg, cause.turn);
    const open = this.#mandated.filter((one) => this.#holds(one.run));
    const total = open.reduce((sum, one) => sum + one.notional, notional);
    const began = this.#dayStart.get(day);
    const start = began?.isWhole ? sumOf(began.least) : undefined;
    const equity = mostUsd(this.#truth, cause.turn);
    const breaches: readonly (readonly [boolean, string])[] = [
      [notional > within(bounds.perHedgeUsd), "MANDATE_PER_HEDGE"],
      [total > within(bounds.totalUsd), "MANDATE_TOTAL"],
      [made.filter((one) => one.day === day).length >= bounds.opensPerDay, "MANDATE_OPENS"],
      [start !== undefined && start - equity > Number(bounds.lossPerDayUsd), "MANDATE_LOSS"],
      [bounds.assets.length > 0 && !bounds.assets.includes(asset), "MANDATE_ASSET"],
    ];
    this.#checkPlace(bounds, leg);
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
    const isHeld = legs.some((leg) => !this.books.isFlat(leg));
    return isHeld || orders.some(({ left, until }) => left > ZERO && now < until);
  }

  #checkPlace({ venues, spotVenues }: MandateBounds, { venue, symbol }: ShownLeg): void {
    const isSpot = symbol.endsWith("-SPOT");
    if (isSpot && !spotVenues.includes(venue)) this.#find("MANDATE_SPOT", venue);
    if (venues.length > 0 && !venues.includes(venue)) this.#find("MANDATE_VENUE", venue);
    if (!this.#truth.provable(venue)) this.#find("MANDATE_UNPROVABLE", venue);
  }

  #turnAt(at: number): number {
    return this.#moments.findLast((one) => one.at <= at)?.turn ?? 0;
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
    const lately = this.#killed ? KILL_LOOKED_MS : LOOKED_MS;
    const most = this.books.reducible(order, { cause, lately });
    if (most <= ZERO) this.#find("REDUCE_INCREASES", describe(order));
    else if (fixed(order.sizeBase) > most) this.#find("REDUCE_TOO_MUCH", describe(order));
    if (isCoins(order)) this.books.closes(order);
    const asset = assetIn(order.symbol);
    if (this.#armed && cause?.kind === "scan") {
      for (const { run } of this.#mandated) {
        if (run.asset === asset) for (const leg of run.legs) this.#mayClose.add(keyOf(leg));
      }
    }
    if (this.#killed || this.#mayClose.has(key)) return;
    if (this.books.isUnequal(asset) || this.books.isThin(asset)) return;
    this.#find("CLOSED_UNASKED", describe(order));
  }

  #find(rule: string, detail: string): void {
    this.violations.push({ rule, detail });
  }
}

function sumOf(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
