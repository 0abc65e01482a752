import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Records } from "#src/ports/records.ts";
import type { Store } from "#src/ports/store.ts";
import { createSandboxChat } from "#src/sandbox/create-sandbox-chat.ts";
import { bindOwner } from "./bind-owner.ts";

/** A chat page with the Bot API behind it, for a bot that has no account at Telegram. */
export interface LocalChat {
  readonly token: string;
  /** Answers what belongs to the chat; null for everything else. */
  page(request: Request): Response | Promise<Response> | null;
}

/** Whoever sits at this machine. */
const OWNER = { id: 1001, name: "You" };
// It listens on this machine only; its token guards nothing.
const TOKEN = "4200000001:sandbox";

/** Opens the chat, binds its owner, and greets them the first time. */
export function openLocalChat(parts: {
  readonly records: Records;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly welcome: string;
}): LocalChat {
  const { store, records, clock, log } = parts;
  const chat = createSandboxChat({ records, clock, token: TOKEN, owner: OWNER, log });
  bindOwner(store, OWNER.id, clock.wallNow());
  welcome(store, parts.welcome);
  return {
    token: TOKEN,
    page(request) {
      if (!chat.isSandboxPath(new URL(request.url).pathname)) return null;
      return isForeign(request)
        ? new Response("not from here", { status: 403 })
        : chat.fetch(request);
    },
  };
}

/** A page of somebody else in the owner's browser must not type into the chat. */
function isForeign(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.headers.get("host");
}

function welcome(store: Store, text: string): void {
  if (store.getFact("welcomed") !== null) return;
  store.transaction(() => {
    store.setFact("welcomed", "yes");
    store.enqueue({ severity: "info", chatId: OWNER.id, content: { type: "alert", text } });
  });
}
