import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { Records } from "#src/ports/records.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import type { Redactor } from "#src/runtime/redactor.ts";
import { createSandboxClock } from "#src/runtime/system-clock.ts";
import { loadReplayMarket } from "#src/sandbox/replay-market.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { openRecords } from "#src/store/record-store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { openLocalChat } from "./local-chat.ts";
import { missingKeys } from "./models/models-in-use.ts";
import { runBot } from "./run-bot.ts";

export interface DemoOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly speed: number;
  readonly seed: number;
  readonly replay: string | null;
  readonly headless: boolean;
  readonly config: string | null;
}

const HOST = "127.0.0.1";
const LEAST_WINDOW_SECONDS = 10;
/** Between two payments of the leg that is paid least often. */
const LONGEST_WAIT_MINUTES = 480;
const WELCOME =
  'Hedgerow is ready. The market, the accounts and this chat are simulated on your machine, and time runs faster.\nTry: "what are the best rates?", then "hedge BTC". /help shows everything.';

/** Everything that the real thing has, on a simulated market: no account, and no key or network unless a model is named. */
export async function runDemo(options: DemoOptions, { redact }: Redactor): Promise<void> {
  const { settings: written, secrets } = loadSettings("demo", options.config);
  const settings = withReachableWindow(written, options.speed);
  const log = createJsonLogger(redact);
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
  const spotVenues = feed.venues.filter((id) =>
    feed.instruments(id).some(({ kind }) => kind === "spot"),
  );
  const bot = await runBot({
    ...{ mode: "demo", settings, secrets, redact, log, clock, store, venues, spotVenues },
    ...{ host: HOST, port: options.port },
    chat: openLocalChat({ records, store, clock, log, welcome: WELCOME }),
    close: () => records.close(),
  });
  await bot.begin();
  const keyless = missingKeys({ settings, secrets });
  process.stdout.write(`${[`ready ${bot.url}/chat`, ...keyless].join("\n")}\n`);
  if (!options.headless) {
    process.stdout.write(
      `status page ${bot.url}/ · Ctrl-C stops, the state stays in ${options.stateDir}\n`,
    );
  }
}

/** Scans and fills take real seconds: a mandate's minutes before a payment are never fewer of those than ten. */
export function withReachableWindow(settings: Settings, speed: number): Settings {
  const { entry } = settings;
  const reachable = entry.leadMinMinutes + Math.ceil((LEAST_WINDOW_SECONDS * speed) / 60);
  const leadMaxMinutes = Math.max(entry.leadMaxMinutes, Math.min(reachable, LONGEST_WAIT_MINUTES));
  return { ...settings, entry: { ...entry, leadMaxMinutes } };
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
