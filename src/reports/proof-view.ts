/** How hedges ended: neutral, flat, held and the owner told, or naked with nobody told. */
export interface ProofEnds {
  readonly neutral: number;
  readonly flat: number;
  readonly held: number;
  readonly silent: number;
}

/** One way in which things went wrong, and what came of it. */
export interface ProofFault {
  readonly name: string;
  /** In words. */
  readonly label: string;
  readonly struck: number;
  readonly ends: ProofEnds;
  readonly longestNakedMs: number;
  readonly longestUntoldMs: number;
}

/** A saved run of the fault simulation: what /proof shows. */
export interface ProofView {
  /** Which engine was simulated. */
  readonly engine: string;
  /** Is that the engine that runs here? */
  readonly isCurrent: boolean;
  readonly from: number;
  readonly schedules: number;
  readonly crashPoints: number;
  readonly crashes: number;
  readonly violations: number;
  readonly virtualHours: number;
  readonly longestNakedMs: number;
  readonly longestUntoldMs: number;
  readonly ends: ProofEnds;
  readonly faults: readonly ProofFault[];
  /** Small defects that were built in on purpose, and the rule that found each; null: none did. */
  readonly defects: readonly { readonly name: string; readonly foundBy: string | null }[];
}
