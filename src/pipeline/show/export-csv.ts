import { sum, ZERO } from "#src/core/decimal.ts";
import { equityIdentity } from "#src/core/figures/pnl.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { LedgerEntry, LedgerKind } from "#src/core/ledger-entry.ts";
import type { Fill } from "#src/core/order.ts";
import { isoTime } from "#src/core/time.ts";
import type { Usd } from "#src/core/units.ts";
import { fifoLots } from "#src/ledger/fifo-lots.ts";
import { ACCOUNTS_GLANCE_MS, type PipelineContext } from "#src/pipeline/context.ts";
import { equityAtStart } from "#src/pipeline/hold/stops/profit.ts";
import { type LedgerRow, ledgerCsv } from "#src/reports/ledger-csv.ts";
import { leftoverCoinsUsd } from "./leftover-coins.ts";
import { legMarket, marketMoment, withoutLeftovers } from "./money.ts";
import { addKnown } from "./performance.ts";

const TYPES: Readonly<Record<LedgerKind, string>> = {
  ...{ trade: "fill", fee: "fee", funding: "funding", interest: "interest" },
  transfer: "transfer",
};

/** Everything that was ever booked, one row each, oldest first, and how it comes to today's equity. */
export async function exportCsv(context: PipelineContext): Promise<string> {
  const { store, clock } = context;
  // One reading for both: what moved between two of them would look unexplained.
  const [moment, accounts] = await Promise.all([
    marketMoment(context),
    context.accounts(ACCOUNTS_GLANCE_MS),
  ]);
  const hedges = store.listHedges();
  const fills = hedges.flatMap((hedge) => store.listFills(hedge.id));
  const describe = rowWriter(hedges, fills);
  const entries = store.listLedgerEntries();
  const rowsUsd = sum(entries.map((entry) => entry.amountUsd));
  const held = addKnown(
    hedges.flatMap((hedge) =>
      withoutLeftovers(hedge).legs.map((leg) => {
        if (leg.heldBase.eq(ZERO)) return ZERO;
        const value = legMarket(leg, moment).markPrice?.times(leg.heldBase) ?? null;
        return value && leg.side === "short" ? value.neg() : value;
      }),
    ),
  )?.plus(leftoverCoinsUsd(context, moment.positions.values()));
  const [opening, closing] = [
    equityAtStart(context),
    addKnown(accounts.map((one) => one.equityUsd)),
  ];
  const unexplained =
    opening && closing && held
      ? equityIdentity({
          ...{ start: [opening], deposits: ZERO, withdrawals: ZERO },
          ...{ pnl: [rowsUsd, held], end: [closing] },
        }).unexplained
      : null;
  return ledgerCsv(entries.map(describe), {
    asOf: isoTime(clock.marketNow()),
    openingUsd: opening?.toFixed() ?? null,
    rowsUsd: rowsUsd.toFixed(),
    heldUsd: held?.toFixed() ?? null,
    closingUsd: closing?.toFixed() ?? null,
    unexplainedUsd: unexplained?.toFixed() ?? null,
  });
}

function rowWriter(hedges: readonly Hedge[], fills: readonly Fill[]) {
  const assets = new Map(hedges.map((hedge) => [hedge.id, hedge.asset]));
  const byRef = new Map(fills.map((fill) => [`${fill.venue}:${fill.tradeId}`, fill]));
  const lots = spotLots(fills);
  return (entry: LedgerEntry): LedgerRow => {
    const { kind, hedgeId, venue } = entry;
    // "trade:<venue>:<tradeId>": the source stands behind the kind.
    const ref = entry.id.slice(entry.id.indexOf(":") + 1);
    const fill = kind === "trade" || kind === "fee" ? byRef.get(ref) : undefined;
    const trade = kind === "trade" ? fill : undefined;
    return {
      ...{ time: isoTime(entry.bookedFor), type: TYPES[kind], venue, hedgeId },
      ...{ asset: assets.get(hedgeId ?? "") ?? null, symbol: entry.symbol },
      ...{ side: trade?.side ?? null, sizeBase: trade?.sizeBase.toFixed() ?? null },
      ...{ price: trade?.price.toFixed() ?? null, feeUsd: trade?.feeUsd.toFixed() ?? null },
      // Fees are told in USD whatever they were paid in.
      feeAsset: trade ? "USD" : null,
      amountUsd: entry.amountUsd.toFixed(),
      fifoUsd: (trade && lots.get(ref)?.toFixed()) ?? null,
      venueRef: ref.startsWith(`${venue}:`) ? ref.slice(venue.length + 1) : ref,
    };
  };
}

function spotLots(fills: readonly Fill[]): ReadonlyMap<string, Usd> {
  const spot = fills.filter((fill) => isSpotSymbol(fill.symbol));
  const groups = Map.groupBy(spot, (fill) => `${fill.venue} ${fill.symbol}`);
  return new Map(
    [...groups.values()].flatMap((group) =>
      [...fifoLots(group)].map(([id, result]) => [`${group[0]?.venue}:${id}`, result] as const),
    ),
  );
}
