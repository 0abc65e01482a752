import { expect, test } from "bun:test";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import type { Mandate } from "#src/core/mandate.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { Pipeline, Tap, TapResult } from "#src/pipeline/contract.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { seededDice } from "./dice.ts";
import { CHAT, createHostileWorld, type HostileWorld, OWNER, oneTurn } from "./hostile-world.ts";
import { openQuickStore } from "./quick-store.ts";

const RACES = 10_000;
/** Races on one database, before it grows long. */
const PER_WORLD = 500;
/** One database in so many is the real one; the others are in memory. */
const REAL_STORE = 10;
/** One in so many opens a hedge; the others arm a mandate or resume trading. */
const OPENS = 50;
const LIFE_MS = 120_000;
const EFFECTS = ["opening", "armed", "resumed"];

test(
  `of ${RACES} races of taps each ends with one execution, or with none`,
  async () => {
    const ends = { once: 0, never: 0, restarts: 0, taps: 0 };
    for (let first = 0; first < RACES; first += PER_WORLD) {
      const isReal = (first / PER_WORLD) % REAL_STORE === 0;
      const world = createHostileWorld(
        seededDice(first + 1),
        isReal ? openStore : openQuickStore,
        null,
      );
      const races = new Races(world);
      for (let race = first; race < first + PER_WORLD; race += 1) {
        const { effects, least, most } = await races.run(race);
        if (effects < least || effects > most) throw new Error(`race ${race}: ${effects} effects`);
        ends[effects === 1 ? "once" : "never"] += 1;
      }
      ends.restarts += races.restarts;
      ends.taps += races.taps;
      world.die();
      world.store.close();
    }
    expect(ends.once + ends.never).toBe(RACES);
    expect(ends.once).toBeGreaterThan(RACES / 3);
    expect(ends.never).toBeGreaterThan(RACES / 10);
    expect(ends.restarts).toBeGreaterThan(RACES / 50);
    expect(ends.taps).toBeGreaterThan(RACES * 3);
  },
  5 * 60_000,
);

interface Press {
  readonly how: "approve" | "decline";
  readonly tap: Tap;
}

class Races {
  readonly #world: HostileWorld;
  readonly #used: Tap[] = [];
  #pipeline: Pipeline;
  #messages = 0;
  #begun = false;
  restarts = 0;
  taps = 0;

  constructor(world: HostileWorld) {
    this.#world = world;
    this.#pipeline = world.begin();
  }

  /** A card, a handful of taps at once, and how many of them did something. */
  async run(race: number) {
    const { dice, clock, store } = this.#world;
    if (!this.#begun) await this.#restart();
    const opens = race % OPENS === 0;
    const tap = opens ? await this.#askToOpen() : this.#ask(race);
    const late = dice.chance(100);
    if (late) clock.jump(LIFE_MS);
    const presses = this.#presses(tap);
    const results: TapResult[] = [];
    const working = presses.map(({ how, tap: its }) => {
      const said = how === "decline" ? this.#pipeline.decline(its) : this.#pipeline.approve(its);
      const push = (result: TapResult) => results.push(result);
      // What a dead process still says nobody hears.
      return Promise.resolve(said).then(push, () => undefined);
    });
    const dies = dice.chance(30);
    // A process that dies takes with it what it had not written.
    if (dies) await this.#restart();
    else await Promise.all(working);
    const again = dies ? await this.#pipeline.approve(tap) : null;
    if (again) results.push(again);
    await Promise.all(again ? [again.done] : results.map(({ done }) => done));
    this.taps += presses.length;
    this.#used.push(tap);
    const good = presses.filter((one) => one.tap === tap && !late).map(({ how }) => how);
    const sure = good.includes("approve") && !good.includes("decline") && !dies;
    const none = late || (good.length === 0 && !dies) || (good[0] === "decline" && !dies);
    const hedges = store.listHedges(LIVE_PHASES).length;
    const effects =
      opens && dies ? hedges : results.filter(({ kind }) => EFFECTS.includes(kind)).length;
    if (opens && hedges !== effects) throw new Error(`${hedges} hedges of ${effects} openings`);
    if (opens) await this.#closeAll();
    // Whatever became of it, this card is over: pressed again it must do nothing.
    if (effects === 0) this.#pipeline.decline(tap);
    if (store.tradingState() !== "active") {
      store.transaction(() => store.setTradingState("active"));
    }
    return { effects, least: sure ? 1 : 0, most: none ? 0 : 1 };
  }

  /** Two to five: again, by others, elsewhere, with old or made-up nonces. */
  #presses(tap: Tap): readonly Press[] {
    const { dice } = this.#world;
    return Array.from({ length: 2 + dice.below(4) }, (): Press => {
      const how = dice.chance(200) ? "decline" : "approve";
      switch (dice.below(12)) {
        case 0:
          return { how, tap: { ...tap, userId: 2 } };
        case 1:
          return { how, tap: { ...tap, chatId: 2 } };
        case 2:
          return { how, tap: { ...tap, messageId: tap.messageId - 1 } };
        case 3:
          return { how, tap: { ...tap, nonce: dice.pick(["", "forged", `${tap.nonce}x`]) } };
        case 4:
        case 5:
          return { how, tap: { ...(this.#used.at(-1) ?? { ...tap, userId: 3 }) } };
        default:
          return { how, tap };
      }
    });
  }

  /** A card that arms a mandate, or one that resumes. */
  #ask(race: number): Tap {
    const { store, clock, ids } = this.#world;
    const [subject, subjectId] =
      race % 2 === 0
        ? (["mandate", ids.next("M")] as const)
        : (["resume", "trading-state"] as const);
    const now = clock.wallNow();
    const tap = this.#tapOn(ids.nonce());
    store.transaction(() => {
      if (subject === "mandate") store.insertMandate(offer(subjectId, now));
      if (subject === "resume") store.setTradingState("halted");
      store.insertApproval({
        ...{ nonce: tap.nonce, subject, subjectId, subjectHash: canonicalHash(subjectId) },
        ...{ ownerId: OWNER, chatId: CHAT, messageId: tap.messageId, state: "pending" },
        ...{ createdAt: now, expiresAt: now + LIFE_MS },
      });
    });
    return tap;
  }

  async #askToOpen(): Promise<Tap> {
    const { store, clock } = this.#world;
    // About a payment a tap opens nothing, which is not what is tried here.
    const toPayment = HOUR_MS - (clock.marketNow() % HOUR_MS);
    if (toPayment < 2 * LIFE_MS || toPayment > HOUR_MS - LIFE_MS) clock.jump(3 * LIFE_MS);
    const asked = await this.#pipeline.proposeOpen({ asset: "SOL" }, "owner");
    if (asked.kind !== "proposed") throw new Error(JSON.stringify(asked));
    const [approval] = store.listApprovals({ subjectId: asked.proposal.id });
    if (!approval) throw new Error("no card");
    const tap = this.#tapOn(approval.nonce);
    store.transaction(() => store.bindApprovalMessage(tap.nonce, CHAT, tap.messageId));
    return tap;
  }

  #tapOn(nonce: string): Tap {
    this.#messages += 2;
    return { nonce, userId: OWNER, chatId: CHAT, messageId: this.#messages };
  }

  async #restart(): Promise<void> {
    this.#world.die();
    if (this.#begun) this.restarts += 1;
    this.#begun = true;
    this.#pipeline = this.#world.begin();
    await this.#pipeline.recover();
  }

  /** So that the next race finds nothing open, and no card of this one waiting. */
  async #closeAll(): Promise<void> {
    const { store, clock } = this.#world;
    await this.#pipeline.kill("owner");
    clock.jump(LIFE_MS);
    for (let round = 0; round < 30 && store.listHedges(LIVE_PHASES).length > 0; round += 1) {
      await this.#pipeline.tend();
      await oneTurn();
    }
    await this.#pipeline.tend();
    if (store.listHedges(LIVE_PHASES).length > 0) throw new Error("not closed");
  }
}

function offer(id: string, now: number): Mandate {
  const usd = notionalUsd("10");
  return {
    ...{
      id,
      ownerId: OWNER,
      state: "offered",
      opensPerDay: 1,
      assets: [],
      venues: [],
      spotVenues: [],
    },
    ...{ perHedgeUsd: usd, totalUsd: usd, lossPerDayUsd: usd, armedAt: null, endsAt: now + 9e9 },
  };
}
