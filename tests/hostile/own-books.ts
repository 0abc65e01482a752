import {
  assetIn,
  type Cause,
  keyOf,
  placeOf,
  type SeenFill,
  type SeenOrder,
  type ShownLeg,
  type Truth,
} from "./evidence.ts";
import { type Fixed, fixed, larger, magnitude, smaller, timesFixed } from "./fixed.ts";
import { closableCoins, isCoins, isRemainder } from "./spot-rules.ts";

type Place = Pick<ShownLeg, "venue" | "symbol">;

/** Who reduces has looked at the positions so long (`lately`, ms) before what he acts on, or since. */
interface Look {
  readonly cause: Cause | null;
  readonly lately: number;
}

/** A reading of an account is acted on within so many turns. */
const THIN_TURNS = 400;
const SAID_KEPT = 8;
const UNEQUAL_LASTS_MS = 60_000;
const ZERO = 0n;

/** What is ours by our own fills, and what of it may still be closed. */
export class OwnBooks {
  readonly #truth: Truth;
  /** Orders that close spot and may still fill. */
  readonly #closing = new Map<
    string,
    { readonly key: string; left: Fixed; readonly until: number }
  >();
  /** What interest added to loans, by asset. */
  readonly #grown = new Map<string, Fixed>();
  readonly #own = new Map<string, Fixed>();
  /** What venues said of positions a moment ago. */
  readonly #told = new Map<string, { at: number; readonly size: Fixed }[]>();
  readonly #unequalAt = new Map<string, number>();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  /** Of this place, by its key. */
  of(key: string): Fixed {
    return this.#own.get(key) ?? ZERO;
  }

  /** A venue answers who asks for a position. */
  told(venue: string, symbol: string, sizeBase: string): void {
    const key = `${venue}:${symbol}`;
    const said = this.#told.get(key) ?? [];
    const [at, size, last] = [this.#truth.now(), fixed(sizeBase), said[said.length - 1]];
    if (last?.size === size) last.at = at;
    else this.#told.set(key, [...said.slice(-SAID_KEPT), { at, size }]);
  }

  filled(fill: SeenFill): void {
    const key = keyOf(fill);
    const before = this.of(key);
    const size = fixed(fill.sizeBase);
    // Coins that are gone may have been the owner's: of spot only our own orders tell what is ours.
    const isFlat = !isCoins(fill) && this.#truth.position(fill.venue, fill.symbol) === ZERO;
    const sum = before + (fill.side === "buy" ? size : -size);
    // Beyond what we owe goes to a debt that the owner made beside it: how much may, was judged when it left.
    const isBoughtBack = isCoins(fill) && fill.reduceOnly && before < ZERO && sum > ZERO;
    const after = isFlat || isBoughtBack ? ZERO : sum;
    this.#own.set(key, after);
    const closing = this.#closing.get(fill.clientOrderId);
    if (closing) closing.left -= size;
    this.#noteUnequal(assetIn(fill.symbol));
  }

  isFlat(leg: Place): boolean {
    const own = this.of(keyOf(leg));
    return own === ZERO || this.isRemainder(leg, own);
  }

  isGone(leg: Place): boolean {
    return this.isFlat(leg) || this.#isPaidOff(leg, this.of(keyOf(leg)));
  }

  /** The owner's coins, sent there after the loan, repaid it: nothing is owed any more. */
  #isPaidOff(leg: Place, own: Fixed): boolean {
    if (!isCoins(leg) || own >= ZERO) return false;
    const owed = this.#truth.position(leg.venue, leg.symbol);
    return owed >= ZERO || this.isRemainder(leg, owed);
  }

  /** What was said to be over, with coins of the owner's in the place of what was owed, is not ours any more. */
  writtenOff(asset: string): void {
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
  isRemainder(leg: Place, size: Fixed): boolean {
    if (!isCoins(leg)) return false;
    const { venue, symbol } = leg;
    const since = Math.max(0, this.#truth.turn() - THIN_TURNS);
    const least = this.#truth.marks(venue, symbol, since).reduce(smaller);
    return isRemainder(size, least, this.#truth.lotBase(venue, symbol));
  }

  /** An order that closes spot is on its way. */
  closes(order: SeenOrder): void {
    const [left, until] = [fixed(order.sizeBase), order.expiresAt];
    this.#closing.set(order.clientOrderId, { key: keyOf(order), left, until });
  }

  ended(clientOrderId: string): void {
    this.#closing.delete(clientOrderId);
  }

  /** A loan grew by its interest: so much more is owed. */
  charged(venue: string, symbol: string, grownBase: string): void {
    const [key, asset, grown] = [`${venue}:${symbol}`, assetIn(symbol), fixed(grownBase)];
    const own = this.of(key);
    if (own >= ZERO) return;
    this.#own.set(key, own - grown);
    this.#grown.set(asset, (this.#grown.get(asset) ?? ZERO) + grown);
  }

  /** To the last digit, but for interest and for coins that no order can sell. */
  isEven(asset: string, places: readonly Place[]): boolean {
    const net = places.reduce((total, one) => total + this.of(keyOf(one)), ZERO);
    if (magnitude(net) <= (this.#grown.get(asset) ?? ZERO)) return true;
    return places.some((one) => isCoins(one) && this.isRemainder(one, net));
  }

  /** What an order may take: from what is there by a venue's fresh word, by our own fills, or in truth. */
  reducible(order: SeenOrder, look: Look): Fixed {
    return isCoins(order) ? this.#closable(order, look) : this.#held(order, look);
  }

  #held(order: SeenOrder, look: Look): Fixed {
    const key = keyOf(order);
    const sign = order.side === "sell" ? 1n : -1n;
    const held = [
      this.#truth.position(order.venue, order.symbol),
      this.of(key),
      ...this.#toldTo(look, key),
    ];
    return held.map((one) => one * sign).reduce(larger);
  }

  /** Of coins what is ours, less what is on its way already: two orders must not sell it twice. */
  #closable(order: SeenOrder, look: Look): Fixed {
    const [key, now] = [keyOf(order), this.#truth.now()];
    const told = [this.#truth.position(order.venue, order.symbol), ...this.#toldTo(look, key)];
    let most = closableCoins(order.side, this.of(key), told);
    for (const one of this.#closing.values())
      if (one.key === key && now < one.until) most -= one.left;
    return most;
  }

  /** What somebody may go by who began because of this. */
  #toldTo({ cause, lately }: Look, key: string): readonly Fixed[] {
    const since = Math.min(this.#truth.now(), cause?.at ?? Number.POSITIVE_INFINITY) - lately;
    const said = this.#told.get(key) ?? [];
    return said.filter(({ at }) => at >= since).map(({ size }) => size);
  }

  /** Near liquidation on one side: both may be cut or closed without being asked. Drawn wide. */
  isThin(asset: string): boolean {
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

  /** Its legs differ, or did a moment ago. */
  isUnequal(asset: string): boolean {
    this.#noteUnequal(asset);
    const unequalAt = this.#unequalAt.get(asset) ?? Number.NEGATIVE_INFINITY;
    return this.#truth.now() - unequalAt <= UNEQUAL_LASTS_MS;
  }

  /** Another place where something of this asset is ours. */
  elsewhere(asset: string, legs: readonly Place[]): string | null {
    const [found] = [...this.#own].filter(
      ([other, size]) =>
        size !== ZERO &&
        !this.isGone(placeOf(other)) &&
        assetIn(other) === asset &&
        !legs.some((one) => keyOf(one) === other),
    );
    return found?.[0] ?? null;
  }
}
