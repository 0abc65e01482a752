import { describeError } from "#src/core/errors.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import type { ExecutionContext } from "#src/execution/context.ts";

/** While this fact says yes, everything is still to be made flat. */
const KILL_WANTED = "killWanted";

/** Durable: from here on nothing opens and everything is to be made flat. Inside a transaction. */
export function wantKill({ store }: Pick<ExecutionContext, "store">): void {
  store.setTradingState("halted");
  store.setFact(KILL_WANTED, "yes");
  for (const hedge of store.listHedges(LIVE_PHASES)) {
    if (hedge.phase !== "closing") store.updateHedge(hedge, { phase: "closing" });
  }
}

const RETRY_MS = 1_000;

/**
 * Writes the wish down, as often as it takes: while nothing can be written no order may leave either, and
 * the owner is told so. Resolves once it is on disk.
 */
export async function insistOnKill(context: ExecutionContext, write: () => void): Promise<void> {
  const { clock, shout, log } = context;
  for (let tries = 0; ; tries += 1) {
    try {
      return write();
    } catch (error) {
      log.error("killNotWritten", { tries, error: describeError(error) });
      if (tries === 0) {
        shout(
          "/kill cannot be written to disk, so no order may be sent. It is tried again every second; free some space, or close the positions on the venues by hand.",
        );
      }
    }
    await clock.sleep(RETRY_MS);
  }
}

export function isKillWanted({ store }: Pick<ExecutionContext, "store">): boolean {
  return store.getFact(KILL_WANTED) === "yes";
}

/** Everything that an order can close is closed. Inside a transaction. */
export function endKill(
  { store }: Pick<ExecutionContext, "store">,
  how: "no" | "remainders",
): void {
  store.setFact(KILL_WANTED, how);
}
