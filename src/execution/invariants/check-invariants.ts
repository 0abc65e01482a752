import type { EngineView, Invariant, Violation } from "./engine-view.ts";
import * as liveness from "./liveness.ts";
import * as sending from "./sending.ts";
import * as state from "./state.ts";

/** The engine's contract: S about sending, T about state, L about time. */
export const INVARIANTS: Readonly<Record<string, Invariant>> = {
  S1: sending.writeAhead,
  S2: sending.sentOnce,
  S3: sending.oneLiveAttempt,
  S4: sending.proofOfDeath,
  S5: sending.sizeBound,
  S6: sending.direction,
  S7: sending.authority,
  S8: sending.freshness,
  S9: sending.nothingOpensAfterHalt,
  S10: sending.singleWriter,
  T1: state.delta,
  T2: state.booksAreTheVenue,
  T3: state.fillsOnce,
  T4: state.transitions,
  T5: state.recomputable,
  T6: state.auditChain,
  T7: state.alertsAreState,
  L1: liveness.unknownEnds,
  L2: liveness.nakedIsTold,
  L3: liveness.startEnds,
  L4: liveness.killIsDurable,
  L5: liveness.haltStillReduces,
};

/** Every rule on one view; empty when all hold. */
export function checkInvariants(view: EngineView): readonly Violation[] {
  const found: Violation[] = [];
  for (const rule of RULES) found.push(...rule(view));
  return found;
}

const RULES = Object.values(INVARIANTS);
