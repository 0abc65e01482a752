import type { Exchange } from "ccxt";
import type { Clock } from "#src/ports/clock.ts";
import type { VenueStreams } from "#src/ports/venue.ts";
import type { StreamProfile, VenueProfile } from "#src/venues/ccxt/driver.ts";
import type { InstrumentList } from "#src/venues/ccxt/list-instruments.ts";
import { runSession, type SessionParts } from "#src/venues/ccxt/run-session.ts";
import { kindOf } from "./dress-sockets.ts";
import { PriceMoves } from "./price-moves.ts";

export interface StreamsParts {
  readonly profile: Pick<VenueProfile, "id">;
  readonly streams: StreamProfile;
  /** A new object of ccxt's pro class; each session wants its own. */
  readonly open: () => Promise<Exchange>;
  readonly isAllowed: (url: string) => boolean;
  readonly instruments: Pick<InstrumentList, "all">;
  readonly clock: Clock;
}

const PING_MS = 10_000;
/** After a session that held this long the next loss is a new one. */
const STEADY_MS = 60_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1_000, 30_000];
/** How often what is held is compared with what is watched. */
const LOOK_MS = 2_000;

type Following = Parameters<VenueStreams["follow"]>[0];
type Line = "own" | "price";

/**
 * A venue's doorbell: one session that hears of the account's orders and fills, and one for the marks of what
 * is held. Whatever ends a session is logged and it is opened again, with waits that grow.
 */
export function createStreams(parts: StreamsParts): VenueStreams {
  return {
    async follow(following) {
      const lines: readonly Line[] = parts.streams.price ? ["own", "price"] : ["own"];
      await Promise.all(lines.map((line) => keepOpen(parts, following, line)));
    },
  };
}

async function keepOpen(parts: StreamsParts, following: Following, line: Line): Promise<void> {
  const { clock, profile } = parts;
  const { signal, log } = following;
  let losses = 0;
  while (!signal.aborted) {
    const startedMs = clock.elapsedMs();
    const run = line === "own" ? followOwn(parts, following) : followPrices(parts, following);
    const why = await run.catch(kindOf);
    if (signal.aborted || why === null) continue;
    losses = clock.elapsedMs() - startedMs >= STEADY_MS ? 1 : losses + 1;
    const waitMs = backOff(`${profile.id}:${line}`, losses);
    log.warn("streamLost", { venue: profile.id, line, why, waitMs });
    await clock.sleep(waitMs, signal);
  }
}

async function followOwn(parts: StreamsParts, following: Following): Promise<string> {
  const { streams } = parts;
  const exchange = await openFor(parts, following.signal);
  if (!exchange) return "stopped";
  return runSession({
    ...common(parts, exchange),
    watches: ownWatches(streams, exchange),
    connected: () => following.ring("connected"),
    message: () => following.ring("own"),
    signal: following.signal,
  });
}

export function ownWatches({ own }: StreamProfile, exchange: Exchange): SessionParts["watches"] {
  return own.map(
    (watch) => () => (typeof watch === "string" ? exchange[watch]() : watch(exchange)),
  );
}

/** Null when it ended because something else is held now. */
async function followPrices(parts: StreamsParts, following: Following): Promise<string | null> {
  const { clock, instruments } = parts;
  const { symbols, signal } = following;
  while (symbols().length === 0 && !signal.aborted) await clock.sleep(LOOK_MS, signal);
  if (signal.aborted) return null;
  const held = [...symbols()].toSorted();
  const exchange = await openFor(parts, signal);
  if (!exchange) return null;
  const listings = await instruments.all();
  // Spot moves with its perp, and one call takes markets of one kind only.
  const watched = held.flatMap((symbol) => {
    const of = listings.get(symbol);
    return of?.instrument.kind === "perp" ? of.ccxtSymbol : [];
  });
  const changed = new AbortController();
  const stop = () => changed.abort();
  signal.addEventListener("abort", stop, { once: true });
  noteChange(parts, following, held, changed).catch(() => undefined);
  const why = await runSession({
    ...common(parts, exchange),
    watches: priceWatches(parts, exchange, watched, () => following.ring("price")),
    // No figure of the account depends on these.
    connected: () => undefined,
    message: () => undefined,
    signal: changed.signal,
  });
  signal.removeEventListener("abort", stop);
  const wasChanged = changed.signal.aborted;
  changed.abort();
  return wasChanged ? null : why;
}

/** Ends the session as soon as something else is held, or nobody can say what. */
async function noteChange(
  { clock }: StreamsParts,
  { symbols }: Following,
  held: readonly string[],
  changed: AbortController,
): Promise<void> {
  const isSame = () => symbols().toSorted().join() === held.join();
  try {
    do await clock.sleep(LOOK_MS, changed.signal);
    while (!changed.signal.aborted && isSame());
  } finally {
    changed.abort();
  }
}

function priceWatches(
  { streams }: StreamsParts,
  exchange: Exchange,
  watched: readonly string[],
  ring: () => void,
): SessionParts["watches"] {
  const { price } = streams;
  if (!price || watched.length === 0) return [];
  const moves = new PriceMoves();
  const note = (answer: unknown) => {
    if (moves.note(answer)) ring();
  };
  // ccxt's types know one symbol or several, not a method that takes either.
  const call: (what: unknown) => Promise<unknown> = (what) =>
    Reflect.apply(exchange[price.method], exchange, [what]);
  const targets = price.each ? watched : [[...watched]];
  return targets.map((target) => async () => note(await call(target)));
}

/** Markets first: without them ccxt would load its own. Null when that was stopped: it may take its time. */
async function openFor(
  { instruments, open }: StreamsParts,
  signal: AbortSignal,
): Promise<Exchange | null> {
  const { promise: stopped, resolve } = Promise.withResolvers<null>();
  const stop = () => resolve(null);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([instruments.all().then(open), stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function common(parts: StreamsParts, exchange: Exchange) {
  const { clock, isAllowed, streams } = parts;
  return { exchange, clock, isAllowed, lastWords: streams.lastWords, pingMs: PING_MS };
}

/** Doubling from one second to thirty, each venue at another point of the second half of its span. */
export function backOff(who: string, losses: number): number {
  const spanMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(losses, 10));
  let mixed = losses;
  for (const letter of who) mixed = (Math.imul(mixed, 31) + letter.charCodeAt(0)) >>> 0;
  return Math.round(spanMs / 2 + ((mixed % 1_000) / 1_000) * (spanMs / 2));
}
