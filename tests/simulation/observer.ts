import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isSpotSymbol, smallestOrderBase } from "#src/core/instrument.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { type BaseSize, baseSize, signedBase } from "#src/core/units.ts";
import type { EngineMemory } from "#src/execution/engine-memory.ts";
import { checkInvariants } from "#src/execution/invariants/check-invariants.ts";
import type { EngineView, HedgeView, Violation } from "#src/execution/invariants/engine-view.ts";
import { CEILINGS } from "#src/guard/limits.ts";
import type { OutboxContent } from "#src/ports/store.ts";
import {
  type AssetMarkets,
  differenceOf,
  grossIn,
  grownIn,
  heldAt,
  type LegMarket,
  netIn,
} from "./leg-markets.ts";
import { venueTime } from "./process.ts";
import type { SimStore } from "./sim-store.ts";
import { MARK, type VenueTruth } from "./venue-truth.ts";
import { LIKE_INTEREST } from "./wallet.ts";
import type { World } from "./world.ts";

/** What is known of a hedge from outside: the truth on the venues, and what its owner was told. */
interface Exposure {
  readonly asset: string;
  readonly markets: AssetMarkets;
  /** Since when the venues' positions do not cancel out; null while they do. */
  nakedSinceMs: number | null;
  /** The same clock, started anew by a restart of the process or an alert. */
  untoldSinceMs: number | null;
}

/**
 * Sees everything and touches nothing: after each event it runs every rule of the engine's contract on
 * the durable rows, on what really arrived at the venues, and on the venues' true positions.
 */
export class Observer {
  readonly violations: Violation[] = [];
  longestNakedMs = 0;
  longestUntoldMs = 0;
  readonly #world: World;
  readonly #store: SimStore;
  readonly #truths: readonly [VenueTruth, VenueTruth];
  readonly #exposures: readonly Exposure[];
  readonly #arrived = new Set<string>();
  #memory: EngineMemory | null = null;
  #before: ReadonlyMap<string, HedgeView> = new Map();
  #seenCommits = -1;
  #seenWire = 0;
  #seenAlerts = 0;
  bootStartedMs: number | null = null;
  killAskedMs: number | null = null;
  wallOffsetMs = 0;
  excusedUntilMs = 0;
  #killDurableMs: number | null = null;
  #killWanted: string | null = null;
  #reportedFlat = false;
  #forgot = false;
  /** Small remainders that no order can remove. */
  readonly toleranceBase: Decimal;

  constructor(
    world: World,
    store: SimStore,
    truths: readonly [VenueTruth, VenueTruth],
    assets: readonly AssetMarkets[],
    toleranceBase: BaseSize,
  ) {
    this.#world = world;
    this.#store = store;
    this.#truths = truths;
    this.toleranceBase = toleranceBase;
    this.#exposures = assets.map((markets) => ({
      ...{ asset: markets.asset, markets },
      nakedSinceMs: null,
      untoldSinceMs: null,
    }));
  }

  /** A new process: illegal moves are looked for within one life, and the minute begins anew. */
  reborn(memory: EngineMemory): void {
    this.#memory = memory;
    this.#before = new Map();
    this.#seenWire = 0;
    this.bootStartedMs = this.#world.nowMs;
    for (const one of this.#exposures) {
      if (one.untoldSinceMs !== null) one.untoldSinceMs = this.#world.nowMs;
    }
  }

  died(): void {
    for (const one of this.#exposures) this.#noteUntold(one);
    this.#memory = null;
    this.bootStartedMs = null;
  }

  arrived(request: OrderRequest): void {
    if (this.#arrived.has(request.clientOrderId)) {
      this.#report("S2", null, `${request.clientOrderId} left twice`);
    }
    this.#arrived.add(request.clientOrderId);
    this.#checkSecondLeg(request);
    this.#checkClosesOurs(request);
  }

  /** S6 on spot, where no venue minds: what closes never sells beside a loan, nor buys beside coins. */
  #checkClosesOurs({ venue, symbol, side, reduceOnly, clientOrderId }: OrderRequest): void {
    if (!reduceOnly || !isSpotSymbol(symbol)) return;
    const closed = this.#exposures.find(({ markets: { legs } }) =>
      legs.some((leg) => isAt(leg, venue, symbol)),
    );
    if (closed && (side === "sell") === closed.markets.borrows)
      this.#report("S6", null, `${clientOrderId} closes what no order of ours opened`);
  }

  /** S5 as the venues see it: the second leg never asks for more than the first one has filled. */
  #checkSecondLeg({ venue, symbol, sizeBase, reduceOnly, clientOrderId }: OrderRequest): void {
    const opening = this.#exposures.find(({ markets: { legs } }) => isAt(legs[1], venue, symbol));
    if (reduceOnly || !opening) return;
    const [first, second] = opening.markets.legs;
    const filled = sum(openedOn(first.truth, first.symbol));
    const asked = sum(openedOn(second.truth, symbol)).plus(sizeBase);
    if (asked.gt(filled))
      this.#report("S5", null, `${clientOrderId} asks for more than the first leg`);
  }

  /** S9 as the venues see it: once /kill was reported flat, nothing of ours comes back. */
  #checkStaysFlat(): void {
    if (!this.#reportedFlat) return;
    for (const { asset, markets } of this.#exposures) {
      if (grossIn(markets).gt(leastSpot(markets))) {
        this.#report("S9", `H-${asset}`, "flat, and then not");
      }
    }
  }

  #noteKill(): void {
    const wanted = this.#store.getFact("killWanted");
    if (wanted === "no" && this.#killWanted === "yes" && !this.#forgot) {
      this.#reportedFlat = true;
      this.#checkStaysFlat();
    }
    this.#killWanted = wanted;
  }

  /** After an old backup /kill does not know what it promised. */
  booksForgot(): void {
    this.#reportedFlat = false;
    this.#killWanted = null;
    this.#forgot = true;
  }

  moved(): void {
    const now = this.#world.nowMs;
    this.#checkStaysFlat();
    for (const one of this.#exposures) {
      const net = netIn(one.markets).abs();
      const naked = net.gt(this.#allowedApart(one)) && !this.#isDust(one.asset, net);
      if (naked && one.nakedSinceMs === null) {
        one.nakedSinceMs = now;
        one.untoldSinceMs = this.#isBeingTold(one) ? null : now;
      }
      if (!naked) this.#covered(one);
      this.#checkOurCoins(one);
    }
  }

  /** S6 as the wallet sees it: no order of ours sells what none bought, or buys back what none borrowed. */
  #checkOurCoins({ asset, markets: { legs, borrows } }: Exposure): void {
    const spot = legs.find(({ symbol }) => isSpotSymbol(symbol));
    if (!spot) return;
    const { truth, symbol } = spot;
    const brought = truth.wallet.tradedByUs(symbol);
    const spare = truth.wallet.spare(symbol);
    if (spare.lt(ZERO)) this.#report("T3", `H-${asset}`, "more coins were told of than came");
    if (borrows) {
      // So much of a loan that a hand took looks like interest.
      const alike = truth.wallet.own(symbol).least.lt(ZERO) ? LIKE_INTEREST : ZERO;
      const most = sum([truth.wallet.grown(symbol), spare, alike]);
      if (brought.gt(most)) this.#report("S6", `H-${asset}`, "more was bought back than was owed");
    } else if (brought.lt(ZERO)) {
      this.#report("S6", `H-${asset}`, "coins were sold that no order of ours bought");
    }
  }

  /** Interest comes by itself: how far it may part the legs is for the settings to say. */
  #allowedApart({ markets }: Exposure): Decimal {
    return this.toleranceBase.plus(grownIn(markets));
  }

  /** A remainder that no order can close, and that the owner was told of. */
  #isDust(asset: string, net: Decimal): boolean {
    const dust = this.#store.getFact(`dust:H-${asset}`);
    return dust !== null && net.lte(dust);
  }

  /** The owner has heard that it cannot be shown to be neutral, and nothing has shown it since. */
  #isBeingTold({ asset, markets }: Exposure): boolean {
    const { toldMs, neutralMs } = this.#memory ?? { toldMs: new Map(), neutralMs: new Map() };
    const told = toldMs.get(`unsure:H-${asset}`);
    if (told !== undefined && told > (neutralMs.get(`H-${asset}`) ?? 0)) return true;
    // Or of the very position that is left of it, which these books know nothing of.
    if (this.#store.getHedge(`H-${asset}`)) return false;
    return markets.legs.some(({ truth, symbol }) =>
      toldMs.has(`stranger:${truth.id}:${symbol}:${truth.position(symbol).toFixed()}`),
    );
  }

  #covered(one: Exposure): void {
    if (one.nakedSinceMs === null) return;
    this.longestNakedMs = Math.max(this.longestNakedMs, this.#world.nowMs - one.nakedSinceMs);
    this.#noteUntold(one);
    one.nakedSinceMs = null;
    one.untoldSinceMs = null;
  }

  #noteUntold(one: Exposure): void {
    if (one.untoldSinceMs === null || this.#memory === null) return;
    const untoldMs = this.#world.nowMs - one.untoldSinceMs;
    this.longestUntoldMs = Math.max(this.longestUntoldMs, untoldMs);
    if (untoldMs > 60_000) this.#report("L2", `H-${one.asset}`, `naked ${untoldMs} ms, untold`);
  }

  /** An alert counts for its own hedge; what is about no hedge counts for all when it is about positions. */
  #noteTold(content: OutboxContent): void {
    if (content.type !== "alert") return;
    if (content.reason === "DUST") this.moved();
    if (content.reason === "DUST") return;
    const forAll = content.reason === "STRANGE_POSITION" || content.reason === "NOT_FLAT";
    const silent = this.#truths.find((truth) => content.text.startsWith(`${truth.id} did not say`));
    for (const one of this.#exposures) {
      const there = one.markets.legs.some((leg) => leg.truth === silent && !heldAt(leg).eq(ZERO));
      if (content.hedgeId === `H-${one.asset}` || forAll || there) this.#tell(one);
    }
  }

  #tell(one: Exposure): void {
    this.#noteUntold(one);
    one.untoldSinceMs = null;
  }

  /** After every event; the rules run when something durable, sent or told has changed. */
  look(): void {
    if (this.killAskedMs !== null && this.#killDurableMs === null && this.#isHalted()) {
      const asked = Math.max(this.killAskedMs, this.excusedUntilMs);
      this.#killDurableMs = this.#world.nowMs - asked;
    }
    this.#noteKill();
    const memory = this.#memory;
    if (memory === null) return;
    const { commits, alerts } = this.#store;
    if (alerts.length !== this.#seenAlerts) {
      for (const { content } of alerts.slice(this.#seenAlerts)) this.#noteTold(content);
      this.#seenAlerts = alerts.length;
    }
    if (commits === this.#seenCommits && memory.wire.length === this.#seenWire) return;
    this.#seenCommits = commits;
    this.#seenWire = memory.wire.length;
    const view = this.#view(memory);
    this.violations.push(...checkInvariants(view));
    this.#before = new Map(view.hedges.map((one) => [one.hedge.id, one]));
  }

  #isHalted(): boolean {
    return this.#store.tradingState() !== "active";
  }

  #view(memory: EngineMemory): EngineView {
    const { nowMs } = this.#world;
    return {
      nowMs,
      // The process's own clock may be off; what it wrote earlier may be from before it was.
      wallNow: venueTime(this.#world) + Math.min(0, this.wallOffsetMs),
      tradingState: this.#store.tradingState(),
      hedges: this.#store.listHedges().map((hedge) => this.#viewHedge(hedge)),
      wire: memory.wire,
      positionOf: (venue, symbol) => {
        const truth = this.#truths.find((one) => one.id === venue);
        return truth ? signedBase(truth.position(symbol)) : null;
      },
      agrees: (leg) => {
        const at = this.#exposures
          .flatMap(({ markets }) => markets.legs)
          .find((one) => isAt(one, leg.venue, leg.symbol));
        return (
          at !== undefined && differenceOf(at, leg, at.truth.wallet.grown(leg.symbol)) === null
        );
      },
      before: this.#before,
      ticketLifeMs: CEILINGS.ticketLifeMs,
      auditIntact: true,
      recoveringMs: this.bootStartedMs === null ? null : nowMs - this.bootStartedMs,
      killDurableMs: this.#killDurableMs,
    };
  }

  #viewHedge(hedge: Hedge): HedgeView {
    const store = this.#store;
    const dust = store.getFact(`dust:${hedge.id}`);
    const exposure = this.#exposures.find((one) => one.asset === hedge.asset);
    return {
      hedge,
      attempts: store.listAttempts({ hedgeId: hedge.id }),
      fills: store.listFills(hedge.id),
      alerts: store.alertsAbout(hedge.id),
      authority: this.#authorityOf(hedge),
      dustBase: dust === null ? null : baseSize(dust),
      lotBase: baseSize(this.toleranceBase),
      unsureSinceMs: exposure?.untoldSinceMs ?? null,
    };
  }

  /** A yes that was given in time, by the clock of the process that used it. */
  #authorityOf({ asset, createdAtWall }: Hedge): "approval" | null {
    const approval = this.#store.getApproval(`nonce-${asset}`);
    const used = approval?.state === "approved" && createdAtWall < approval.expiresAt;
    return used ? "approval" : null;
  }

  #report(rule: string, hedgeId: string | null, detail: string): void {
    this.violations.push({ rule, hedgeId, detail });
  }

  /** Said without the store. */
  shouted(): void {
    for (const one of this.#exposures) this.#tell(one);
  }

  finish(): void {
    for (const one of this.#exposures) this.#noteUntold(one);
  }
}

/** The smallest order on spot; zero where all legs are perps. */
/** Of coins so much is nothing: less than the smallest order that the venue takes now. */
function leastSpot({ legs }: AssetMarkets): Decimal {
  const spot = legs.find(({ symbol }) => isSpotSymbol(symbol));
  const listed = spot?.truth.instruments.get(spot.symbol);
  return listed ? smallestOrderBase(listed, MARK) : ZERO;
}

function isAt({ truth, symbol }: LegMarket, venue: string, wanted: string): boolean {
  return truth.id === venue && symbol === wanted;
}

/** What our own orders opened there, fill by fill. */
function openedOn(truth: VenueTruth, symbol: string): readonly Decimal[] {
  return truth.fills
    .filter((fill) => fill.symbol === symbol)
    .filter((fill) => truth.orders.get(fill.clientOrderId)?.request.reduceOnly === false)
    .map((fill) => fill.sizeBase);
}
