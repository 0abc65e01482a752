import { canonicalHash } from "#src/core/canonical-hash.ts";
import { type Decimal, dec, maxOf } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { LIVE_ATTEMPTS } from "#src/core/order.ts";
import { baseSize } from "#src/core/units.ts";
import type { Violation } from "#src/execution/invariants/engine-view.ts";
import type { AlertReason } from "#src/ports/store.ts";
import { instrument } from "#tests/support/builders.ts";
import type { Choices } from "./choices.ts";
import { drawSwarm, type Swarm } from "./faults.ts";
import { beginLife, type Life, planFor } from "./life.ts";
import { MemoryStore } from "./memory-store.ts";
import { Observer } from "./observer.ts";
import { Process, venueTime } from "./process.ts";
import type { SimStore } from "./sim-store.ts";
import { connectVenue, type VenueMood } from "./sim-venue.ts";
import { scheduleTrouble } from "./trouble.ts";
import { VenueTruth } from "./venue-truth.ts";
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
    this.swarm = drawSwarm(choices);
    this.assets = choices.draw(8) === 7 ? ["BTC", "ETH"] : ["BTC"];
    this.#makerWaitMs = choices.draw(3) === 2 ? 3_000 : 0;
    const moved = () => this.observer.moved();
    this.truths = [
      new VenueTruth("alpha", instrumentsOf("alpha", this.assets, "0.001"), moved),
      new VenueTruth("beta", instrumentsOf("beta", this.assets, "0.01"), moved),
    ];
    this.moods = [calm(), calm()];
    this.observer = new Observer(
      this.world,
      this.store,
      this.truths,
      this.assets,
      baseSize("0.01"),
    );
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
    this.store.transaction(() =>
      this.store.insertApproval({
        ...{ nonce: `nonce-${asset}`, subject: "open", subjectId: asset, ownerId: 1, chatId: 1 },
        ...{ subjectHash: planFor(asset).hash, messageId: 1, state: "pending" },
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
    const ends = this.assets.map((asset) => this.#endOf(asset));
    if (this.store.getFact("killWanted") === "yes" && !this.#killMayWait()) return false;
    return !ends.includes("silent");
  }

  #endOf(asset: string): EndState {
    const hedge: Hedge | null = this.store.getHedge(`H-${asset}`);
    const { observer } = this;
    const dust = this.store.getFact(`dust:H-${asset}`);
    const allowed =
      dust === null ? observer.toleranceBase : maxOf(dec(dust), observer.toleranceBase);
    const covered = observer.netOf(asset).abs().lte(allowed);
    if (covered && observer.grossOf(asset).lte(observer.toleranceBase.times("2"))) {
      if (!hedge || hedge.phase === "closed") return "flat";
    }
    if (covered && hedge?.phase === "open" && this.#booksDiffer(asset) === null) return "neutral";
    const told = this.store.alerts.some(
      ({ content }) => content.type === "alert" && (content.hedgeId ?? hedge?.id) === hedge?.id,
    );
    const tooSmall = observer.netOf(asset).abs().lt(this.#leastOrder(asset));
    return told && (tooSmall || this.#mayBeHeld(asset)) ? "held" : "silent";
  }

  /** /kill is still at it for a reason that the owner knows of. */
  #killMayWait(): boolean {
    const told = this.store.alerts.some(
      ({ content }) => content.type === "alert" && content.reason === "NOT_FLAT",
    );
    return told && this.#killLeft() === null && this.beyondUs.gone.size > 0;
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
  #mayBeHeld(asset: string): boolean {
    const { booksForgot, touched, gone } = this.beyondUs;
    if (booksForgot || touched.has(asset)) return true;
    const pending = this.store.listAttempts({ states: LIVE_ATTEMPTS });
    const legs = this.store.getHedge(`H-${asset}`)?.legs ?? [];
    return [...gone].some(
      (truth) =>
        truth.position(`${asset}-PERP`).abs().gt("0") ||
        // What the books hold there nobody can check any more.
        legs.some((leg) => leg.venue === truth.id && leg.heldBase.gt("0")) ||
        pending.some(({ request }) => request.venue === truth.id),
    );
  }

  /** Whatever else happened: on a venue that trades, /kill leaves nothing that an order could close. */
  #killLeft(): string | null {
    for (const truth of this.truths) {
      if (this.beyondUs.gone.has(truth)) continue;
      for (const asset of this.assets) {
        const left = truth.position(`${asset}-PERP`).abs();
        if (left.gte(this.#leastOrder(asset))) return `${truth.id} still holds ${left.toFixed()}`;
      }
    }
    return null;
  }

  /** At the end nothing is in flight: books and venues are equal, leg by leg. */
  #booksDiffer(asset: string): string | null {
    for (const leg of this.store.getHedge(`H-${asset}`)?.legs ?? []) {
      const held = this.truths[leg.index].position(leg.symbol).abs();
      if (held.eq(leg.heldBase)) continue;
      return `${leg.venue} holds ${held.toFixed()}, the books ${leg.heldBase.toFixed()}`;
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
  #leastOrder(asset: string): Decimal {
    const listed = this.truths.flatMap((truth) => truth.instruments.get(`${asset}-PERP`) ?? []);
    return listed
      .map((one): Decimal => one.lotStepBase.plus(one.minSizeBase))
      .reduce((most, next) => maxOf(most, next), dec("0"));
  }

  #result(): ScheduleResult {
    const { observer, world, store } = this;
    const ends = this.assets.map((asset) => this.#endOf(asset));
    observer.finish();
    const violations = [...observer.violations];
    if (violations.length === 0) {
      this.assets.forEach((asset, index) => {
        if (ends[index] !== "silent") return;
        const phase = store.getHedge(`H-${asset}`)?.phase ?? "gone";
        const books = this.#booksDiffer(asset) ?? "the books agree";
        const detail = `${phase}, net ${observer.netOf(asset).toFixed()}, ${books}`;
        violations.push({ rule: "END", hedgeId: `H-${asset}`, detail });
      });
      if (!store.auditIntact()) {
        violations.push({ rule: "T6", hedgeId: null, detail: "the audit chain is broken" });
      }
      violations.push(...this.#looseEnds());
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

const LISTS = new Map<string, ReturnType<typeof instrument>[]>();

function instrumentsOf(venue: string, assets: readonly string[], lot: string) {
  const key = `${venue}:${assets.join()}:${lot}`;
  const known = LISTS.get(key);
  if (known) return known;
  const list = assets.map((asset) =>
    instrument({
      ...{ venue, asset, symbol: `${asset}-PERP`, lotStepBase: baseSize(lot) },
      minSizeBase: baseSize(lot),
    }),
  );
  LISTS.set(key, list);
  return list;
}

function calm(): VenueMood {
  return {
    ...{ downUntilMs: 0, bannedUntilMs: 0, keyRevokedUntilMs: 0, frozenUntilMs: 0 },
    ...{ reduceOnlyUntilMs: 0, hedgeModeUntilMs: 0 },
  };
}
