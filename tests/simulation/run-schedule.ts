import { canonicalHash } from "#src/core/canonical-hash.ts";
import { type Decimal, dec, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isSpotSymbol, smallestOrderBase } from "#src/core/instrument.ts";
import { LIVE_ATTEMPTS } from "#src/core/order.ts";
import { baseSize, notionalUsd } from "#src/core/units.ts";
import type { Violation } from "#src/execution/invariants/engine-view.ts";
import type { AlertReason } from "#src/ports/store.ts";
import { instrument } from "#tests/support/builders.ts";
import type { Choices } from "./choices.ts";
import { drawSwarm, FAULTS, type Fault, type Swarm } from "./faults.ts";
import { type AssetMarkets, differenceOf, grossIn, grownIn, heldAt, netIn } from "./leg-markets.ts";
import { beginLife, type Life, planFor, planId, type Shape } from "./life.ts";
import { MemoryStore } from "./memory-store.ts";
import { Observer } from "./observer.ts";
import { Process, venueTime } from "./process.ts";
import type { SimStore } from "./sim-store.ts";
import { connectVenue, type VenueMood } from "./sim-venue.ts";
import { scheduleTrouble } from "./trouble.ts";
import { MARK, VenueTruth } from "./venue-truth.ts";
import { World } from "./world.ts";

export type EndState = "neutral" | "flat" | "held" | "silent";

export interface ScheduleResult {
  readonly violations: readonly Violation[];
  readonly reached: Uint32Array;
  readonly reasons: readonly AlertReason[];
  readonly ends: readonly EndState[];
  readonly crashes: number;
  readonly points: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly longestNakedMs: number;
  readonly longestUntoldMs: number;
}

/** Where a process dies, counted in port calls; drawn when not given. */
export interface CrashPlan {
  readonly first: number;
  readonly second: number;
}

/** One engine, two venues, one owner and one swarm of faults, from the first tap until all is quiet. */
export function runSchedule(
  choices: Choices,
  crashPlan: CrashPlan | null = null,
  store?: SimStore,
): ScheduleResult {
  return new Schedule(choices, crashPlan, store).run();
}

const FAULTS_END_MS = 60_000;
const LIVENESS_MS = 240_000;

/** The parts of one schedule, for whatever brings trouble into it. */
export class Schedule {
  readonly world = new World();
  readonly store: SimStore;
  readonly choices: Choices;
  readonly swarm: Swarm;
  readonly assets: readonly string[];
  readonly shape: Shape;
  readonly markets: readonly AssetMarkets[];
  readonly truths: readonly [VenueTruth, VenueTruth];
  readonly moods: readonly [VenueMood, VenueMood];
  readonly observer: Observer;
  readonly #crashPlan: CrashPlan | null;
  readonly #makerWaitMs: number;
  process: Process | null = null;
  life: Life | null = null;
  #waiting: ((life: Life) => void)[] = [];
  #unfinished = () => {};
  #crashes = 0;
  #points = 0;
  #ids = 0;
  /** What no code can or may mend: then a hedge may stay held at the end, with its owner told. */
  readonly beyondUs = {
    /** The books were set back: what they do not know cannot be matched. */
    booksForgot: false,
    /** A position changed without a trace, or a hand added to it. */
    touched: new Set<string>(),
    /** These venues do not come back. */
    gone: new Set<VenueTruth>(),
  };
  diskFullUntilMs = 0;
  busyOnce = false;
  loseAtRestart = 0;
  wallOffsetMs = 0;

  constructor(choices: Choices, crashPlan: CrashPlan | null, store: SimStore = new MemoryStore()) {
    this.store = store;
    this.choices = choices;
    this.#crashPlan = crashPlan;
    const kinds = choices.draw(10);
    this.shape = SHAPES[choices.draw(SHAPES.length)] ?? "perps";
    const onSpot = this.shape !== "perps";
    this.swarm = drawSwarm(choices, kinds, onSpot);
    this.assets = choices.draw(8) === 7 ? ["BTC", "ETH"] : ["BTC"];
    this.#makerWaitMs = choices.draw(3) === 2 ? 3_000 : 0;
    const moved = () => this.observer.moved();
    this.truths = [
      new VenueTruth("alpha", instrumentsOf("alpha", this.assets, "0.001", onSpot), moved),
      new VenueTruth("beta", instrumentsOf("beta", this.assets, "0.01", false), moved),
    ];
    this.markets = this.assets.map((asset) => this.#marketsOf(asset));
    this.moods = [calm(), calm()];
    this.observer = new Observer(
      this.world,
      this.store,
      this.truths,
      this.markets,
      baseSize(onSpot ? "0.001" : "0.01"),
    );
  }

  #marketsOf(asset: string): AssetMarkets {
    const [a, b] = planFor(planId(asset, this.shape)).proposal.legs;
    const [alpha, beta] = this.truths;
    const at = ({ venue, symbol }: typeof a) => ({
      truth: venue === beta.id ? beta : alpha,
      symbol,
    });
    const borrows = [a, b].some(({ side, symbol }) => side === "short" && isSpotSymbol(symbol));
    return { asset, legs: [at(a), at(b)], borrows };
  }

  run(): ScheduleResult {
    this.store.transaction(() => this.store.setFact("chatId", "1"));
    for (const asset of this.assets) this.#offer(asset);
    this.store.settleCommits();
    this.start();
    scheduleTrouble(this);
    const { world, observer } = this;
    const look = () => {
      observer.look();
      return observer.violations.length > 0;
    };
    world.run(FAULTS_END_MS, look);
    this.swarm.end();
    let quietMs = 0;
    while (observer.violations.length === 0 && world.nowMs < FAULTS_END_MS + LIVENESS_MS) {
      world.run(world.nowMs + 5_000, look);
      quietMs = this.#isSettled() ? quietMs + 5_000 : 0;
      if (quietMs >= 10_000) break;
    }
    return this.#result();
  }

  /** The owner does something; when the process is down, the message waits for it. */
  ask(atMs: number, action: (life: Life) => void): void {
    this.world.after(atMs, () => {
      if (this.life) action(this.life);
      else this.#waiting.push(action);
    });
  }

  /** As Telegram does: what a process did not live to finish is delivered to the next one. */
  askUntilDone(atMs: number, done: () => boolean, action: (life: Life) => void): void {
    const deliver = (life: Life) => {
      this.#unfinished = () => {
        if (!done()) this.ask(0, deliver);
      };
      action(life);
    };
    this.ask(atMs, deliver);
  }

  #offer(asset: string): void {
    const now = venueTime(this.world);
    const stale = this.swarm.strikes("staleTap");
    const plan = planId(asset, this.shape);
    this.store.transaction(() =>
      this.store.insertApproval({
        ...{ nonce: `nonce-${asset}`, subject: "open", subjectId: plan, ownerId: 1, chatId: 1 },
        ...{ subjectHash: planFor(plan).hash, messageId: 1, state: "pending" },
        ...{ createdAt: now, expiresAt: now + (stale ? 50 : 120_000) },
      }),
    );
    const tap = (life: Life) => life.approve(`nonce-${asset}`);
    this.ask(100, tap);
    if (this.swarm.strikes("doubleTap")) this.ask(100 + this.choices.draw(4) * 40, tap);
  }

  start(): void {
    const { choices, swarm, world, store, observer } = this;
    const crashAt = this.#nextCrash();
    const process = new Process(world, crashAt, () => this.#died());
    process.wallOffsetMs = this.wallOffsetMs;
    this.process = process;
    store.gate = (work) => this.#write(process, work);
    const venues = [0, 1] as const;
    const life = beginLife({
      ...{ process, store, makerWaitMs: this.#makerWaitMs },
      borrows: this.markets.some((one) => one.borrows),
      venues: venues.map((index) =>
        connectVenue({
          ...{ truth: this.truths[index], mood: this.moods[index], process, choices, swarm },
          arrived: (request) => observer.arrived(request),
        }),
      ),
      nextId: () => `${++this.#ids}`,
      shouted: () => observer.shouted(),
    });
    observer.reborn(life.context.memory);
    this.life = life;
    void life.boot(() => {
      observer.bootStartedMs = null;
    });
    while (process.alive && this.#waiting.length > 0) this.#waiting.shift()?.(life);
  }

  #nextCrash(): number {
    const plan = this.#crashPlan;
    if (plan) return this.#crashes === 0 ? plan.first : this.#crashes === 1 ? plan.second : 0;
    const { swarm, choices } = this;
    if (this.#crashes === 0) {
      const power = swarm.strikes("powerLoss");
      return power || swarm.strikes("crash") ? 1 + choices.draw(160) : 0;
    }
    return this.#crashes < 3 && swarm.strikes("crashInRecovery") ? 1 + choices.draw(60) : 0;
  }

  #write<T>(process: Process, work: () => T): T {
    if (this.world.nowMs < this.diskFullUntilMs) throw new Error("database or disk is full");
    if (this.swarm.isOn("writeFails") && this.choices.draw(8) === 7) {
      this.swarm.reach("writeFails");
      const { observer, world } = this;
      observer.excusedUntilMs = Math.max(observer.excusedUntilMs, world.nowMs);
      throw new Error("disk I/O error");
    }
    if (this.busyOnce) {
      this.busyOnce = false;
      throw new Error("database is locked");
    }
    return process.sync(work);
  }

  #died(): void {
    this.#crashes += 1;
    this.#points += this.process?.points ?? 0;
    this.life = null;
    this.process = null;
    this.observer.died();
    this.#unfinished();
    const downMs = 300 + this.choices.draw(8) * this.choices.draw(8) * 400;
    this.world.after(downMs, () => {
      if (this.loseAtRestart > 0) this.observer.booksForgot();
      if (this.loseAtRestart > 0) this.store.loseCommits(this.loseAtRestart);
      this.loseAtRestart = 0;
      this.store.reopen();
      this.start();
    });
  }

  /** Every hedge has come to one of its ends, and nothing is on its way. */
  #isSettled(): boolean {
    if (!this.life || this.store.hasLiveAttempts()) return false;
    const ends = this.markets.map((one) => this.#endOf(one));
    if (this.store.getFact("killWanted") === "yes" && !this.#killMayWait()) return false;
    return !ends.includes("silent");
  }

  #endOf(markets: AssetMarkets): EndState {
    const { asset } = markets;
    const hedge: Hedge | null = this.store.getHedge(`H-${asset}`);
    const { observer } = this;
    const dust = this.store.getFact(`dust:H-${asset}`);
    const allowed =
      dust === null ? observer.toleranceBase : maxOf(dec(dust), observer.toleranceBase);
    const net = netIn(markets).abs();
    const covered = net.lte(allowed);
    if (covered && grossIn(markets).lte(nothingOf(markets) ?? observer.toleranceBase.times("2"))) {
      if (!hedge || hedge.phase === "closed") return "flat";
    }
    const even = covered || net.lte(this.#interestMayPart(markets, hedge));
    if (even && hedge?.phase === "open" && this.#booksDiffer(markets) === null) return "neutral";
    const told = this.store.alerts.some(
      ({ content }) => content.type === "alert" && (content.hedgeId ?? hedge?.id) === hedge?.id,
    );
    const tooSmall = net.lt(this.#leastOrder(markets));
    return told && (tooSmall || this.#mayBeHeld(markets)) ? "held" : "silent";
  }

  /** What a loan grew by is evened beyond 3 %, then not at once again unless it is an emergency. */
  #interestMayPart(markets: AssetMarkets, hedge: Hedge | null): Decimal {
    const attempts = hedge ? this.store.listAttempts({ hedgeId: hedge.id }) : [];
    const isEvened = attempts.some(({ purpose }) => purpose === "rebalance");
    const held = (hedge?.legs ?? []).map((leg): Decimal => leg.heldBase);
    const larger = held.reduce((most, next) => maxOf(most, next), ZERO);
    const most = larger.times(isEvened ? "0.1" : "0.03");
    return minOf(most, grownIn(markets).plus(this.observer.toleranceBase));
  }

  /** /kill is still at it for a reason that the owner knows of. */
  #killMayWait(): boolean {
    const told = this.store.alerts.some(
      ({ content }) => content.type === "alert" && content.reason === "NOT_FLAT",
    );
    // Beside a position that changed without a trace no lost order can be proven dead.
    const { gone, touched } = this.beyondUs;
    const unprovable = touched.size > 0 && this.store.hasLiveAttempts();
    return told && this.#killLeft() === null && (gone.size > 0 || unprovable);
  }

  /** Fees, interest and coins of the owner's own are nothing that goes wrong. */
  #falseAlarm(): readonly Violation[] {
    const { store, swarm, observer } = this;
    const unwell = FAULTS.some((fault, at) => (swarm.reached[at] ?? 0) > 0 && !NORMAL.has(fault));
    // More interest at once than a venue charges in weeks is worth an alarm.
    const much = this.markets.some((one) => grownIn(one).gt(SOME_INTEREST));
    if (unwell || much || this.#crashes > 0 || observer.killAskedMs !== null) return [];
    const alarm = store.alerts.find(({ severity }) => severity === "critical")?.content;
    if (alarm?.type !== "alert") return [];
    return [{ rule: "CALM", hedgeId: alarm.hedgeId ?? null, detail: alarm.text }];
  }

  #looseEnds(): readonly Violation[] {
    const { store, observer, beyondUs } = this;
    const broken = (rule: string, detail: string) => ({ rule, hedgeId: null, detail });
    const found: Violation[] = [];
    if (!store.auditIntact()) found.push(broken("T6", "the audit chain is broken"));
    const live = store.listAttempts({ states: LIVE_ATTEMPTS });
    const stuck = live.find(
      ({ request }) => ![...beyondUs.gone].some((one) => one.id === request.venue),
    );
    // Against a position that changed without a trace nothing can be proven: it stays open, and told.
    const provable = !beyondUs.booksForgot && beyondUs.touched.size === 0;
    if (stuck && provable) {
      found.push(broken("END", `${stuck.clientOrderId} never came to its end`));
    }
    const asked = observer.killAskedMs !== null && !beyondUs.booksForgot;
    if (asked && store.tradingState() === "active")
      found.push(broken("L4", "/kill was never written"));
    if (asked && store.getFact("killWanted") === "yes" && !this.#killMayWait()) {
      found.push(broken("END", `/kill never ended: ${this.#killLeft() ?? "and nobody was told"}`));
    }
    const foreign = store.alerts.some(
      ({ content }) => content.type === "alert" && content.reason === "FOREIGN_ORDER",
    );
    if (foreign && store.tradingState() === "active") {
      found.push(broken("S10", "an unknown Hedgerow trades here, and trading goes on"));
    }
    return found;
  }

  /** A venue that is gone for good excuses only what hangs on it: a lonely leg elsewhere must be cut. */
  #mayBeHeld({ asset, legs: places }: AssetMarkets): boolean {
    const { booksForgot, touched, gone } = this.beyondUs;
    if (booksForgot || touched.has(asset)) return true;
    const pending = this.store.listAttempts({ states: LIVE_ATTEMPTS });
    const legs = this.store.getHedge(`H-${asset}`)?.legs ?? [];
    return [...gone].some(
      (truth) =>
        places.some((leg) => leg.truth === truth && !heldAt(leg).eq("0")) ||
        // What the books hold there nobody can check any more.
        legs.some((leg) => leg.venue === truth.id && leg.heldBase.gt("0")) ||
        pending.some(({ request }) => request.venue === truth.id),
    );
  }

  /** Whatever else happened: on a venue that trades, /kill leaves nothing that an order could close. */
  #killLeft(): string | null {
    for (const markets of this.markets) {
      for (const leg of markets.legs) {
        if (this.beyondUs.gone.has(leg.truth)) continue;
        const left = heldAt(leg).abs();
        if (left.gte(this.#leastOrder(markets)))
          return `${leg.truth.id} still holds ${left.toFixed()}`;
      }
    }
    return null;
  }

  /** At the end nothing is in flight: books and venues are equal, leg by leg. */
  #booksDiffer(markets: AssetMarkets): string | null {
    const hedge = this.store.getHedge(`H-${markets.asset}`);
    for (const leg of hedge?.legs ?? []) {
      const over = differenceOf(markets.legs[leg.index], leg, dec("0"));
      if (over?.abs().gte(nothingOf(markets) ?? "0"))
        return `${leg.venue} ${leg.symbol}: ${over.toFixed()} beyond the books`;
    }
    return null;
  }

  /** All that happened, as one text: equal for equal runs, bit by bit. */
  fingerprint(): string {
    const { store, truths, world } = this;
    return canonicalHash([
      ...[world.events, world.nowMs, this.#points, this.choices.taken],
      ...[store.listAttempts({}), store.listHedges(), store.alerts],
      ...truths.map((truth) => truth.fills),
    ]);
  }

  /** The least that can be traded on both venues now: limits may have grown meanwhile. */
  #leastOrder({ legs }: AssetMarkets): Decimal {
    const listed = legs.flatMap(({ truth, symbol }) => truth.instruments.get(symbol) ?? []);
    return listed
      .map((one): Decimal => one.lotStepBase.plus(one.minSizeBase))
      .reduce((most, next) => maxOf(most, next), dec("0"));
  }

  #result(): ScheduleResult {
    const { observer, world, store } = this;
    const ends = this.markets.map((one) => this.#endOf(one));
    observer.finish();
    const violations = [...observer.violations];
    if (violations.length === 0) {
      this.markets.forEach((markets, index) => {
        if (ends[index] !== "silent") return;
        const { asset } = markets;
        const phase = store.getHedge(`H-${asset}`)?.phase ?? "gone";
        const books = this.#booksDiffer(markets) ?? "the books agree";
        const detail = `${phase}, net ${netIn(markets).toFixed()}, ${books}`;
        violations.push({ rule: "END", hedgeId: `H-${asset}`, detail });
      });
      if (!store.auditIntact()) {
        violations.push({ rule: "T6", hedgeId: null, detail: "the audit chain is broken" });
      }
      violations.push(...this.#looseEnds(), ...this.#falseAlarm());
    }
    return {
      ...{ violations, ends, crashes: this.#crashes, reached: this.swarm.reached },
      points: this.#points + (this.process?.points ?? 0),
      reasons: store.alerts.flatMap(({ content }) =>
        content.type === "alert" && content.reason ? [content.reason] : [],
      ),
      events: world.events,
      virtualMs: world.nowMs,
      longestNakedMs: observer.longestNakedMs,
      longestUntoldMs: observer.longestUntoldMs,
    };
  }
}

const NORMAL: ReadonlySet<Fault> = new Set(["feeInCoins", "loanGrows", "doubleTap"]);
const SOME_INTEREST = dec("0.01");

const LISTS = new Map<string, ReturnType<typeof instrument>[]>();

/** Coins below a smallest order count as none; null where all legs are perps. */
function nothingOf({ legs }: AssetMarkets): Decimal | null {
  const spot = legs.find(({ symbol }) => isSpotSymbol(symbol));
  const listed = spot?.truth.instruments.get(spot.symbol);
  return listed ? smallestOrderBase(listed, MARK) : null;
}

/** Of seven schedules two hedge with spot. */
export const SHAPES: readonly Shape[] = [
  ...Array.from({ length: 10 }, () => "perps" as const),
  ...(["perpThenCoins", "coinsThenPerp", "perpThenLoan", "loanThenPerp"] as const),
];

function instrumentsOf(venue: string, assets: readonly string[], lot: string, withSpot: boolean) {
  const key = `${venue}:${assets.join()}:${lot}:${withSpot}`;
  const known = LISTS.get(key);
  if (known) return known;
  const perps = assets.map((asset) =>
    instrument({
      ...{ venue, asset, symbol: `${asset}-PERP`, lotStepBase: baseSize(lot) },
      minSizeBase: baseSize(lot),
    }),
  );
  // A smallest order of five lots, as real ones are of several.
  const spots = (withSpot ? assets : []).map((asset) =>
    instrument({
      ...{ venue, asset, symbol: `${asset}-SPOT`, kind: "spot", maxLeverage: dec("1") },
      ...{ lotStepBase: baseSize("0.0001"), minSizeBase: baseSize("0.0001") },
      minNotionalUsd: notionalUsd("30"),
    }),
  );
  const list = [...perps, ...spots];
  LISTS.set(key, list);
  return list;
}

function calm(): VenueMood {
  return {
    ...{ downUntilMs: 0, bannedUntilMs: 0, keyRevokedUntilMs: 0, frozenUntilMs: 0 },
    ...{ reduceOnlyUntilMs: 0, hedgeModeUntilMs: 0 },
  };
}
