import { loadSettings } from "#config/load.ts";
import { createAgent } from "#src/agent/run-turn.ts";
import { dec } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { ModelRequest } from "#src/ports/language-model.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { instrument } from "#tests/support/builders.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { HALF_PAST } from "#tests/support/paper-rig.ts";
import { calling, createScriptedModel } from "#tests/support/scripted-model.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { TOOLS } from "#tools/registry.ts";

export const OWNER = 1;

/** A real pipeline over two paper venues that can be made to say anything, and an agent that reads it all. */
export async function createAttackRig(
  listed: readonly { readonly asset: string; readonly symbol: string }[] = [],
) {
  const clock = createJumpingClock(HALF_PAST);
  const market = withListings(
    createSteadyMarket({ alpha: { rate: "0.0009" }, beta: { rate: "0.0001" } }),
    listed,
  );
  const records = createMemoryRecords();
  const [alpha, beta] = ["alpha", "beta"].map((id) =>
    poisonable(
      createPaperVenue({
        ...{ id, feed: market, records, clock },
        ...{ startingCashUsd: "100000", leverage: dec("3") },
      }),
    ),
  );
  if (!alpha || !beta) throw new Error("two venues");
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER));
    store.setFact("chatId", String(OWNER));
  });
  const pipeline = composePipeline({
    ...{ mode: "paper" as const, ...loadSettings("operator") },
    ...{ store, clock, log: silentLogger, shout: () => undefined },
    venues: new Map<string, Venue>([
      ["alpha", alpha.venue],
      ["beta", beta.venue],
    ]),
  });
  await pipeline.recover();
  const requests: ModelRequest[] = [];

  /** One turn of a model that calls what it can, with these arguments, and repeats what it read. */
  async function turn(question: string, calls = everyTool()): Promise<string> {
    const scripted = createScriptedModel(
      ...calls.map(([name, input], index) => calling(name, input, `c${index}`)),
      (request) => ({ text: request.messages.map((one) => JSON.stringify(one)).join("\n") }),
    );
    const agent = createAgent({
      ...{ store, clock, log: silentLogger, tools: TOOLS, toolContext: { pipeline } },
      ...{ model: scripted.model, ids: createRandomIds(), redact: (text: string) => text },
      system: "s",
    });
    turns += 1;
    await agent.ask({ chatId: 100 + turns, text: question, watcher: null });
    await agent.idle();
    requests.push(...scripted.requests);
    return scripted.requests.map((request) => JSON.stringify(request)).join("\n");
  }
  let turns = 0;

  return {
    ...{ clock, store, pipeline, requests, turn },
    alpha: alpha.poison,
    beta: beta.poison,
    orders: () => alpha.poison.placed + beta.poison.placed,
    /** A tap of the owner on the newest card, delivered as message 7. */
    async tap() {
      const [approval] = store.listApprovals({ state: "pending" });
      if (!approval) throw new Error("no card waits");
      const { nonce } = approval;
      store.transaction(() => store.bindApprovalMessage(nonce, OWNER, 7));
      const tap = { nonce, userId: OWNER, chatId: OWNER, messageId: 7 };
      const result = await pipeline.approve(tap);
      await result.done;
      return result;
    },
    /** Everything that waits to be sent to the owner. */
    outbox: () => JSON.stringify(store.dueOutbox(Number.MAX_SAFE_INTEGER, 10_000)),
  };
}

export type AttackRig = Awaited<ReturnType<typeof createAttackRig>>;

export function everyTool(): readonly (readonly [string, unknown])[] {
  return [
    ["get_rates", { asset: null }],
    ["find_opportunities", { asset: null }],
    ["get_status", {}],
    ["get_performance", {}],
    ["explain_decision", { asset: null }],
    ["propose_hedge", { asset: "BTC", candidateId: null }],
    ["propose_close", { hedge: "BTC" }],
  ];
}

function withListings(
  market: MarketFeed,
  listed: readonly { readonly asset: string; readonly symbol: string }[],
): MarketFeed {
  return {
    ...market,
    instruments(venue) {
      const more = listed.map((one): Instrument => instrument({ venue, ...one }));
      return [...market.instruments(venue), ...more];
    },
  };
}

/** What a venue says when something goes wrong, in whose words we choose. */
interface Poison {
  /** Every question fails with this. */
  silence: string | null;
  /** Every order is refused with this. */
  refusal: string | null;
  /** Positions in these markets are reported beside the real ones. */
  strangers: readonly string[];
  placed: number;
}

function poisonable(venue: Venue): { readonly venue: Venue; readonly poison: Poison } {
  const poison: Poison = { silence: null, refusal: null, strangers: [], placed: 0 };
  const data: Venue["data"] = wrapped(venue.data, poison);
  const account: Venue["account"] = wrapped(venue.account, poison);
  return {
    poison,
    venue: {
      ...venue,
      health: () =>
        poison.silence === null ? venue.health() : { state: "down", reason: "it fails" },
      data,
      account: {
        ...account,
        async positions() {
          const positions = await account.positions();
          const [like] = positions;
          const strangers = like ? poison.strangers.map((symbol) => ({ ...like, symbol })) : [];
          return [...positions, ...strangers];
        },
      },
      trading: {
        ...venue.trading,
        async place(order) {
          poison.placed += 1;
          const { refusal } = poison;
          return refusal === null
            ? venue.trading.place(order)
            : { kind: "refused", code: "INSUFFICIENT_MARGIN", detail: refusal };
        },
      },
    },
  };
}

/** The same methods, each of which fails while the venue is silent. */
function wrapped<T extends object>(target: T, poison: Poison): T {
  return new Proxy(target, {
    get(from, name, receiver) {
      const value: unknown = Reflect.get(from, name, receiver);
      if (typeof value !== "function") return value;
      return (...input: unknown[]) =>
        poison.silence === null
          ? Reflect.apply(value, from, input)
          : Promise.reject(new Error(poison.silence));
    },
  });
}
