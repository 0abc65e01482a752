import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadSettings, type Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { describeError } from "#src/core/errors.ts";
import { stateFolder } from "#src/main/state-folder.ts";
import { describeWidening, findConfirmation } from "#src/main/unlock-live.ts";
import type { Records } from "#src/ports/records.ts";
import type { Redactor } from "#src/runtime/redactor.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { accountFact } from "./check-keys.ts";
import { examineModels } from "./examine-models.ts";
import { type Check, examineVenue } from "./examine-venue.ts";

/** What is set, what is missing, and how to mend it; exit code 1 when something would not work. */
export async function runDoctor(
  options: { readonly config: string | null },
  redactor: Redactor,
): Promise<void> {
  const { settings, secrets } = loadSettings("operator", options.config);
  const file = options.config ?? "config/settings.toml";
  const [models, venues] = await Promise.all([
    examineModels({ settings, secrets }, createSystemClock()),
    examineVenues(settings, redactor),
  ]);
  const checks: readonly Check[] = [
    { ok: true, name: "settings", says: `${file} is valid, mode ${settings.mode}` },
    checkTelegram(secrets),
    ...models,
    ...venues,
    ...checkLive(settings),
  ];
  for (const { ok, name, says } of checks) {
    const line = `${ok ? "ok  " : "FAIL"} ${name.padEnd(11)} ${says}\n`;
    process.stdout.write(redactor.redact(line));
  }
  process.exit(checks.every((check) => check.ok) ? 0 : 1);
}

function checkTelegram({ telegramToken }: Secrets): Check {
  const says = telegramToken
    ? "HEDGEROW_TELEGRAM_TOKEN is set"
    : "HEDGEROW_TELEGRAM_TOKEN is not set, so the chat is a page on this machine; for your phone make a bot with @BotFather and put its token there";
  return { ok: true, name: "telegram", says };
}

/** In mode live: whether it may start, and what of the settings has no effect yet. */
function checkLive(settings: Settings): readonly Check[] {
  if (settings.mode !== "live") return [];
  try {
    const { bounds } = findConfirmation(settings, createSystemClock()).confirmation;
    const says = describeWidening(bounds, settings) ?? "confirmed, with these limits and venues";
    return [{ ok: true, name: "live", says }];
  } catch (error) {
    return [{ ok: false, name: "live", says: describeError(error) }];
  }
}

/** All at once: a venue that does not answer takes its time. */
async function examineVenues(settings: Settings, redactor: Redactor): Promise<readonly Check[]> {
  const clock = createSystemClock();
  const nothing: Records = { load: () => [], write: () => undefined };
  const store = { listAttempts: () => [], getAttempt: () => null };
  const parts = { settings, clock, saved: nothing, store, redactor };
  const accountOf = readAccounts(settings);
  const checks = await Promise.all(
    settings.venues.use.map((venue) => examineVenue(parts, venue, accountOf(venue))),
  );
  return checks.flat();
}

/** The accounts that the bot remembers; none while it runs, because then its memory is its own. */
function readAccounts(settings: Settings): (venue: string) => string | null {
  const { venues } = settings;
  const path = join(stateFolder(settings), "hedgerow.db");
  if (!existsSync(path)) return () => null;
  try {
    const store = openStore({ path, wallNow: createSystemClock().wallNow });
    const facts = new Map<string, string | null>(
      venues.use.map((venue) => [venue, store.getFact(accountFact(venue))]),
    );
    store.close();
    return (venue) => facts.get(venue) ?? null;
  } catch {
    return () => null;
  }
}
