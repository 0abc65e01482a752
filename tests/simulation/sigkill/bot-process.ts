import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { dec } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { isLive } from "#src/core/hedge.ts";
import { LIVE_ATTEMPTS } from "#src/core/order.ts";
import { isKillWanted } from "#src/execution/kill/kill-wish.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createLoopbackClient } from "./loopback-client.ts";
import { createDice, type Dice } from "./loopback-venue.ts";

const OWNER = 1001;
const CARD = 7;
const VENUES = ["alpha", "beta", "gamma"];
const ASSETS = ["BTC", "ETH", "SOL", "XRP", "ARB", "SUI"];
const TEND_MS = 250;
const PATIENCE_MS = 40_000;

interface Bot {
  readonly pipeline: Pipeline;
  readonly store: Store;
  readonly log: Logger;
  readonly dice: Dice;
}

/** The bot as main composes it, over a socket, with a user who opens and closes without a rest. */
async function runBot(): Promise<void> {
  const { url = "", state = "", seed = "", quiet = false } = readOptions();
  const dice = createDice(seed);
  const clock = createSystemClock();
  const log = createJsonLogger((text) => text);
  const store = openStore({ path: join(state, "hedgerow.db"), wallNow: clock.wallNow });
  bindOwner(store);
  // What the one before was killed in the middle of: written as sent, its answer never booked.
  say(`opened ${store.listAttempts({ states: ["sent"] }).length}`);
  const pipeline = composePipeline({
    ...{ mode: "demo", store, clock, log },
    ...{ settings: quickSettings(dice), secrets: loadSettings("demo").secrets },
    venues: new Map(VENUES.map((id) => [id, createLoopbackClient(id, url)])),
    shout: (text) => log.error("shout", { text }),
  });
  const bot: Bot = { pipeline, store, log, dice };
  if (!quiet && dice.chance(0.1)) void killOnce(bot);
  await pipeline.recover();
  say("ready");
  void tendForEver(bot);
  if (quiet) await sayWhenSettled(bot);
  else await Promise.all([resumeForEver(bot), ...ASSETS.map((asset) => trade(bot, asset))]);
}

function readOptions() {
  const text = { type: "string" } as const;
  const options = { url: text, state: text, seed: text, quiet: { type: "boolean" } } as const;
  return parseArgs({ args: process.argv.slice(2), options }).values;
}

function quickSettings(dice: Dice): Settings {
  const { settings } = loadSettings("demo");
  return {
    ...settings,
    entry: { ...settings.entry, lookbackDays: 1 },
    execution: {
      ...settings.execution,
      orderLifeMs: 1_000,
      retryDelayMs: 50,
      makerWaitMs: dice.pick(0, 0, 200),
      maxSlippage: dec("0.0005"),
    },
  };
}

function bindOwner(store: Store): void {
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER));
    store.setFact("chatId", String(OWNER));
  });
}

/** As the schedule does: rounds may overlap. */
async function tendForEver({ pipeline, log }: Bot): Promise<void> {
  for (;;) {
    pipeline.tend().catch((error: unknown) => log.error("tend", { error: describeError(error) }));
    await Bun.sleep(TEND_MS);
  }
}

/** One asset: opened when there is no hedge, closed when there is one, and again. */
async function trade(bot: Bot, asset: string): Promise<void> {
  const { pipeline, store, dice } = bot;
  for (;;) {
    await Bun.sleep(dice.upTo(150));
    const hedge = store.listHedges().find((one) => one.asset === asset && isLive(one.phase));
    if (hedge && hedge.phase !== "open") continue;
    await attempt(bot, async () => {
      const proposed = hedge
        ? await pipeline.proposeClose(hedge.id, "owner")
        : await pipeline.proposeOpen({ asset }, "owner");
      if ("proposal" in proposed) await tap(bot, proposed.proposal.id);
    });
  }
}

async function killOnce(bot: Bot): Promise<void> {
  await Bun.sleep(bot.dice.upTo(600));
  await attempt(bot, () => bot.pipeline.kill("owner"));
}

async function resumeForEver(bot: Bot): Promise<void> {
  for (;;) {
    await Bun.sleep(100);
    await attempt(bot, async () => {
      if (bot.pipeline.offerResume()) await tap(bot, "trading-state");
    });
  }
}

/** The owner's finger on the newest card of this subject. */
async function tap({ pipeline, store, dice }: Bot, subjectId: string): Promise<void> {
  const approval = store.listApprovals({ subjectId, state: "pending" }).at(-1);
  if (!approval) return;
  const { nonce } = approval;
  if (dice.chance(0.5)) store.transaction(() => store.bindApprovalMessage(nonce, OWNER, CARD));
  const press = { nonce, userId: OWNER, chatId: OWNER, messageId: CARD };
  // A second tap on the same card must change nothing.
  const taps = await Promise.all(
    dice.chance(0.2) ? [press, press].map(pipeline.approve) : [pipeline.approve(press)],
  );
  await Promise.all(taps.map((one) => one.done));
}

/**
 * Ends the test's wait: nothing in flight, every hedge at rest, no /kill to carry on; or so late that
 * what is not at rest never will be.
 */
async function sayWhenSettled({ store }: Bot): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    await Bun.sleep(100);
    const atRest = store.listHedges().every(({ phase }) => phase === "closed" || phase === "open");
    const inFlight = store.listAttempts({ states: LIVE_ATTEMPTS }).length;
    if (atRest && inFlight === 0 && !isKillWanted({ store })) break;
  }
  say("settled");
}

async function attempt({ log }: Bot, work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => log.warn("attempt", { error: describeError(error) }));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A bot whose test is gone must not stay behind. */
async function leaveWithParent(): Promise<void> {
  for await (const _ of Bun.stdin.stream());
  process.exit(0);
}

if (import.meta.main) {
  void leaveWithParent();
  await runBot();
}
