import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import type { EpochMs } from "#src/core/units.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { OWNER, serveChat, TOKEN } from "#tests/support/chat-server.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

/** A recorded market, from when its history is long enough for the rules until it ends. */
export type ReplayFeed = MarketFeed & { readonly startAt: EpochMs; readonly endAt: EpochMs };

export interface ReplayRig {
  readonly feed: ReplayFeed;
  readonly settings: Settings;
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly venues: ReadonlyMap<string, Venue>;
  /** Market time goes on to `at`; whoever sleeps until then is woken on the way. */
  goTo(at: EpochMs): void;
  marketNow(): EpochMs;
  /** `/auto` in the chat, and the owner's tap on the card that it sends. */
  arm(): Promise<void>;
  /** Lets the chat have what was queued for it. */
  flush(): Promise<void>;
  /** What the chat shows, oldest first. */
  texts(): Promise<readonly string[]>;
  say(text: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The product as main composes it, on paper venues over a replayed file, with its own chat and Telegram door.
 * The market's clock is stepped; the chat runs in real time beside it.
 */
export async function openReplay(options: {
  readonly feed: ReplayFeed;
  /** Settings over the product's own. */
  readonly settings: Readonly<Record<string, unknown>>;
}): Promise<ReplayRig> {
  const { feed } = options;
  const clock = createSteppedClock(feed.startAt);
  const path = writeSettings(options.settings);
  const { settings, secrets } = loadSettings("operator", path);
  rmSync(dirname(path), { recursive: true });
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER.id));
    store.setFact("chatId", String(OWNER.id));
  });
  const startingCashUsd = settings.paper.startingCashUsd.toFixed();
  const { leverage } = settings.limits;
  const records = createMemoryRecords();
  const venues = new Map(
    feed.venues.map((id) => [
      id,
      createPaperVenue({ id, feed, records, clock, startingCashUsd, leverage }),
    ]),
  );
  const pipeline = composePipeline({
    ...{ mode: "demo", settings, secrets, venues, store, clock, log: silentLogger },
    // Where coins are recorded, a mandate may trade them.
    spotVenues: feed.venues.filter((id) =>
      feed.instruments(id).some(({ kind }) => kind === "spot"),
    ),
    shout: () => undefined,
  });
  await pipeline.recover();
  const chat = openChat(pipeline, store);
  return {
    ...{ feed, settings, store, pipeline, venues, ...chat },
    marketNow: clock.marketNow,
    goTo: clock.goTo,
  };
}

/** Between two steps of market time so much passes for people, sockets and what watches them. */
const STEP_MS = 5_000;

/** Market time is stepped; wall time goes on by itself, as little as somebody sleeps. */
function createSteppedClock(start: EpochMs) {
  const clock = createJumpingClock();
  let ahead = start - clock.wallNow();
  const marketNow = () => clock.wallNow() + ahead;
  return {
    ...clock,
    marketNow,
    goTo(at: EpochMs) {
      clock.jump(STEP_MS);
      ahead += Math.max(0, at - marketNow());
    },
  };
}

function openChat(pipeline: Pipeline, store: Store) {
  const server = serveChat();
  const clock = createSystemClock();
  const shared = { pipeline, store, clock, log: silentLogger };
  const door = createTelegramDoor({
    ...{ ...shared, token: TOKEN, apiRoot: server.url, bindCode: null },
    agent: {
      ask: () => Promise.reject(new Error("nobody asks here")),
      ...{ stop: () => false, stopAll: () => undefined, recover: () => undefined },
      idle: async () => undefined,
    },
    redact: (text) => text,
  });
  const outbox = createOutbox({ store, notifier: door.notifier, clock, log: silentLogger });
  const stopping = new AbortController();
  const running = door.run(stopping.signal);
  const say = async (text: string) => void (await server.post("/sandbox/messages", { text }));
  const flush = async () => {
    while (store.dueOutbox(clock.wallNow(), 1).length > 0) await outbox.flush();
  };
  const armed = () => store.armedMandate() !== null;
  return {
    say,
    flush,
    texts: async () => (await server.messages()).map(({ text }) => text),
    async arm() {
      const known = new Set((await server.messages()).map(({ id }) => id));
      await say("/auto");
      await until(() => store.listApprovals({ state: "pending" }).length > 0, "the offer");
      await flush();
      const card = await server.waitFor(
        ({ id, text }) => !known.has(id) && text.includes("Arm autonomous mode?"),
      );
      const data = JSON.stringify(card["buttons"]).match(/"(a:[^"]+)"/)?.[1];
      await server.post("/sandbox/taps", { messageId: card.id, data });
      await until(armed, "the mandate");
    },
    async stop() {
      stopping.abort();
      await running;
      server.stop();
    },
  };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 4_000; turn += 1) {
    if (holds()) return;
    await Bun.sleep(5);
  }
  throw new Error(`${what} never came`);
}
