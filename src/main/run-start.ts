import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadSettings } from "#config/load.ts";
import { isLoopbackHost } from "#config/loopback.ts";
import type { Settings } from "#config/schema.ts";
import { wantsSpot } from "#config/venue-settings.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Records } from "#src/ports/records.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import type { Redactor } from "#src/runtime/redactor.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openRecords } from "#src/store/record-store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createLivePaperVenue } from "#src/venues/paper/live-paper-venue.ts";
import { bindOwner } from "./bind-owner.ts";
import { boundsOf } from "./compose-pipeline.ts";
import { createKeyJudge } from "./doctor/check-keys.ts";
import { missingKeys } from "./models/models-in-use.ts";
import { type BotParts, runBot } from "./run-bot.ts";
import { stateFolder } from "./state-folder.ts";
import {
  adoptConfirmation,
  describeWidening,
  findConfirmation,
  type Unlocked,
  withinConfirmed,
} from "./unlock-live.ts";
import { findSilent } from "./venues/find-silent.ts";
import { createJudgedVenue } from "./venues/judged-venue.ts";
import { createLateVenue } from "./venues/late-venue.ts";

/**
 * The bot on real venues: in mode paper with simulated accounts on their public data, in mode testnet with
 * accounts there. First it can hear /kill; then the venues are loaded and asked.
 */
export async function runStart(
  options: { readonly config: string | null },
  redactor: Redactor,
): Promise<void> {
  const { settings: asked, secrets } = loadSettings("operator", options.config);
  const log = createJsonLogger(redactor.redact);
  const clock = createSystemClock();
  const unlocked = asked.mode === "live" ? findConfirmation(asked, clock) : null;
  const settings = unlocked ? withinConfirmed(asked, unlocked.confirmation) : asked;
  const { mode } = settings;
  const { store, records, close } = openState(settings, clock);
  if (unlocked) adoptConfirmation(store, unlocked, clock.wallNow());
  const opening = Promise.withResolvers<ReadonlyMap<VenueId, Venue>>();
  const chat = await openChat({
    settings,
    token: secrets.telegramToken,
    store,
    records,
    clock,
    log,
  });
  const venues = new Map(
    settings.venues.use.map((id) => [
      id,
      seat(id, opening.promise, { settings, records, clock, log }),
    ]),
  );
  const { host, port } = settings.dashboard;
  const bot = await runBot({
    ...{ mode, settings, secrets, redact: redactor.redact, log, clock, store, venues },
    ...{ host, port, chat, close },
    liveBounds: boundsOf(asked),
    spotVenues: settings.venues.use.filter(
      (id) => wantsSpot(settings, id) && whyUnconfirmedSpot(unlocked, id) === null,
    ),
  });
  const { openVenues } = await import("./venues/open-venues.ts");
  const opened = await openVenues({ settings, clock, saved: records, store, redactor });
  const keys = createKeyJudge({ venues: opened, mode, store, log, clock });
  const whyNot = (id: VenueId) => keys.why(id) ?? whyUnconfirmed(unlocked, id);
  opening.resolve(
    new Map(
      [...opened].map(([id, venue]) => {
        const whyNoSpot = () => whyUnconfirmedSpot(unlocked, id);
        return [id, createJudgedVenue(venue, () => whyNot(id), whyNoSpot)];
      }),
    ),
  );
  const silent = await findSilent(opened, clock);
  const held = store.listHedges(LIVE_PHASES).length > 0;
  if (silent.length === opened.size && !held) {
    throw new OperatorError(
      `none of ${silent.join(", ")} can be reached from here, so there are no prices to start on; \`bun run demo\` runs everything on a simulated market, without a network`,
    );
  }
  await keys.start(held);
  await bot.begin();
  bot.pipeline.lookAhead().catch((error: unknown) => log.warn("lookFailed", { error }));
  const widening = unlocked && describeWidening(unlocked.confirmation.bounds, asked);
  const notes = [...(widening ? [widening] : []), ...missingKeys({ settings, secrets })];
  const unjudged = settings.venues.use.filter((id) => keys.why(id) !== null);
  process.stdout.write(
    `${banner(settings, bot.url, chat, { silent, unjudged, notes }).join("\n")}\n`,
  );
}

const MONEY: Readonly<Record<Settings["mode"], string>> = {
  paper: "live prices, simulated money",
  testnet: "the venues' test accounts",
  live: "real money",
};

const WELCOME: Readonly<Record<Settings["mode"], string>> = {
  paper: "Prices and rates are live, from the venues themselves; money and fills are simulated.",
  testnet: "It trades on the venues' test accounts, with their prices.",
  live: "It trades real money on your accounts. Nothing opens before /resume.",
};

function welcomeTo(mode: Settings["mode"]): string {
  return `Hedgerow is ready. ${WELCOME[mode]}\nTry: "what are the best rates?", then "hedge BTC". /help shows everything.`;
}

/** One line for each thing that somebody who just started it wants to know. */
function banner(
  settings: Settings,
  url: string,
  chat: BotParts["chat"],
  {
    silent,
    unjudged,
    notes,
  }: Readonly<Record<"silent" | "unjudged", readonly VenueId[]>> & {
    readonly notes: readonly string[];
  },
): readonly string[] {
  const { mode, venues, state } = settings;
  const isLocal = "page" in chat;
  const lines = [
    isLocal ? `ready ${url}/chat` : `ready on Telegram, status page ${url}/`,
    `mode ${mode}: ${MONEY[mode]}, on ${venues.use.join(", ")}`,
  ];
  if (silent.length > 0) {
    lines.push(`${silent.join(", ")} cannot be reached now: asked again until it answers`);
  }
  if (unjudged.length > 0) {
    lines.push(`nothing opens on ${unjudged.join(", ")} until the key there is found to be good`);
  }
  lines.push(...notes);
  if (isLocal) {
    lines.push(
      "this chat is a page on your machine; for your phone make a bot with @BotFather and set HEDGEROW_TELEGRAM_TOKEN",
    );
  } else if (chat.bindCode !== null) {
    lines.push(`the bot has no owner yet: send it /start ${chat.bindCode}`);
  }
  return [...lines, `Ctrl-C stops, the state stays in ${stateFolder({ mode, state })}`];
}

/** The state belongs to one mode: simulated hedges must never be taken for those of an account. */
function openState(
  settings: Settings,
  clock: Clock,
): { readonly store: Store; readonly records: Records; close(): void } {
  const { mode } = settings;
  const state = stateFolder(settings);
  try {
    mkdirSync(state, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new OperatorError(`${state} cannot be made: ${describeError(error)}`, { cause: error });
  }
  const store = openStore({ path: join(state, "hedgerow.db"), wallNow: clock.wallNow });
  const saved = store.getFact("mode");
  if (saved !== null && saved !== mode) {
    throw new OperatorError(
      `${state} holds the state of mode ${saved}; name another folder for mode ${mode} (state = …)`,
    );
  }
  if (saved === null) store.transaction(() => store.setFact("mode", mode));
  const records = openRecords(join(state, "venues.db"));
  return { store, records, close: () => records.close() };
}

function whyUnconfirmed(unlocked: Unlocked | null, id: VenueId): string | null {
  if (!unlocked || unlocked.confirmation.bounds.venues.includes(id)) return null;
  return "it is not among the venues that you confirmed for real money; /live tells more";
}

function whyUnconfirmedSpot(unlocked: Unlocked | null, id: VenueId): string | null {
  if (!unlocked || unlocked.confirmation.bounds.spotVenues.includes(id)) return null;
  return "spot there is not among what you confirmed for real money; /live tells more";
}

/** Telegram with a token; without one a page on this machine, so that no account is needed at all. */
async function openChat(parts: {
  readonly settings: Settings;
  readonly token: string | null;
  readonly store: Store;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<BotParts["chat"]> {
  const { settings, token, store } = parts;
  if (token === null) {
    const { host } = settings.dashboard;
    if (!isLoopbackHost(host)) {
      throw new OperatorError(
        `without HEDGEROW_TELEGRAM_TOKEN the chat is a page that anybody could use at ${host}: set the token, or dashboard.host = "127.0.0.1"`,
      );
    }
    store.transaction(() => store.setFact("chat", "local"));
    const { openLocalChat } = await import("./local-chat.ts");
    return openLocalChat({ ...parts, welcome: welcomeTo(settings.mode) });
  }
  const named = settings.telegram.ownerId;
  // Whoever sat at the page is not thereby the owner on Telegram.
  const wasLocal = store.getFact("chat") === "local";
  if (named > 0 || wasLocal) bindOwner(store, named, parts.clock.wallNow());
  store.transaction(() => store.setFact("chat", "telegram"));
  const isBound = Number(store.getFact("ownerId") ?? "0") > 0;
  return { token, bindCode: isBound ? null : createRandomIds().next("bind").slice("bind-".length) };
}

function seat(
  id: VenueId,
  opening: Promise<ReadonlyMap<VenueId, Venue>>,
  parts: {
    readonly settings: Settings;
    readonly records: Records;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Venue {
  const { settings } = parts;
  const source = createLateVenue(
    id,
    opening.then((opened) => {
      const venue = opened.get(id);
      if (!venue) throw new Error(`${id} was not opened`);
      return venue;
    }),
  );
  if (settings.mode !== "paper") return source;
  return createLivePaperVenue({
    ...{ ...parts, source, leverage: settings.limits.leverage },
    startingCashUsd: settings.paper.startingCashUsd.toFixed(),
  });
}
