import type { TurnWatcher } from "#src/agent/contract.ts";
import { renderReply } from "#src/agent/render-reply.ts";
import type { RenderedReply } from "#src/agent/reply/rendered-reply.ts";
import { MESSAGE_LIMIT, tailOf } from "#src/agent/reply/split-rendered.ts";
import type { Clock } from "#src/ports/clock.ts";

/** What each tool is doing, and has done; a name that we do not know is never shown. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  get_rates: ["looking at rates", "looked at rates"],
  find_opportunities: ["comparing opportunities", "compared opportunities"],
  get_status: ["reading the status", "read the status"],
  get_performance: ["adding up results", "added up results"],
  explain_decision: ["looking up the reasons", "looked up the reasons"],
  propose_hedge: ["preparing a card", "prepared a card"],
  propose_close: ["preparing a card to close", "prepared a card to close"],
};
const OTHER = ["working", "worked"] as const;
/** A model that has said nothing for so long is shown to be waited for. */
const QUIET_MS = 5_000;

interface ToolLine {
  readonly since: number;
  readonly tookMs: number | null;
}

/** What is known of a turn while it runs; the watcher that an agent tells, and the picture of it. */
export interface TurnProgress extends TurnWatcher {
  /** Aborted when the turn is over. */
  readonly over: AbortSignal;
  /** One line a tool with its seconds, whether the model is waited for, then the end of the text; never longer than a message. */
  picture(): RenderedReply;
}

export function createTurnProgress(clock: Pick<Clock, "elapsedMs">): TurnProgress {
  const ended = new AbortController();
  const tools = new Map<string, ToolLine>();
  let text = "";
  /** Of the last sign of life; null until the turn is looked at, because it may have waited before. */
  let heardAt: number | null = null;
  return {
    over: ended.signal,
    text(soFar) {
      text = soFar;
      heardAt = clock.elapsedMs();
    },
    tool(name, state) {
      const now = clock.elapsedMs();
      heardAt = now;
      const since = state === "began" ? now : (tools.get(name)?.since ?? now);
      tools.set(name, { since, tookMs: state === "began" ? null : now - since });
    },
    ended: () => ended.abort(),
    picture() {
      const now = clock.elapsedMs();
      heardAt ??= now;
      const lines = [...tools].map(([name, line]) => toolLine(name, line, now));
      const isAtWork = [...tools.values()].some(({ tookMs }) => tookMs === null);
      if (!isAtWork && now - heardAt >= QUIET_MS) lines.push(quietLine(now - heardAt));
      const head = lines.join("\n");
      if (text.trim() === "") return { text: head, entities: [] };
      const gap = head === "" ? "" : "\n\n";
      const room = MESSAGE_LIMIT - head.length - gap.length;
      const tail = tailOf(renderReply(text), room);
      const shift = head.length + gap.length;
      return {
        text: head + gap + tail.text,
        entities: tail.entities.map((one) => ({ ...one, offset: one.offset + shift })),
      };
    },
  };
}

function toolLine(name: string, { since, tookMs }: ToolLine, now: number): string {
  const [doing, done] = Object.hasOwn(WORDS, name) ? (WORDS[name] ?? OTHER) : OTHER;
  const seconds = Math.floor((tookMs ?? now - since) / 1_000);
  const took = seconds > 0 ? ` ${seconds} s` : "";
  return tookMs === null ? `⏳ ${doing}…${took}` : `✓ ${done}${took && `,${took}`}`;
}

/** In steps, so that a long wait does not redraw it every second. */
function quietLine(quietMs: number): string {
  return `⏳ asking the model… ${Math.floor(quietMs / QUIET_MS) * (QUIET_MS / 1_000)} s`;
}
