import type { Decimal } from "#src/core/decimal.ts";
import type { EntryRules } from "#src/opportunities/refuse-pair.ts";
import type { EntryParameters } from "#src/opportunities/score-opportunity.ts";
import type { RuleView } from "#src/reports/views.ts";

/** The rules of trading as the operator set them (domain 3); market times in ms. */
export interface RuleSettings {
  readonly entry: EntryParameters;
  readonly rules: EntryRules;
  /** How long before a payment to us a mandate opens. */
  readonly window: { readonly minMinutes: number; readonly maxMinutes: number };
  readonly exit: {
    /** Per 8 h; not above 0. */
    readonly tolerance8h: Decimal;
    /** Move of the legs' gap against a hedge since its entry, as a fraction of the price. */
    readonly maxAdverseBasis: Decimal;
    readonly maxAgeMs: number;
  };
  readonly rotate: {
    readonly minHoldMs: number;
    readonly costMultiple: Decimal;
    /** May a hedge be turned round on its own venues? */
    readonly flip: boolean;
  };
  readonly cooldown: { readonly liquidationMs: number; readonly secondLegMs: number };
  /** What cash earns a year. */
  readonly cashYield: Decimal;
  /** A vote below it is shown as unsure; no confidence is ever enough. */
  readonly minConfidence: Decimal;
  /** Every parameter as it is in force, for showing. */
  readonly inForce: readonly RuleView[];
}
