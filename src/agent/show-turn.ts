import { describeError } from "#src/core/errors.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { TurnWatcher } from "./contract.ts";
import { capText } from "./end-turn.ts";

/** A watcher that cannot disturb the turn, and what it was shown last. */
export interface ShownTurn {
  text(soFar: string): void;
  tool(name: string, state: "began" | "ended"): void;
  /** Once; nothing is shown after it. */
  end(): void;
  /** As it may be sent: held against what is known, when somebody said how. */
  soFar(): string;
  checkWith(check: (text: string) => string): void;
}

/** Of an answer that was stopped: leaves room for the words about it. */
const LONGEST_PART = 15_000;
const LAST_FIGURE = /(?:^|\s)\S*\d\S*$/;
const LONGEST_FIGURE = 64;

export function showTurn(watcher: TurnWatcher | null, log: Logger): ShownTurn {
  let last = "";
  let check = (text: string): string => text;
  let over = false;
  function quietly(show: () => void): void {
    try {
      if (!over) show();
    } catch (error) {
      log.warn("watcherFailed", { error: describeError(error) });
    }
  }
  return {
    text: (soFar) =>
      quietly(() => {
        last = soFar;
        watcher?.text(soFar);
      }),
    tool: (name, state) => quietly(() => watcher?.tool(name, state)),
    end() {
      quietly(() => watcher?.ended());
      over = true;
    },
    soFar() {
      const text = capText(withoutLastFigure(last.trim()), LONGEST_PART);
      try {
        return text && check(text);
      } catch (error) {
        log.warn("partNotChecked", { error: describeError(error) });
        return "";
      }
    },
    checkWith(wanted) {
      check = wanted;
    },
  };
}

/** It may be half of one: "12" of "12.4 %". */
function withoutLastFigure(text: string): string {
  const end = text.slice(-LONGEST_FIGURE).replace(LAST_FIGURE, "…");
  return text.slice(0, -LONGEST_FIGURE) + end;
}
