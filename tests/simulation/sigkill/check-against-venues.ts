import { sum, ZERO } from "#src/core/decimal.ts";
import { type Hedge, isLive } from "#src/core/hedge.ts";
import { type Fill, LIVE_ATTEMPTS, type OrderAttempt } from "#src/core/order.ts";
import type { AlertReason, Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { JournalEntry, LoopbackVenues } from "./loopback-venue.ts";

export interface Found {
  readonly orders: number;
  readonly fills: number;
  /** Orders whose answer nobody heard, and that were found on the venue afterwards. */
  readonly foundAgain: number;
  /** Orders that were shown never to have arrived. */
  readonly provenDead: number;
  /** Ids that reached a venue twice. */
  readonly duplicates: readonly string[];
  /** What a venue did and the books do not say. */
  readonly lost: readonly string[];
  /** Everything else that does not hold. */
  readonly wrong: readonly string[];
}

/** A store at rest against the venues' own truth. Empty lists when all holds. */
export async function checkAgainstVenues(store: Store, world: LoopbackVenues): Promise<Found> {
  const venues = [...world.venues.values()];
  const fills = (await Promise.all(venues.map((venue) => venue.account.fills(0)))).flat();
  const attempts = store.listAttempts({});
  const lost = world.journal.map((entry) => lostIn(store, entry, fills));
  return {
    orders: world.journal.length,
    fills: fills.length,
    foundAgain: attempts.filter((one) => one.outcomeDetail?.startsWith("found ")).length,
    provenDead: attempts.filter((one) => one.outcomeDetail === "never arrived").length,
    duplicates: repeated(world.journal.map(({ request }) => request.clientOrderId)),
    lost: lost.filter((one) => one !== null),
    wrong: [
      ...strayAttempts(store, world),
      ...strayFills(store, fills),
      ...(await unequalBooks(store, venues)),
      ...store.listHedges().flatMap((hedge) => badHedge(store, hedge)),
      ...repeated(store.listHedges().map((one) => one.proposalId)).map(
        (id) => `${id} opened twice`,
      ),
      ...brokenRules(store),
    ],
  };
}

/** Is this order's end, and every fill of it, in the books exactly once? */
function lostIn(store: Store, entry: JournalEntry, fills: readonly Fill[]): string | null {
  const { clientOrderId } = entry.request;
  const attempt = store.getAttempt(clientOrderId);
  if (!attempt) return `${clientOrderId} was never written down`;
  if (LIVE_ATTEMPTS.includes(attempt.state)) return `${clientOrderId} is still ${attempt.state}`;
  const isTaken = entry.outcome === "ack";
  if (isTaken !== (attempt.state === "done")) {
    return `${clientOrderId} is ${attempt.state}, the venue says ${entry.outcome}`;
  }
  const theirs = fills.filter((fill) => fill.clientOrderId === clientOrderId);
  const ours = bookedFills(store, attempt).filter((fill) => fill.clientOrderId === clientOrderId);
  return facts(ours) === facts(theirs)
    ? null
    : `${clientOrderId} is booked as ${facts(ours)}, and was ${facts(theirs)}`;
}

function bookedFills(store: Store, { hedgeId }: OrderAttempt): readonly Fill[] {
  return hedgeId === null ? [] : store.listFills(hedgeId);
}

function facts(fills: readonly Fill[]): string {
  const lines = fills.map((fill) =>
    [fill.venue, fill.tradeId, fill.side, fill.sizeBase.toFixed(), fill.price.toFixed()].join(" "),
  );
  return JSON.stringify(lines.sort());
}

/** Nothing is in the books that never reached a venue, unless it was lost on the way there. */
function strayAttempts(store: Store, { journal }: LoopbackVenues): readonly string[] {
  const arrived = new Set(journal.map(({ request }) => request.clientOrderId));
  return store
    .listAttempts({})
    .filter(({ clientOrderId, state }) => !arrived.has(clientOrderId) && state !== "dead")
    .map(({ clientOrderId, state }) => `${clientOrderId} is ${state}, and never arrived`);
}

function strayFills(store: Store, fills: readonly Fill[]): readonly string[] {
  const theirs = new Set(fills.map((fill) => `${fill.venue}:${fill.tradeId}`));
  const booked = store
    .listHedges()
    .flatMap((hedge) => store.listFills(hedge.id))
    .map((fill) => `${fill.venue}:${fill.tradeId}`);
  return [
    ...repeated(booked).map((id) => `${id} is booked twice`),
    ...booked.filter((id) => !theirs.has(id)).map((id) => `${id} is booked and never happened`),
    ...store.unpostedFills().map(({ fill }) => `${fill.tradeId} is not in the ledger`),
  ];
}

/** What live hedges hold is what the venues hold, on every venue and symbol. */
async function unequalBooks(store: Store, venues: readonly Venue[]): Promise<readonly string[]> {
  const legs = store
    .listHedges()
    .filter((hedge) => isLive(hedge.phase))
    .flatMap((hedge) => hedge.legs);
  const found: string[] = [];
  for (const venue of venues) {
    const positions = await venue.account.positions();
    for (const { symbol } of await venue.data.instruments()) {
      const mine = legs.filter((leg) => leg.venue === venue.id && leg.symbol === symbol);
      const books = sum(
        mine.map(({ side, heldBase }) => (side === "long" ? heldBase : heldBase.neg())),
      );
      const held = positions.find((one) => one.symbol === symbol)?.sizeBase ?? ZERO;
      if (!books.eq(held)) {
        found.push(`${venue.id} holds ${held.toFixed()} ${symbol}, the books ${books.toFixed()}`);
      }
    }
  }
  return found;
}

function badHedge(store: Store, hedge: Hedge): readonly string[] {
  const { id, phase, legs } = hedge;
  const fills = store.listFills(id);
  const opening = new Set(
    store
      .listAttempts({ hedgeId: id })
      .filter((one) => one.purpose === "open")
      .map((one) => one.clientOrderId),
  );
  const tooLarge = legs.filter((leg) => {
    const entered = fills.filter(
      (one) => one.venue === leg.venue && opening.has(one.clientOrderId),
    );
    return sum(entered.map((one) => one.sizeBase)).gt(leg.targetBase);
  });
  const told = store.alertsAbout(id);
  const equal = legs[0].heldBase.eq(legs[1].heldBase);
  const excused = phase === "review" ? told.length > 0 : told.includes("DUST");
  const sizes = legs.map((leg) => leg.heldBase.toFixed()).join(" and ");
  return [
    ...tooLarge.map((leg) => `${id} opened more than approved on ${leg.venue}`),
    ...(equal || excused ? [] : [`${id} is ${phase} with ${sizes}`]),
    ...(phase === "open" || phase === "closed" || phase === "review" ? [] : [`${id} is ${phase}`]),
  ];
}

/** What the owner is told only when a rule is broken, or a stranger trades on the account. */
const NEVER_HERE: readonly (AlertReason | undefined)[] = [
  ...(["INVARIANT_BROKEN", "FOREIGN_ORDER", "ORDER_MISMATCH", "UNEXPLAINED_POSITION"] as const),
  ...(["POSITION_CHANGED", "STRANGE_POSITION"] as const),
];

/** The audit chain holds, and the engine caught nobody: not itself, and no stranger. */
function brokenRules(store: Store): readonly string[] {
  const row = store.verifyAudit();
  const told = store
    .dueOutbox(Number.MAX_SAFE_INTEGER, 100_000)
    .map(({ content }) => content)
    .filter((content) => content.type === "alert" && NEVER_HERE.includes(content.reason));
  return [
    ...(row === null ? [] : [`the audit chain breaks at row ${row}`]),
    ...told.map((content) => `the owner was told ${JSON.stringify(content)}`),
  ];
}

function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
