import type { Invariant } from "./engine-view.ts";
import { broken, eachHedge } from "./sending.ts";

const AFTER_FENCE_MS = 20_000;
const LONGEST_NAKED_MS = 60_000;
const LONGEST_START_MS = 30_000;
const KILL_DURABLE_MS = 2_000;

/** L1: an order whose fate is unknown is resolved, or told of, soon after its fence. */
export const unknownEnds: Invariant = (view) =>
  eachHedge(view, "L1", ({ attempts, alerts, unsureSinceMs }) => {
    if (alerts.length > 0) return null;
    const since = unsureSinceMs ?? view.nowMs;
    const old = attempts.find(
      ({ state, request, createdAtWall }) =>
        state === "unknown" &&
        // A fence in the past says that our clock was wrong: then the sending counts.
        view.wallNow > Math.max(request.expiresAt, createdAtWall) + AFTER_FENCE_MS &&
        // A process that was just started has the same time to find out.
        view.nowMs - since > AFTER_FENCE_MS,
    );
    return old ? `${old.clientOrderId} is unknown for long, and nobody was told` : null;
  });

/** L2: a hedge that is not neutral for a minute was told of within that minute. */
export const nakedIsTold: Invariant = (view) =>
  eachHedge(view, "L2", ({ unsureSinceMs }) =>
    unsureSinceMs !== null && view.nowMs - unsureSinceMs > LONGEST_NAKED_MS
      ? `not neutral for ${Math.round((view.nowMs - unsureSinceMs) / 1_000)} s, and nobody was told`
      : null,
  );

/** L3: a start is over within half a minute, whatever the venues do. */
export const startEnds: Invariant = ({ recoveringMs }) =>
  recoveringMs !== null && recoveringMs > LONGEST_START_MS
    ? [broken("L3", null, `the start takes ${Math.round(recoveringMs / 1_000)} s`)]
    : [];

/** L4: /kill is durable within two seconds. */
export const killIsDurable: Invariant = ({ killDurableMs }) =>
  killDurableMs !== null && killDurableMs > KILL_DURABLE_MS
    ? [broken("L4", null, `/kill took ${killDurableMs} ms to be written`)]
    : [];

/** L5: a halt stops opening only: what reduces is never refused for it. */
export const haltStillReduces: Invariant = (view) =>
  eachHedge(view, "L5", ({ attempts }) => {
    const refused = attempts.find(
      ({ purpose, outcomeDetail }) => purpose !== "open" && outcomeDetail === "halted",
    );
    return refused ? `${refused.clientOrderId} reduces and was refused` : null;
  });
