import { openStore } from "#src/store/sqlite-store.ts";
import { checkAgainstVenues, type Found } from "./check-against-venues.ts";
import { createDice, startLoopbackVenues } from "./loopback-venue.ts";
import { drawDeath, TormentedBot } from "./tormented-bot.ts";

export interface Torment {
  readonly kills: number;
  /** Kills that left an order behind which was sent, and its answer not booked. */
  readonly inFlight: number;
  readonly found: readonly Found[];
  /** What a second process said that was started beside each bot, and how it ended. */
  readonly intruders: readonly { readonly exitCode: number; readonly says: string }[];
  /** What broke in the venues themselves. */
  readonly mishaps: readonly string[];
  /** The end of each bot's log, for whoever has to find out. */
  readonly logs: readonly string[];
}

/** Bots side by side, each killed so often, restarted at once, and at the end left in peace and checked. */
export async function tormentBots(options: {
  readonly seed: string;
  readonly bots: number;
  readonly killsEach: number;
}): Promise<Torment> {
  const bots = Array.from({ length: options.bots }, (_, index) => {
    const name = `${options.seed}:${index}`;
    return new TormentedBot(name, startLoopbackVenues(name));
  });
  try {
    const ends = await Promise.all(bots.map((bot) => torment(bot, options.killsEach)));
    return {
      kills: bots.reduce((total, bot) => total + bot.deaths.length, 0),
      inFlight: bots.reduce((total, bot) => total + bot.inFlight, 0),
      found: ends.map((end) => end.found),
      intruders: ends.map((end) => end.intruder),
      mishaps: bots.flatMap((bot) => bot.world.mishaps),
      logs: bots.map((bot) => bot.log.slice(-3_000)),
    };
  } finally {
    await Promise.all(bots.map((bot) => bot.dispose()));
  }
}

async function torment(bot: TormentedBot, kills: number) {
  const dice = createDice(`${bot.name}:deaths`);
  while (bot.deaths.length < kills) await bot.live(drawDeath(dice));
  const intruder = await bot.settle(() => bot.intrude());
  const store = openStore({ path: bot.dbPath, wallNow: Date.now });
  const found = await checkAgainstVenues(store, bot.world);
  store.close();
  return { intruder, found };
}
