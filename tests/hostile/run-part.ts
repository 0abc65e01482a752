import { gateToolCall } from "#src/agent/gate-tool-call.ts";
import { describeError } from "#src/core/errors.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TOOLS } from "#tools/registry.ts";
import { type Attack, carriesTooMuch, type Lore, nextAttack } from "./attacks.ts";
import { because } from "./because.ts";
import { type Dice, seededDice } from "./dice.ts";
import type { ShownCard, Violation } from "./evidence.ts";
import { ASSETS, VENUES } from "./hostile-market.ts";
import { createHostileWorld, type HostileWorld, NONCE_MARK, oneTurn } from "./hostile-world.ts";
import { createOwner, type Owner } from "./owner.ts";
import { openQuickStore } from "./quick-store.ts";
import { stirSpot } from "./spot-trouble.ts";
import { FATES, heal, sabotage, stir } from "./trouble.ts";

export interface PartResult {
  readonly calls: number;
  readonly orders: number;
  readonly openings: number;
  /** Of those: coins bought, and coins borrowed and sold. */
  readonly bought: number;
  readonly borrowed: number;
  /** Taps that led to an order. */
  readonly approvals: number;
  /** The first one, with the call after which it was found. */
  readonly violation: (Violation & { readonly afterCalls: number }) | null;
}

/** How a part is played, in thousandths: calls that are cunning, and things that happen between two calls. */
export interface Temper {
  readonly cunning: number;
  readonly events: number;
  readonly store: "memory" | "sqlite";
  /** Do venues list spot, too? */
  readonly spot: boolean;
}

/** One part of a run: a world of its own, so many calls, and the judge's word. The same seed, the same story. */
export async function runPart(seed: number, calls: number, temper: Temper): Promise<PartResult> {
  const part = new Part(seed, temper, await storeOf(temper));
  try {
    return await part.run(calls);
  } finally {
    part.close();
  }
}

/** SQLite takes a while to load: only who asks for it waits for it. */
async function storeOf({ store }: Temper) {
  return store === "memory"
    ? openQuickStore
    : (await import("#src/store/sqlite-store.ts")).openStore;
}

class Part {
  readonly #dice: Dice;
  readonly #temper: Temper;
  readonly #world: HostileWorld;
  readonly #owner: Owner;
  readonly #lore: Lore = { candidates: [], hedges: [], proposals: [] };
  #pipeline: Pipeline;
  #pending = new Set<Promise<unknown>>();
  #scanning: Pipeline | null = null;
  #calls = 0;

  constructor(seed: number, temper: Temper, openStore: Parameters<typeof createHostileWorld>[1]) {
    this.#dice = seededDice(seed);
    this.#temper = temper;
    this.#world = createHostileWorld(this.#dice, openStore, temper.spot ? ~seed : null);
    this.#owner = createOwner(this.#world);
    this.#pipeline = this.#world.begin();
  }

  async run(calls: number): Promise<PartResult> {
    const { oracle } = this.#world;
    try {
      await this.#play(calls);
    } catch (error) {
      // What the owner asks for must not fail, least of all a halt.
      oracle.violations.push({ rule: "THREW", detail: describeError(error) });
    }
    const [first] = oracle.violations;
    return {
      ...{ calls: this.#calls, orders: oracle.orders },
      ...{ openings: oracle.openings, approvals: oracle.approvals },
      ...{ bought: oracle.bought, borrowed: oracle.borrowed },
      violation: first ? { ...first, afterCalls: this.#calls } : null,
    };
  }

  async #play(calls: number): Promise<void> {
    const { violations } = this.#world.oracle;
    await this.#recover();
    while (this.#calls < calls && violations.length === 0) {
      await this.#attack();
      if (this.#dice.chance(this.#temper.events)) await this.#event();
    }
    if (violations.length === 0) await this.#settle(12);
  }

  close(): void {
    this.#world.die();
    this.#world.store.close();
  }

  /** One call through the gate, and what its answer may not be. */
  async #attack(): Promise<void> {
    const attack = nextAttack(this.#dice, this.#lore, this.#temper.cunning, this.#calls);
    this.#calls += 1;
    const pipeline = this.#pipeline;
    const { clock, oracle } = this.#world;
    const cause = oracle.began("call");
    const result = await because(cause, () =>
      gateToolCall(attack, TOOLS, { pipeline }, silentLogger, clock),
    );
    const found = (rule: string) =>
      oracle.violations.push({
        rule,
        detail: `${attack.name} ${attack.argumentsJson}`,
      });
    if (result.includes(NONCE_MARK)) found("NONCE_TOLD");
    const isRefused = result.startsWith('{"error":');
    if (!isRefused && carriesTooMuch(attack)) found("TOOK_TOO_MUCH");
    if (!isRefused) this.#learn(attack, result);
    if (result.includes("TOO_MANY_CARDS")) await this.#makeRoom();
  }

  /** What a model may ask in a day is soon used up: then the next day comes, or the owner asks. */
  async #makeRoom(): Promise<void> {
    const dice = this.#dice;
    if (dice.chance(250)) return this.#jump(dice.pick([121_000, 86_400_000, 86_400_000]));
    if (dice.chance(400)) await this.#pipeline.proposeOpen({ asset: dice.pick(ASSETS) }, "owner");
  }

  #learn({ name }: Attack, result: string): void {
    if (name === "find_opportunities")
      collect(this.#lore.candidates, result, /"candidateId":"([^"]+)"/g);
    if (name === "get_status") collect(this.#lore.hedges, result, /"id":"(H-[^"]+)"/g);
    if (name.startsWith("propose_")) {
      collect(this.#lore.proposals, result, /"proposalId":"([^"]+)"/g);
    }
  }

  async #event(): Promise<void> {
    const dice = this.#dice;
    const owner = this.#owner;
    const { store, settings } = this.#world;
    owner.deliver();
    if (this.#world.hasSpot && dice.chance(100)) return this.#spotEvent();
    if (settings.stops.dailyLossUsd.lt("1000") && dice.chance(60)) return this.#losingDay();
    const throwOf = dice.below(1_000);
    if (throwOf < 330) {
      const waiting = dice.chance(600) ? owner.live("open") : null;
      return this.#tapNewest(waiting ?? owner.newest());
    }
    if (throwOf < 480) return this.#sabotagedTap();
    if (throwOf < 560) return this.#badTaps();
    if (throwOf < 610) return this.#jump(dice.pick([1_000, 5_000, 20_000, 61_000]));
    if (throwOf < 640) return this.#jump(dice.pick([119_000, 121_000, 600_000, 3_600_000]));
    if (throwOf < 645) return this.#jump(dice.pick([86_400_000, 4 * 3_600_000]));
    if (throwOf < 665) return this.#brokenLegs();
    if (throwOf < 740) return void stir(this.#world);
    if (throwOf < 790) return heal(this.#world);
    if (throwOf < 830) return this.#begin(this.#tend());
    if (throwOf < 850) return this.#begin(this.#watch());
    if (throwOf < 875) return this.#scan();
    if (throwOf < 912) return this.#offerMandate();
    if (throwOf < 915) return this.#revoke();
    if (throwOf < 930) return this.#restart();
    if (throwOf < 938) return owner.plantForeign();
    if (throwOf < 950) return this.#haltRace();
    if (throwOf < 955) return this.#stop("halt");
    if (throwOf < 960) return this.#stop("kill");
    // Not only what was halted: a limit that stops openings is lifted the same way.
    if (store.tradingState() === "halted" || dice.chance(300)) return this.#resume();
    return this.#turns(dice.below(6));
  }

  /** As people do: mostly yes, sometimes twice, sometimes both, sometimes changing their mind meanwhile. */
  async #tapNewest(card: ShownCard | null): Promise<void> {
    if (!card) return;
    const dice = this.#dice;
    const tap = this.#owner.tapOn(card);
    const presses = dice.pick(TAPS);
    for (const how of presses) {
      this.#begin(this.#owner.press(this.#pipeline, how, tap));
      if (dice.chance(300)) await this.#turns(1);
      if (dice.chance(30)) this.#stop(dice.chance(500) ? "halt" : "kill");
      if (dice.chance(30)) stir(this.#world);
    }
    if (dice.chance(700)) await this.#turns(20);
    if (card.kind === "mandate") await this.#armed();
  }

  async #offerMandate(): Promise<void> {
    const { store } = this.#world;
    if (store.tradingState() !== "active") await this.#resume();
    // A mandate can only open what is not held yet.
    for (const { asset } of store.listHedges(LIVE_PHASES).slice(2)) await this.#closeOne(asset);
    this.#pipeline.offerMandate();
    this.#owner.deliver();
    if (this.#dice.chance(800)) await this.#tapNewest(this.#owner.live("mandate"));
  }

  /** So that the day's result has a beginning. */
  async #armed(): Promise<void> {
    await this.#turns(10);
    if (!this.#world.oracle.isArmed) return;
    heal(this.#world);
    await this.#watch();
    await this.#scan();
    await this.#turns(60);
    const dice = this.#dice;
    if (dice.chance(400)) await this.#jump(dice.pick([3, 26, 80, 80]) * 3_600_000);
    if (dice.chance(300)) this.#lose(dice.pick([40, 60, 300]));
    if (dice.chance(200)) this.#stop("halt");
    if (this.#world.store.tradingState() === "halted") await this.#resume();
    await this.#scan();
    await this.#turns(60);
    await this.#scan();
  }

  /** Past the limit of a day's loss, and somebody asks and taps all the same. */
  async #losingDay(): Promise<void> {
    await this.#watch();
    this.#lose(this.#dice.pick([40, 300]));
    await this.#jump(5_000);
    await this.#watch();
    await this.#tapNewest(await this.#liveCard());
  }

  /** Money that was there in the morning. */
  #lose(usd: number): void {
    const { state } = this.#world.venueOf(this.#dice.pick(VENUES));
    if (state.equityUsd.value > usd + 300) state.equityUsd.set(state.equityUsd.value - usd);
  }

  /** A card that waits: the owner asks for one where there is none. */
  async #liveCard(): Promise<ShownCard | null> {
    const { store } = this.#world;
    const waiting = this.#owner.live("open");
    if (waiting) return waiting;
    heal(this.#world);
    if (store.tradingState() !== "active") await this.#resume();
    const taken = store.listHedges(LIVE_PHASES).map(({ asset }) => asset);
    if (taken.length >= 3) await this.#closeOne(this.#dice.pick(taken));
    const free = ASSETS.filter((asset) => !taken.includes(asset));
    if (free.length > 0)
      await this.#pipeline.proposeOpen({ asset: this.#dice.pick(free) }, "owner");
    this.#owner.deliver();
    return this.#owner.live("open");
  }

  async #closeOne(asset: string): Promise<void> {
    await this.#pipeline.proposeClose(asset, "owner");
    this.#owner.deliver();
    const card = this.#owner.live("close");
    if (card) this.#begin(this.#owner.press(this.#pipeline, "approve", this.#owner.tapOn(card)));
    await this.#turns(20);
  }

  async #sabotagedTap(): Promise<void> {
    const card = await this.#liveCard();
    if (!card) return;
    sabotage(this.#world, card);
    if (this.#dice.chance(500)) await this.#jump(this.#dice.below(3_000));
    await this.#tapNewest(card);
    await this.#turns(12);
    if (this.#dice.chance(900)) heal(this.#world);
  }

  /** The second leg is refused, or half of it: the first must not be left alone. */
  async #brokenLegs(): Promise<void> {
    const card = await this.#liveCard();
    const second = card?.legs[1];
    if (!card || !second) return;
    const { state } = this.#world.venueOf(second.venue);
    const fate = this.#dice.pick(["rejected", "half", "requestLost"] as const);
    state.fates.push(fate, fate, fate);
    this.#begin(this.#owner.press(this.#pipeline, "approve", this.#owner.tapOn(card)));
    await this.#turns(60);
    if (this.#dice.chance(500)) await this.#settle(4);
  }

  /** What only spot brings: interest, the owner's coins, and orders that no venue holds back. */
  async #spotEvent(): Promise<void> {
    const dice = this.#dice;
    for (let count = dice.below(3); count > 0; count -= 1) stirSpot(this.#world);
    if (dice.chance(300)) this.#begin(this.#caring(() => this.#pipeline.bookFunding()));
    if (dice.chance(120)) return this.#cutOffKill();
    if (dice.chance(700)) await this.#brokenClose();
  }

  /** The word is on disk, and the process ends in the same moment: what it had offered must not outlive it. */
  async #cutOffKill(): Promise<void> {
    const card = await this.#liveCard();
    if (!card) return;
    this.#stop("kill");
    await this.#restart(false);
    await this.#resume();
    this.#begin(this.#owner.press(this.#pipeline, "approve", this.#owner.tapOn(card)));
    await this.#turns(20);
  }

  /** Closing goes wrong, is asked for twice, or meets a /kill: nothing may be sold or bought back twice. */
  async #brokenClose(): Promise<void> {
    const dice = this.#dice;
    const owner = this.#owner;
    const hedges = this.#world.store.listHedges(LIVE_PHASES);
    if (hedges.length === 0) return;
    const hedge = dice.pick(hedges);
    for (const { venue, symbol } of hedge.legs)
      if (isSpotSymbol(symbol) && dice.chance(300)) this.#world.venueOf(venue).byHand(symbol, "3");
    const asked = [this.#pipeline.proposeClose(hedge.asset, "owner")];
    if (dice.chance(300)) asked.push(this.#pipeline.proposeClose(hedge.id, "agent"));
    await Promise.all(asked);
    owner.deliver();
    const card = owner.live("close");
    if (!card) return;
    for (const { state } of this.#world.venues.values())
      for (let count = dice.below(3); count > 0; count -= 1) state.fates.push(dice.pick(FATES));
    if (dice.chance(300)) this.#world.ambush.push(() => this.#stop("kill"));
    for (let taps = 1 + dice.below(2); taps > 0; taps -= 1)
      this.#begin(owner.press(this.#pipeline, "approve", owner.tapOn(card)));
    await this.#turns(dice.pick([2, 10, 60]));
    if (dice.chance(200)) this.#stop("kill");
    if (dice.chance(200)) return this.#restart();
    await this.#turns(60);
    this.#world.ambush.length = 0;
  }

  async #badTaps(): Promise<void> {
    const owner = this.#owner;
    if (this.#dice.chance(500)) await this.#liveCard();
    for (let count = 1 + this.#dice.below(4); count > 0; count -= 1) {
      const replayed = this.#dice.chance(400) && owner.cards.length > 0;
      const tap = replayed ? owner.tapOn(this.#dice.pick(owner.cards)) : owner.forgedTap();
      this.#begin(owner.press(this.#pipeline, this.#dice.chance(850) ? "approve" : "decline", tap));
    }
    await this.#turns(10);
  }

  async #watch(): Promise<void> {
    const { oracle, venues } = this.#world;
    const all = [...venues.values()];
    await this.#caring(() => this.#pipeline.watch());
    oracle.dayRead(all.every(({ state }) => !state.down));
  }

  async #scan(): Promise<void> {
    if (this.#dice.chance(500)) heal(this.#world);
    const { oracle } = this.#world;
    await this.#watch();
    // A second one joins the one that runs.
    if (this.#scanning !== this.#pipeline) {
      const mine = this.#pipeline;
      this.#scanning = mine;
      const end = () => {
        if (this.#scanning === mine) this.#scanning = null;
      };
      this.#begin(because(oracle.began("scan"), () => mine.scan()).finally(end));
    }
    await this.#turns(this.#dice.below(40));
  }

  #revoke(): void {
    this.#world.oracle.mandateRevoked();
    this.#pipeline.revokeMandate("owner");
  }

  #stop(how: "halt" | "kill"): void {
    const { oracle } = this.#world;
    if (how === "halt") {
      this.#pipeline.halt("owner");
      oracle.halted();
      return;
    }
    // The word counts from here on; it is durable before the first wait.
    const ended = this.#caring(() => this.#pipeline.kill("owner"));
    oracle.killed();
    this.#begin(ended);
  }

  /** The word comes at the moment when the first leg arrives. */
  async #haltRace(): Promise<void> {
    const card = await this.#liveCard();
    if (!card) return;
    const how = this.#dice.chance(700) ? "halt" : "kill";
    this.#world.ambush.push(() => this.#stop(how));
    this.#begin(this.#owner.press(this.#pipeline, "approve", this.#owner.tapOn(card)));
    await this.#turns(30);
    this.#world.ambush.length = 0;
  }

  async #resume(): Promise<void> {
    heal(this.#world);
    this.#begin(this.#tend());
    await this.#turns(30);
    if (!this.#pipeline.offerResume()) return;
    this.#owner.deliver();
    const card = this.#owner.newest("resume");
    if (card) this.#begin(this.#owner.press(this.#pipeline, "approve", this.#owner.tapOn(card)));
    await this.#turns(2);
  }

  async #restart(withCard = this.#dice.chance(500)): Promise<void> {
    const { oracle } = this.#world;
    const card = withCard ? await this.#liveCard() : null;
    this.#world.die();
    this.#pending.clear();
    oracle.restarted();
    this.#pipeline = this.#world.begin();
    if (!card) return await this.#recover();
    // Somebody taps while the books are still being brought in line.
    for (const { state } of this.#world.venues.values()) state.thinks = true;
    this.#begin(this.#recover());
    if (this.#dice.chance(500)) await oneTurn();
    await this.#tapNewest(card);
    for (const { state } of this.#world.venues.values()) state.thinks = false;
  }

  async #recover(): Promise<void> {
    const { oracle } = this.#world;
    const mine = this.#pipeline;
    await this.#caring(() => mine.recover());
    if (mine === this.#pipeline) oracle.recovered();
  }

  /** A new day begins with everything answered and the day's result looked at. */
  async #jump(ms: number): Promise<void> {
    const { clock } = this.#world;
    const day = () => Math.floor(clock.marketNow() / 86_400_000);
    if (Math.floor((clock.marketNow() + ms) / 86_400_000) === day()) return clock.jump(ms);
    heal(this.#world);
    await this.#turns(200);
    clock.jump(ms);
    await this.#watch();
  }

  /** Everything mends, and everybody gets the time to put things right. */
  async #settle(rounds: number): Promise<void> {
    const { oracle, clock } = this.#world;
    heal(this.#world);
    await this.#turns(200);
    for (let round = 0; round < rounds; round += 1) {
      clock.jump(4_000);
      this.#begin(this.#tend());
      await this.#turns(200);
    }
    this.#owner.deliver();
    oracle.atTheEnd(this.#world.listings);
  }

  #tend(): Promise<unknown> {
    return this.#caring(() => this.#pipeline.tend());
  }

  /** What puts things right: it may reduce, never open. */
  #caring<T>(work: () => T): T {
    return because(this.#world.oracle.began("care"), work);
  }

  #begin(work: Promise<unknown>): void {
    const pending = this.#pending;
    const noted = work.catch(() => undefined).finally(() => pending.delete(noted));
    pending.add(noted);
  }

  /** Lets what was begun go on, until it is over or for so many turns. */
  async #turns(most: number): Promise<void> {
    for (let turn = 0; turn < most && this.#pending.size > 0; turn += 1) await oneTurn();
  }
}

const TAPS: readonly (readonly ("approve" | "decline")[])[] = [
  ...([["approve"], ["approve"], ["approve"], ["approve"], ["approve", "approve"]] as const),
  ...([["approve", "approve", "approve"], ["decline"], ["approve", "decline"]] as const),
  ["decline", "approve"],
];

function collect(list: string[], text: string, pattern: RegExp): void {
  for (const [, id] of text.matchAll(pattern)) if (id) list.push(id);
  if (list.length > 60) list.splice(0, list.length - 60);
}
