import type { Decimal } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import type { EpochMs, NotionalUsd } from "#src/core/units.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import type { GuardLimits } from "#src/guard/limits.ts";
import type { EntryParameters } from "#src/opportunities/score-opportunity.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { TrailingRates } from "#src/rates/trailing-rates.ts";
import type { Mode } from "#src/reports/views.ts";

export interface PipelineSettings {
  readonly entry: EntryParameters;
  readonly leverage: Decimal;
  readonly maxSlippage: Decimal;
  readonly maxDrift: Decimal;
  readonly mandate: {
    readonly perHedgeUsd: NotionalUsd;
    readonly totalUsd: NotionalUsd;
    readonly opensPerDay: number;
    readonly lossPerDayUsd: NotionalUsd;
    readonly days: number;
    readonly assets: readonly string[];
    readonly venues: readonly VenueId[];
  };
}

export interface PipelineContext {
  readonly mode: Mode;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: GuardLimits;
  readonly settings: PipelineSettings;
  readonly execution: ExecutionContext;
  readonly trailing: TrailingRates;
  /** What the last look at the market offered, by the id that a tool may name. */
  readonly candidates: Map<
    string,
    { readonly opportunity: Opportunity; readonly expiresAt: EpochMs }
  >;
  readonly startedAt: EpochMs;
}

/** The owner's private chat; null until somebody is bound. */
export function ownerOf(
  store: Store,
): { readonly ownerId: number; readonly chatId: number } | null {
  const ownerId = Number(store.getFact("ownerId") ?? "");
  const chatId = Number(store.getFact("chatId") ?? "");
  return ownerId > 0 && chatId !== 0 && Number.isSafeInteger(chatId) ? { ownerId, chatId } : null;
}

/** A whole number that we wrote as a fact; null when absent. */
export function parseFact(store: Store, key: string): number | null {
  const text = store.getFact(key);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}
