import { canonicalJson } from "#src/core/canonical-hash.ts";
import { describeError } from "#src/core/errors.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { OrderOutcome, OrderRequest } from "#src/core/order.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { uniform } from "#src/sandbox/seeded-random.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import {
  guarded,
  guardedCancel,
  guardedCancelAll,
  orderRequest,
} from "#tests/support/guarded-orders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createRestlessMarket } from "./restless-market.ts";
import {
  answers,
  cancelAllRequestSchema,
  cancelRequestSchema,
  orderRequestSchema,
  type ReadMethod,
  readArgumentsSchema,
} from "./wire-format.ts";

/** Where a process may be killed, as the venue sees it. */
export type Moment = "read" | "beforeEffect" | "afterEffect" | "answered" | "cancelling";

/** One order as it arrived. */
export interface JournalEntry {
  readonly venue: VenueId;
  readonly request: OrderRequest;
  readonly at: number;
  /** "lost" when it never took effect and nobody was told. */
  outcome: OrderOutcome["kind"] | "lost" | "waiting";
  /** An answer was handed to the socket while the process lived. */
  answered: boolean;
}

export interface LoopbackVenues {
  readonly url: string;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly journal: readonly JournalEntry[];
  /** What broke in here: must stay empty, or the test tests nothing. */
  readonly mishaps: readonly string[];
  /** Called at every moment; true when the process was killed in it. */
  watcher: (moment: Moment) => boolean;
  stop(): void;
}

/** Less than the engine allows for. */
const LAG_MS = 900;
const NEVER = new Promise<Response>(() => undefined);

/**
 * The venues of one bot on a loopback port, in the test's own process: their accounts and the journal of
 * what arrived outlive every bot. They answer slowly, lose requests, and lose answers.
 */
export function startLoopbackVenues(seed: string): LoopbackVenues {
  const dice = createDice(seed);
  const venues = openVenues(seed);
  const journal: JournalEntry[] = [];
  const mishaps: string[] = [];

  async function place(venue: Venue, body: unknown): Promise<Response> {
    const request = orderRequestSchema.parse(body);
    const entry: JournalEntry = {
      ...{ venue: venue.id, request, at: Date.now(), outcome: "waiting", answered: false },
    };
    journal.push(entry);
    await Bun.sleep(dice.upTo(12));
    const orphaned = world.watcher("beforeEffect");
    const fault = dice.fault(orphaned);
    if (fault === "lost") {
      entry.outcome = "lost";
      return NEVER;
    }
    if (fault === "late") await Bun.sleep(dice.upTo(1_400));
    const outcome = fault === "refused" ? REFUSED : await execute(venue, request);
    entry.outcome = outcome.kind;
    if (world.watcher("afterEffect")) return NEVER;
    await Bun.sleep(dice.upTo(12));
    if (fault === "silent") return NEVER;
    if (fault === "garbled") return new Response("<html>502</html>", { status: 502 });
    entry.answered = !orphaned;
    setTimeout(() => world.watcher("answered"), dice.upTo(3));
    return reply(outcome);
  }

  async function cancel(venue: Venue, body: unknown): Promise<Response> {
    const { symbol, clientOrderId } = cancelRequestSchema.parse(body);
    await Bun.sleep(dice.upTo(8));
    const order = orderRequest({ venue: venue.id, symbol, clientOrderId });
    const outcome = await venue.trading.cancel(guardedCancel(order));
    world.watcher("cancelling");
    await Bun.sleep(dice.upTo(8));
    return dice.chance(0.1) ? NEVER : reply(outcome);
  }

  async function cancelAll(venue: Venue, body: unknown): Promise<Response> {
    const { symbol } = cancelAllRequestSchema.parse(body);
    await Bun.sleep(dice.upTo(8));
    const order = orderRequest({ venue: venue.id, symbol });
    const outcome = await venue.trading.cancelAll(guardedCancelAll(order));
    return dice.chance(0.1) ? NEVER : reply(outcome);
  }

  /** Look-ups lag behind the engine: a young order may not be found yet, though it has filled. */
  function lagsBehind(method: string, body: unknown): Response | null {
    if (method !== "lookupOrder") return null;
    const { clientOrderId } = readArgumentsSchema.parse(body);
    const arrived = journal.find(({ request }) => request.clientOrderId === clientOrderId);
    const ageMs = Date.now() - (arrived?.at ?? 0);
    const isYoung = uniform(`${seed}:${clientOrderId}`) < 0.2 && ageMs < LAG_MS;
    return isYoung ? reply({ kind: "notFound", venueTime: Date.now() }) : null;
  }

  async function answer(url: string, body: unknown): Promise<Response> {
    const [, venueId = "", method = ""] = new URL(url).pathname.split("/");
    const venue = venues.get(venueId);
    if (!venue) return new Response("no such venue", { status: 404 });
    if (method === "cancel") return cancel(venue, body);
    if (method === "cancelAll") return cancelAll(venue, body);
    if (method === "place") return place(venue, body);
    await Bun.sleep(dice.upTo(3));
    const answer = lagsBehind(method, body) ?? (await read(venue, method, body));
    world.watcher("read");
    // What was true when it was read may not be any more when it arrives.
    await Bun.sleep(dice.chance(0.03) ? dice.upTo(200) : dice.upTo(3));
    return dice.chance(0.01) ? new Response("busy", { status: 503 }) : answer;
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      try {
        return await answer(request.url, await request.json());
      } catch (error) {
        mishaps.push(`${request.url}: ${describeError(error)}`);
        return new Response("broken", { status: 500 });
      }
    },
  });
  const world: LoopbackVenues = {
    url: `http://127.0.0.1:${server.port}`,
    ...{ venues, journal, mishaps },
    watcher: () => false,
    stop: () => void server.stop(true),
  };
  return world;
}

function openVenues(seed: string): ReadonlyMap<VenueId, Venue> {
  const feed = createRestlessMarket(seed);
  const shared = { feed, records: createMemoryRecords(), clock: createSystemClock() };
  return new Map(
    feed.venues.map((id) => [id, createPaperVenue({ id, ...shared, startingCashUsd: "100000" })]),
  );
}

const REFUSED: OrderOutcome = { kind: "refused", code: "RATE_LIMITED", detail: "slow down" };

/** The seal does not cross a socket, so the paper venue's order is sealed anew by a ticket of the guard. */
async function execute(venue: Venue, request: OrderRequest): Promise<OrderOutcome> {
  const instruments = await venue.data.instruments();
  const traded = instruments.find((one) => one.symbol === request.symbol);
  if (!traded) throw new Error(`no ${request.symbol}`);
  // What the venue itself refuses, it must be shown.
  return venue.trading.place(guarded(request, { ...traded, minNotionalUsd: notionalUsd("0") }));
}

async function read(venue: Venue, method: string, body: unknown): Promise<Response> {
  if (!isReadMethod(method)) return new Response("no such method", { status: 404 });
  const { symbol, clientOrderId, since, count } = readArgumentsSchema.parse(body);
  const { data, account } = venue;
  const reads: Readonly<Record<ReadMethod, () => Promise<unknown>>> = {
    instruments: () => data.instruments(),
    fundingRates: () => data.fundingRates(),
    fundingHistory: () => data.fundingHistory(symbol, since),
    orderBook: () => data.orderBook(symbol),
    time: () => data.time(),
    marketStats: () => data.marketStats(symbol),
    hourlyCloses: () => data.hourlyCloses(symbol, count),
    account: () => account.account(),
    setup: () => account.setup(symbol),
    feeRates: () => account.feeRates(symbol),
    positions: () => account.positions(),
    openOrders: () => account.openOrders(),
    lookupOrder: () => account.lookupOrder(symbol, clientOrderId),
    fills: () => account.fills(since),
    fundingPayments: () => account.fundingPayments(since),
  };
  return reply(await reads[method]());
}

function isReadMethod(method: string): method is ReadMethod {
  return Object.hasOwn(answers, method);
}

function reply(value: unknown): Response {
  return new Response(canonicalJson(value), { headers: { "content-type": "application/json" } });
}

type Fault = "none" | "lost" | "late" | "refused" | "silent" | "garbled";

const FAULTS: readonly (readonly [number, Fault])[] = [
  [0.04, "lost"],
  [0.1, "late"],
  [0.15, "refused"],
  [0.19, "silent"],
  [0.23, "garbled"],
];

/** Choices from a seed. Which order meets which of them is up to real time. */
export function createDice(seed: string) {
  let count = 0;
  const next = () => uniform(`${seed}:${count++}`);
  const upTo = (most: number) => Math.floor(next() * (most + 1));
  return {
    next,
    upTo,
    chance: (likely: number) => next() < likely,
    pick: <T>(first: T, ...rest: readonly T[]): T => [first, ...rest][upTo(rest.length)] ?? first,
    /** A request whose sender died on the way is more often lost, or arrives late. */
    fault(orphaned: boolean): Fault {
      const drawn = orphaned ? next() * 0.2 : next();
      return FAULTS.find(([below]) => drawn < below)?.[1] ?? "none";
    },
  };
}

export type Dice = ReturnType<typeof createDice>;
