import type { Decimal } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import type { LegMargin, MarginVerdict } from "#src/core/rules/judge-margin.ts";
import type { MarginBand } from "#src/core/rules/margin-bands.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import { baseSize } from "#src/core/units.ts";
import { requireVenue } from "#src/execution/context.ts";
import { askVenue, instrumentOf, readPositions } from "#src/execution/fate/ask-venue.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";

/** An account that was last valued longer ago than this (wall time) is unknown. */
const ACCOUNT_LIFE_MS = 60_000;

/** One leg that can be liquidated; `margin` null: nobody can say how it stands. */
export interface LegReading {
  readonly leg: HedgeLeg;
  readonly instrument: Instrument | null;
  readonly margin: LegMargin | null;
  readonly freeUsd: Decimal | null;
  /** See core/order Position. */
  readonly adlRank: number | null;
}

/** A leg that was judged, with its venue's name for whoever is told. */
export interface JudgedLeg {
  readonly reading: LegReading;
  readonly verdict: MarginVerdict;
}

export interface JudgedHedge {
  readonly hedge: Hedge;
  /** Worst first. */
  readonly legs: readonly JudgedLeg[];
  readonly band: MarginBand;
}

/** Reads every account and position that these hedges stand on, once a round, all at the same time. */
export function createMarginReader(
  context: PipelineContext,
): (hedge: Hedge) => Promise<readonly LegReading[]> {
  const positions = once((venue: string) => readPositions(context.execution, venue));
  const accounts = once((key: string) => {
    const [venue = "", kind] = key.split(" ");
    const { account } = requireVenue(context.execution, venue);
    return askVenue(context.execution, account.account(kind === "spot" ? "spot" : "perp"));
  });

  async function readLeg(leg: HedgeLeg): Promise<LegReading | null> {
    const { venue, symbol } = leg;
    const unknown = { leg, instrument: null, margin: null, freeUsd: null, adlRank: null };
    try {
      const instrument = await instrumentOf(context.execution, venue, symbol);
      // Coins that were bought outright cannot be liquidated.
      if (instrument.kind === "spot" && leg.side === "long") return null;
      const [held, account] = await Promise.all([
        positions(venue),
        accounts(`${venue} ${instrument.kind}`),
      ]);
      const position = held.find((one) => one.symbol === symbol);
      const isFresh = context.clock.wallNow() - account.observedAt <= ACCOUNT_LIFE_MS;
      if (!position || !isFresh) return { ...unknown, instrument };
      const margin = marginOf(leg, instrument, position, account);
      const { adlRank = null } = position;
      return { leg, instrument, margin, freeUsd: account.freeCollateralUsd, adlRank };
    } catch (error) {
      context.log.warn("marginUnknown", { venue, symbol, error });
      return unknown;
    }
  }

  return async (hedge) => {
    const legs = await Promise.all(hedge.legs.map(readLeg));
    return legs.filter((one) => one !== null);
  };
}

function marginOf(
  leg: HedgeLeg,
  instrument: Instrument,
  position: Position,
  account: AccountState,
): LegMargin {
  return {
    side: leg.side,
    sizeBase: baseSize(position.sizeBase.abs()),
    markPrice: position.markPrice,
    liquidationPrice: position.liquidationPrice,
    maintenance: instrument,
    equityUsd: account.equityUsd,
    maintenanceUsd: account.maintenanceUsd,
    venueRatio: account.marginRatio,
  };
}

function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key) => {
    const known = answers.get(key) ?? ask(key);
    answers.set(key, known);
    return known;
  };
}
