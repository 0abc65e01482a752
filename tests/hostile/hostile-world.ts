import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { type Decimal, dec } from "#src/core/decimal.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Proposal } from "#src/core/proposal.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { modelKeys } from "#tests/support/model-settings.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { causeNow, keepingCause } from "./because.ts";
import { type Dice, seededDice } from "./dice.ts";
import type { Advice, Truth } from "./evidence.ts";
import { fixed } from "./fixed.ts";
import { createHostileAdvisor } from "./hostile-advisor.ts";
import {
  createListings,
  type Listing,
  SPOT_VENUES,
  VENUES,
  type VenueName,
} from "./hostile-market.ts";
import { createHostileVenue, type HostileVenue, type OrderWitness } from "./hostile-venue.ts";
import { Oracle } from "./oracle.ts";
import type { Turns } from "./track.ts";

export const OWNER = 1;
export const CHAT = 1;
/** Every nonce begins so; no tool result may contain it. */
export const NONCE_MARK = "zQn0nce";

type OpenStore = (options: { readonly path: string; readonly wallNow: () => number }) => Store;

export type HostileWorld = ReturnType<typeof createHostileWorld>;

/**
 * One part's world: venues, a store, a clock, the bot's lives over them, and the judge. `spotSeed`: null where
 * perps are all there is, so that spot changes no story without it.
 */
export function createHostileWorld(dice: Dice, openStore: OpenStore, spotSeed: number | null) {
  const turns: Turns = { now: 0 };
  const clock = createJumpingClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const spotDice = spotSeed === null ? null : seededDice(spotSeed);
  const listings = createListings(turns, spotDice);
  const isApart = spotDice?.chance(300) ?? false;
  const settings = drawSettings(dice);
  const venues = new Map<VenueName, HostileVenue>();
  const oracle = new Oracle(truthOf({ turns, clock, listings, venues }), {
    hardCapUsd: settings.limits.hardCapUsd.toFixed(),
    maxLeverage: Number(settings.limits.leverage.toFixed()),
    opensWithoutModel: settings.model.openWithoutModel,
    borrowSafety: fixed(settings.borrow.safetyMultiple.toFixed()),
    ...sharesOf(settings),
    dailyLossUsd: Number(settings.stops.dailyLossUsd.toFixed()),
  });
  /** Happens at the very moment when the next order arrives. */
  const ambush: (() => void)[] = [];
  const witness: Omit<OrderWitness, "told"> = {
    arrived(request) {
      const [sizeBase, limitPrice] = [request.sizeBase.toFixed(), request.limitPrice.toFixed()];
      oracle.arrived({ ...request, sizeBase, limitPrice }, causeNow());
      ambush.pop()?.();
    },
    filled: (fill, reduceOnly) =>
      oracle.filled({ ...fill, sizeBase: fill.sizeBase.toFixed(), reduceOnly }),
    ended: (clientOrderId) => oracle.ended(clientOrderId),
    charged: (...loan) => oracle.books.charged(...loan),
  };
  const models = dice.pick([[], [], [], ["m1"], ["m1", "m2"], ["m1", "m2", "m3"]]);
  if (models.length > 0) oracle.advised("silent");
  const unprovable = dice.chance(250);
  for (const id of VENUES) {
    venues.set(
      id,
      createHostileVenue({
        ...{ id, clock, turns, listings: listings.filter((one) => one.venue === id) },
        witness: { ...witness, told: (symbol, size) => oracle.books.told(id, symbol, size) },
        provable: !(unprovable && id === "gamma"),
        equityUsd: dice.pick([700, 5_000, 20_000]),
        spotUsd: isApart ? (spotDice?.pick([700, 5_000, 20_000]) ?? null) : null,
      }),
    );
  }
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER));
    store.setFact("chatId", String(CHAT));
  });
  const ids = countingIds();
  /** Rows that somebody changed behind the bot's back. */
  const tampered = new Map<string, "row" | "rowAndHash">();
  let life = { alive: true };

  function begin(): Pipeline {
    life = { alive: true };
    const mine = life;
    const said = (advice: Advice) => mine.alive && oracle.advised(advice);
    const advisor = createHostileAdvisor({ models, dice, clock, said });
    return composePipeline({
      advisor: models.length > 0 ? advisor : null,
      ...{
        mode: "paper",
        settings,
        ids,
        secrets: modelKeys({}),
        log: silentLogger,
        shout: () => undefined,
      },
      venues: new Map(VENUES.map((id) => [id, inLife(require(id).venue, mine)])),
      // Half of the mandates, the small ones, name perps only.
      spotVenues: spotDice && settings.mandate.perHedgeUsd.gt("80") ? SPOT_VENUES : [],
      store: storeInLife(store, mine, { tampered, oracle }),
      clock: clockInLife(clock, mine),
    });
  }

  function require(id: string): HostileVenue {
    const found = [...venues.values()].find((one) => one.id === id);
    if (!found) throw new Error(id);
    return found;
  }

  return {
    ...{ turns, clock, store, listings, settings, venues, oracle, ids, tampered, ambush, dice },
    hasSpot: spotDice !== null,
    venueOf: require,
    begin,
    /** The process is gone: nothing that it still does has an effect. */
    die() {
      life.alive = false;
    },
  };
}

/** Lets everything run that does not wait for time, then the earliest that does. */
export function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

let operator: Settings | null = null;

function drawSettings(dice: Dice): Settings {
  operator ??= loadSettings("operator").settings;
  const some = dice.chance(300);
  return {
    ...operator,
    ...drawStrictness(dice, operator),
    limits: { ...operator.limits, hardCapUsd: dec(dice.pick(["100", "1000", "1000", "50000"])) },
    // Waiting for the right minute would hide what bounds a mandate.
    entry: { ...operator.entry, leadMinMinutes: 0, leadMaxMinutes: 480 },
    filter: {
      ...operator.filter,
      ...{ maxBidAsk: dec("0.01"), minVolume24hUsd: dec("0"), minOpenInterestUsd: dec("0") },
    },
    execution: {
      ...operator.execution,
      ...{ makerWaitMs: 0, orderLifeMs: 3_000, secondLegTries: 2 },
      // Long enough, sometimes, that a ticket ends meanwhile.
      retryDelayMs: dice.chance(100) ? 140_000 : 200,
    },
    model: { ...operator.model, openWithoutModel: dice.chance(300) },
    mandate: {
      ...operator.mandate,
      perHedgeUsd: dec(dice.pick(["80", "400"])),
      totalUsd: dec(dice.pick(["100", "700"])),
      lossPerDayUsd: dec("50"),
      opensPerDay: 1 + dice.below(3),
      days: 1 + dice.below(2),
      assets: some ? ["BTC", "SOL"] : [],
      venues: some ? ["alpha", "beta"] : [],
    },
  };
}

/** In ten-thousandths of what all accounts hold. */
function sharesOf({ allocation }: Settings) {
  const share = (of: Decimal) => BigInt(of.times("10000").toFixed(0));
  return {
    venueShare: share(allocation.venueShareOfEquity),
    singleShare: share(allocation.singlePosition),
    utilisation: share(allocation.maxUtilisation),
  };
}

/** Mostly losses are borne and accounts filled up, or hardly anything would open that can go wrong. */
function drawStrictness(dice: Dice, { stops, allocation }: Settings) {
  const borne = {
    dailyLossUsd: dec("50000"),
    maxDrawdown: dec("0.9"),
    cooldownSecondLegMinutes: 0,
  };
  const tight = dice.chance(500) ? dice.pick(SHARES) : null;
  const share = (of: (typeof SHARES)[number]) => dec(of === tight ? "0.02" : "1");
  return {
    stops: { ...stops, ...(dice.chance(150) ? { maxDrawdown: borne.maxDrawdown } : borne) },
    allocation: {
      ...allocation,
      venueShareOfEquity: share("venue"),
      singlePosition: share("single"),
      maxUtilisation: share("all"),
      reserve: dec("0"),
    },
  };
}

const SHARES = ["venue", "single", "all"] as const;

function countingIds(): Ids {
  let count = 0;
  return {
    next(prefix) {
      count += 1;
      return `${prefix}-${(count + 46_656).toString(36)}`;
    },
    nonce() {
      count += 1;
      return `${NONCE_MARK}${String(count).padStart(15, "0")}`;
    },
  };
}

function inLife(venue: Venue, life: { readonly alive: boolean }): Venue {
  return {
    ...venue,
    trading: {
      ...venue.trading,
      place: (order) => (life.alive ? venue.trading.place(order) : never()),
    },
  };
}

function clockInLife(clock: Clock, life: { readonly alive: boolean }): Clock {
  return {
    ...clock,
    later: (ms, work) =>
      clock.later(
        ms,
        keepingCause(() => {
          if (life.alive) work();
        }),
      ),
    sleep: (ms, signal) => clock.sleep(ms, signal).then(() => (life.alive ? undefined : never())),
  };
}

function storeInLife(
  store: Store,
  life: { readonly alive: boolean },
  {
    tampered,
    oracle,
  }: {
    readonly tampered: ReadonlyMap<string, "row" | "rowAndHash">;
    readonly oracle: Oracle;
  },
): Store {
  const own = {
    transaction<T>(work: () => T): T {
      if (!life.alive) throw new Error("this process is dead");
      return store.transaction(work);
    },
    insertProposal(proposal: Proposal, hash: string) {
      store.insertProposal(proposal, hash);
      if (proposal.kind === "open" && causeNow()?.kind === "call") oracle.asked(proposal.id);
    },
    getProposal(id: string) {
      const stored = store.getProposal(id);
      const how = stored && tampered.get(id);
      if (!how) return stored;
      const proposal = turnedRound(stored.proposal);
      return { ...stored, proposal, hash: how === "row" ? stored.hash : canonicalHash(proposal) };
    },
  };
  return { ...store, ...own };
}

/** The same plan the other way round: what was to be bought is sold. */
function turnedRound(proposal: Proposal): Proposal {
  if (proposal.kind !== "open") return proposal;
  const [a, b] = proposal.legs;
  const [first, second] = [
    { ...a, side: b.side, collarPrice: b.collarPrice },
    { ...b, side: a.side, collarPrice: a.collarPrice },
  ];
  return { ...proposal, legs: [first, second] };
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

function truthOf(parts: {
  readonly turns: Turns;
  readonly clock: Clock;
  readonly listings: readonly Listing[];
  readonly venues: ReadonlyMap<string, HostileVenue>;
}): Truth {
  const { turns, clock, listings, venues } = parts;
  const byKey = new Map(listings.map((one) => [`${one.venue}:${one.symbol}`, one]));
  const listing = (venue: string, symbol: string) => {
    const found = byKey.get(`${venue}:${symbol}`);
    if (!found) throw new Error(`an order on ${venue}:${symbol}, which nobody lists`);
    return found;
  };
  const venue = (id: string) => {
    const found = venues.get(id);
    if (!found) throw new Error(id);
    return found;
  };
  const cents = (value: number) => fixed(String(value)) / 100n;
  const equityTrack = (id: string, symbol: string) => {
    const { equityUsd, spotUsd } = venue(id).state;
    return isSpotSymbol(symbol) ? (spotUsd ?? equityUsd) : equityUsd;
  };
  return {
    now: clock.wallNow,
    turn: () => turns.now,
    venues: () => [...venues.keys()],
    // Two coins of one name are two assets.
    assetOf: (id, symbol) =>
      id === "gamma" && symbol.startsWith("CAT-") ? "another CAT" : listing(id, symbol).asset,
    lotBase: (id, symbol) => fixed(listing(id, symbol).instrument().lotStepBase.toFixed()),
    provable: (id) => venue(id).venue.capabilities.provable,
    byHand: (id, symbol, since) => venue(id).tradedByHand(symbol, since).map(fixed),
    position: (id, symbol) => fixed(venue(id).position(symbol).toFixed()),
    isOnePool: (id) => venue(id).state.spotUsd === null,
    equityUsd: (id, symbol, since) => equityTrack(id, symbol).since(since),
    allUsd: (id, since) => {
      const { equityUsd, spotUsd } = venue(id).state;
      return Math.max(...equityUsd.since(since)) + Math.max(0, ...(spotUsd?.since(since) ?? []));
    },
    leastUsd: (id, since) => {
      const { equityUsd, spotUsd } = venue(id).state;
      return Math.min(...equityUsd.since(since)) + Math.min(...(spotUsd?.since(since) ?? [0]));
    },
    maintenanceUsd: (id, symbol, since) =>
      equityTrack(id, symbol) === venue(id).state.equityUsd
        ? venue(id).state.maintenanceUsd.since(since)
        : [0],
    loans: (id, symbol, since) => listing(id, symbol).lent.since(since),
    rates: (id, symbol, since) => listing(id, symbol).rateText.since(since),
    leverage: (id, since) => venue(id).state.leverage.since(since),
    ages(id, since) {
      const { bookAgeMs, rateAgeMs, accountAgeMs } = venue(id).state;
      return {
        book: Math.min(...bookAgeMs.since(since)),
        rate: Math.min(...rateAgeMs.since(since)),
        account: Math.min(...accountAgeMs.since(since)),
      };
    },
    mids: (id, symbol, since) => listing(id, symbol).mid.since(since).map(cents),
    marks(id, symbol, since) {
      const { mid, markOff } = listing(id, symbol);
      const offs = markOff.since(since);
      return mid
        .since(since)
        .flatMap((one) => offs.map((off) => cents(Math.round((one * (10_000 + off)) / 10_000))));
    },
    linear: (id, symbol, since) => listing(id, symbol).linear.since(since),
  };
}
