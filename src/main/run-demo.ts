import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadSettings } from "#config/load.ts";
import systemPrompt from "#prompts/system.txt" with { type: "text" };
import { createAgent } from "#src/agent/run-turn.ts";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import { createDashboard } from "#src/dashboard/create-app.tsx";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { Records } from "#src/ports/records.ts";
import type { Store } from "#src/ports/store.ts";
import { startHttpServer } from "#src/runtime/http-server.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import { watchShutdown } from "#src/runtime/shutdown.ts";
import { createSandboxClock } from "#src/runtime/system-clock.ts";
import { createSandboxChat } from "#src/sandbox/create-sandbox-chat.ts";
import { loadReplayMarket } from "#src/sandbox/replay-market.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { startJobs } from "#src/scheduler/start-jobs.ts";
import { openRecords } from "#src/store/record-store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { createPaperVenue } from "#src/venues/paper-venue.ts";
import { TOOLS } from "#tools/registry.ts";
import { chooseModel } from "./choose-model.ts";
import { composePipeline } from "./compose-pipeline.ts";
import { readProof } from "./read-proof.ts";

export interface DemoOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly speed: number;
  readonly seed: number;
  readonly replay: string | null;
  readonly headless: boolean;
}

const OWNER = { id: 1001, name: "You" };
// The embedded Bot API server listens on this machine only; its token guards nothing.
const TOKEN = "4200000001:sandbox";
const HOST = "127.0.0.1";
const WELCOME =
  'Hedgerow is ready. The market, the accounts and this chat are simulated on your machine, and time runs faster.\nTry: "what are the best rates?", then "hedge BTC". /help shows everything.';

/** Everything that the real thing has, on a simulated market, with no account, key or network. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { settings, secrets } = loadSettings("demo");
  const log = createJsonLogger([secrets.modelKey, secrets.telegramToken]);
  const feed = await openMarket(options);
  const records = openSandbox(options);
  const clock = createSandboxClock({ records, speed: options.speed, marketStart: feed.startAt });
  const store = openStore({ path: join(options.stateDir, "hedgerow.db"), wallNow: clock.wallNow });
  const venues = new Map(
    feed.venues.map((id) => {
      const startingCashUsd = settings.paper.startingCashUsd.toFixed();
      const { leverage } = settings.limits;
      return [
        id,
        createPaperVenue({ id, feed, records, clock, startingCashUsd, leverage }),
      ] as const;
    }),
  );
  bindOwner(store);
  let notifier: Notifier | null = null;
  const shout = (text: string) => {
    const item = { id: 0, severity: "critical", chatId: OWNER.id, attempts: 0 } as const;
    const delivered = notifier?.deliver({ ...item, content: { type: "alert", text } });
    delivered?.catch((error: unknown) => log.error("shoutFailed", { error: describeError(error) }));
  };
  const pipeline = composePipeline({ mode: "demo", settings, venues, store, clock, log, shout });
  const chat = createSandboxChat({ records, clock, token: TOKEN, owner: OWNER, log });
  const dashboard = createDashboard({ pipeline, clock, log, proof: readProof() });
  const server = startHttpServer({
    host: HOST,
    port: options.port,
    fetch: (request) =>
      chat.isSandboxPath(new URL(request.url).pathname)
        ? chat.fetch(request)
        : dashboard.fetch(request),
  });

  const agent = createAgent({
    model: chooseModel(settings, secrets),
    tools: TOOLS,
    system: systemPrompt,
    toolContext: { pipeline },
    ...{ store, clock, log },
  });
  const apiRoot = `http://${HOST}:${server.port}`;
  const door = createTelegramDoor({
    token: TOKEN,
    apiRoot,
    agent,
    bindCode: null,
    pipeline,
    store,
    clock,
    log,
  });
  notifier = door.notifier;
  const stopping = new AbortController();
  const outbox = createOutbox({ store, notifier: door.notifier, clock, log });
  const running = [door.run(stopping.signal), outbox.run(stopping.signal)];
  // The chat works before recovery is over: /kill must not wait for a venue that does not answer.
  await pipeline.recover();
  const jobs = startJobs({ pipeline, clock, store, log, schedule: settings.schedule });
  welcome(store);
  watchShutdown(log, async () => {
    stopping.abort();
    await jobs.stop();
    await Promise.all(running);
    server.stop();
    store.close();
    records.close();
  });
  process.stdout.write(`ready http://${HOST}:${server.port}/chat\n`);
  if (!options.headless) {
    process.stdout.write(
      `status page http://${HOST}:${server.port}/ · Ctrl-C stops, the state stays in ${options.stateDir}\n`,
    );
  }
}

async function openMarket(
  options: DemoOptions,
): Promise<MarketFeed & { readonly startAt: EpochMs }> {
  return options.replay === null
    ? createSyntheticMarket({ seed: options.seed })
    : loadReplayMarket(options.replay);
}

/** The state belongs to one market: another seed or file over the same accounts would make no sense. */
function openSandbox(options: DemoOptions): Records & { close(): void } {
  try {
    mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new OperatorError(`${options.stateDir} cannot be made: ${describeError(error)}`, {
      cause: error,
    });
  }
  const records = openRecords(join(options.stateDir, "sandbox.db"));
  const market = options.replay ?? `seed ${options.seed}`;
  const saved = records.load("sandbox:market")[0]?.value;
  if (saved !== undefined && saved !== market) {
    throw new OperatorError(
      `${options.stateDir} belongs to the market of ${saved}; name another folder with --state`,
    );
  }
  records.write([{ collection: "sandbox:market", key: "market", value: market }]);
  return records;
}

function bindOwner(store: Store): void {
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER.id));
    store.setFact("chatId", String(OWNER.id));
  });
}

function welcome(store: Store): void {
  if (store.getFact("welcomed") !== null) return;
  store.transaction(() => {
    store.setFact("welcomed", "yes");
    store.enqueue({
      severity: "info",
      chatId: OWNER.id,
      content: { type: "alert", text: WELCOME },
    });
  });
}
