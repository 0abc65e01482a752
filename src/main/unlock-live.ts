import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "#config/schema.ts";
import {
  LIVE_CONFIRMATION,
  LIVE_SUBJECT,
  leastRehearsedMs,
  liveConfirmation,
  writtenConfirmation,
} from "#src/approvals/rehearsal.ts";
import { ZERO } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import {
  boundsHash,
  encodeConfirmation,
  type LiveBounds,
  type LiveConfirmation,
  tighterBounds,
  widenings,
} from "#src/core/rules/live-bounds.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { boundsOf } from "./compose-pipeline.ts";
import { stateFolder } from "./state-folder.ts";

export interface Unlocked {
  readonly confirmation: LiveConfirmation;
  /** Whose the rehearsal is, for the first start. */
  readonly owner: { readonly ownerId: string; readonly chatId: string; readonly chat: string };
}

const FIRST_START =
  "Live mode, with real money. Nothing opens yet: look at /status, and when equity and venues are as they should be, /resume lets hedges be proposed.";

/** A rehearsal's confirmation, or why there is none. */
type Found = Unlocked | { readonly locked: string };

/**
 * The owner's confirmation of mode live: the one that live mode has, or a newer one that the rehearsal in
 * `settings.state` holds. Throws an OperatorError of one line while there is none.
 */
export function findConfirmation(settings: Settings, clock: Clock): Unlocked {
  const own = inStore(join(stateFolder(settings), "hedgerow.db"), clock, (store) => {
    const written = writtenConfirmation(store);
    if (!written) return null;
    const confirmation = liveConfirmation(store) ?? nothingMore(written);
    return { confirmation, owner: ownerIn(store) };
  });
  if (own && widenings(own.confirmation.bounds, boundsOf(settings)).length === 0) {
    return ofItsOwner(own, settings);
  }
  const rehearsed = inStore(join(settings.state, "hedgerow.db"), clock, (store) =>
    readRehearsal(store, settings),
  );
  const isNewer =
    rehearsed &&
    "confirmation" in rehearsed &&
    rehearsed.confirmation.at > (own?.confirmation.at ?? 0);
  if (isNewer) return ofItsOwner(rehearsed, settings);
  if (own) return ofItsOwner(own, settings);
  const why =
    rehearsed && "locked" in rehearsed
      ? rehearsed.locked
      : `${settings.state} holds no rehearsal: run mode = "paper" or "testnet" for ${settings.paper.minHours} h`;
  throw new OperatorError(`mode live is locked: ${why}, then confirm it with /live in the chat`);
}

/** The first start takes the owner over, and begins with nothing allowed to open. Inside no transaction. */
export function adoptConfirmation(
  store: Store,
  { confirmation, owner }: Unlocked,
  now: number,
): void {
  const known = liveConfirmation(store);
  if (known && known.at >= confirmation.at) return;
  store.transaction(() => {
    store.setFact(LIVE_CONFIRMATION, encodeConfirmation(confirmation));
    store.audit("liveAdopted", "engine", { confirmation }, now);
    if (known) return;
    for (const [key, value] of Object.entries(owner)) if (value) store.setFact(key, value);
    store.setTradingState("reducing");
    if (owner.chatId) {
      const content = { type: "alert", text: FIRST_START } as const;
      store.enqueue({ severity: "warning", chatId: Number(owner.chatId), content });
    }
  });
}

/** Settings as far as they were confirmed: what asks for more has no effect. */
export function withinConfirmed(settings: Settings, { bounds }: LiveConfirmation): Settings {
  const { venues: _, spotVenues: __, ...limits } = tighterBounds(bounds, boundsOf(settings));
  return { ...settings, limits: { ...settings.limits, ...limits } };
}

/** One line for what the settings ask for beyond the confirmation; null when it is nothing. */
export function describeWidening(confirmed: LiveBounds, settings: Settings): string | null {
  const found = widenings(confirmed, boundsOf(settings));
  if (found.length === 0) return null;
  const parts = found.map(({ what, confirmed: was, wanted }) => `${what} ${wanted} (${was} holds)`);
  return `asked for beyond what you confirmed, without effect until /live: ${parts.join("; ")}`;
}

/** Nobody confirmed what is written: what is open is still watched and closed, and nothing opens before /live. */
function nothingMore(written: LiveConfirmation): LiveConfirmation {
  return { ...written, bounds: { ...written.bounds, hardCapUsd: ZERO } };
}

/** Who trades real money is who said yes to it. */
function ofItsOwner(found: Unlocked, { telegram }: Settings): Unlocked {
  const { chat, ownerId } = found.confirmation;
  const isOther = telegram.ownerId > 0 && telegram.ownerId !== ownerId;
  if (chat !== "telegram" || !isOther) return found;
  throw new OperatorError(
    `mode live is locked: it was confirmed by ${ownerId} on Telegram, not by telegram.ownerId ${telegram.ownerId}, who must confirm it with /live in the mode of the rehearsal`,
  );
}

function readRehearsal(store: Store, settings: Settings): Found {
  const mode = store.getFact("mode");
  if (mode !== "paper" && mode !== "testnet") {
    return { locked: `${settings.state} holds no rehearsal in mode paper or testnet` };
  }
  const confirmation = writtenConfirmation(store);
  if (!confirmation) return { locked: progressOf(store, settings) };
  if (!wasTapped(store, confirmation)) {
    return { locked: `the confirmation in ${settings.state} is not what its owner tapped` };
  }
  return { confirmation, owner: ownerIn(store) };
}

/** Rows can be written by whoever has the file: the chain must tell of the card, the tap and what it allowed. */
function wasTapped(store: Store, confirmation: LiveConfirmation): boolean {
  const hash = boundsHash(confirmation.bounds);
  const approved = store
    .listApprovals({ subjectId: LIVE_SUBJECT, state: "approved" })
    .some(
      ({ subject, subjectHash, ownerId }) =>
        subject === "live" && subjectHash === hash && ownerId === confirmation.ownerId,
    );
  const card = { subject: "live", id: LIVE_SUBJECT };
  return (
    approved &&
    store.isAudited("approval", "engine", { ...card, hash }) &&
    store.isAudited("approval", "owner", { ...card, state: "approved" }) &&
    store.isAudited("liveConfirmed", "owner", { confirmation }) &&
    store.verifyAudit() === null
  );
}

function progressOf(store: Store, { venues, paper }: Settings): string {
  const hours = leastRehearsedMs(store, venues.use) / HOUR_MS;
  if (hours >= paper.minHours)
    return `${paper.minHours} h are rehearsed but not confirmed: start in the mode of the rehearsal`;
  return `${Math.floor(hours)} of ${paper.minHours} h are rehearsed on every venue in use: go on in the mode of the rehearsal`;
}

function ownerIn(store: Store): Unlocked["owner"] {
  const read = (key: string) => store.getFact(key) ?? "";
  return { ownerId: read("ownerId"), chatId: read("chatId"), chat: read("chat") };
}

/** Reads and lets go of it again; null when there is no such file. */
function inStore<T>(path: string, clock: Clock, read: (store: Store) => T): T | null {
  if (!existsSync(path)) return null;
  const store = openStore({ path, wallNow: clock.wallNow });
  try {
    return read(store);
  } finally {
    store.close();
  }
}
