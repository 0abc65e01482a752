import type { hyperliquid } from "ccxt";
import { type Decimal, dec, ONE, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { rate } from "#src/core/units.ts";
import { decimalOrNull, type Row, row, rows, textOrNull } from "#src/venues/ccxt/row.ts";
import { progressiveTiers } from "#src/venues/quirks/shared/progressive-tiers.ts";

/** Tables below this number are not listed: they are one tier of that leverage. */
const FIRST_TIERED_TABLE = dec("50");

/** Half of the initial margin at the highest leverage of each tier. */
export function hyperliquidMaintenance(
  info: Row,
  maxLeverage: Decimal,
): Pick<Instrument, "maintenanceRate" | "maintenanceTiers"> {
  const half = (leverage: Decimal) => ONE.div(leverage.times("2"));
  const tiers = progressiveTiers(
    rows(info["marginTiers"] ?? [], "margin tiers").map((one) => {
      const leverage = decimalOrNull(one, "maxLeverage");
      return {
        lowerUsd: decimalOrNull(one, "lowerBound"),
        rate: leverage?.gt(ZERO) ? half(leverage) : null,
        deductionUsd: null,
      };
    }),
  );
  if (tiers) return { maintenanceRate: rate(half(maxLeverage)), maintenanceTiers: tiers };
  const isFlat = !decimalOrNull(info, "marginTableId")?.gte(FIRST_TIERED_TABLE);
  // Of tiers that nobody knows: what the second usually keeps.
  return { maintenanceRate: rate(isFlat ? half(maxLeverage) : ONE.div(maxLeverage)) };
}

/** Puts each market's tiers beside what ccxt keeps of it: the venue lists them with its coins. */
export function loadTiersWithMarkets(exchange: hyperliquid): void {
  const fetchMarkets = exchange.fetchMarkets.bind(exchange);
  exchange.fetchMarkets = async (params) => {
    const [markets, answer] = await Promise.all([
      fetchMarkets(params),
      exchange.publicPostInfo({ type: "meta" }),
    ]);
    const tables = tablesIn(row(answer, "meta")["marginTables"]);
    for (const market of markets) {
      const table = market && tables.get(textOrNull(row(market.info, "market"), "marginTableId"));
      if (table) market.info = { ...market.info, marginTiers: table };
    }
    return markets;
  };
}

function tablesIn(listed: unknown): ReadonlyMap<string | null, unknown> {
  if (!Array.isArray(listed)) return new Map();
  return new Map(
    listed.map((one: unknown) => {
      const [id, table]: unknown[] = Array.isArray(one) ? one : [];
      return [textOrNull({ id }, "id"), row(table, "margin table")["marginTiers"]];
    }),
  );
}
