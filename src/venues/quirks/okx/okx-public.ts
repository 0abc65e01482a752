import type { okx as OkxExchange } from "ccxt";
import { decFromInteger } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { type EpochMs, notionalUsd, rate } from "#src/core/units.ts";
import type { SettledRate } from "#src/ports/venue.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  millisOrNull,
  type Row,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { okxPages, okxRow, okxRows } from "./okx-reply.ts";
import { okxTiers } from "./okx-tiers.ts";

type PublicData = Pick<
  VenueDriver,
  "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats" | "maintenanceTiers"
>;

type Settlement = Pick<SettledRate, "fundingAt" | "rate">;

/** How often funding may be settled; anything else between two stamps is a hole in the history. */
const INTERVALS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 24];

export function publicDataOfOkx(exchange: OkxExchange): PublicData {
  return {
    async time() {
      return millis(okxRow(await exchange.publicGetPublicTime(), "time"), "ts");
    },

    async fundingRates(listings) {
      const answer = await exchange.publicGetPublicFundingRate({ instId: "ANY" });
      return okxRows(answer, "funding rates").flatMap((one) => {
        const symbol = textOrNull(one, "instId") ?? "";
        const value = decimalOrNull(one, "fundingRate");
        if (!listings.has(symbol) || !value) return [];
        const fundingAt = millisOrNull(one, "fundingTime");
        const cap = decimalOrNull(one, "maxFundingRate");
        const capRate = cap?.gt("0") ? rate(cap) : null;
        return [
          { symbol, rate: rate(value), ...intervalOf(one), intervalHint: null, fundingAt, capRate },
        ];
      });
    },

    async fundingHistory(of, since) {
      const { symbol } = of.instrument;
      const settled = await okxSettlements(exchange, symbol, since);
      const stamps = settled.map((one) => one.fundingAt);
      return settled.flatMap((one, index) => {
        const intervalHours = one.fundingAt < since ? null : spacingAt(stamps, index);
        return intervalHours === null ? [] : [{ symbol, ...one, intervalHours }];
      });
    },

    async orderBook(of) {
      const { symbol } = of.instrument;
      const answer = await exchange.publicGetMarketBooks({ instId: symbol, sz: "100" });
      const book = okxRow(answer, "order book");
      return { bids: bookLevels(of, book["bids"]), asks: bookLevels(of, book["asks"]) };
    },

    async marketStats(of) {
      const instId = of.instrument.symbol;
      const [mark, index, interest, ticker] = await Promise.all([
        exchange.publicGetPublicMarkPrice({ instType: "SWAP", instId }),
        exchange.publicGetMarketIndexTickers({ instId: text(of.info, "uly") }),
        exchange.publicGetPublicOpenInterest({ instType: "SWAP", instId }),
        exchange.publicGetMarketTicker({ instId }),
      ]);
      const markPrice = fromWirePrice(of, decimal(okxRow(mark, "mark price"), "markPx"));
      const indexPx = decimalOrNull(okxRow(index, "index price"), "idxPx");
      const contracts = decimalOrNull(okxRow(interest, "open interest"), "oi");
      const traded = decimalOrNull(okxRow(ticker, "ticker"), "vol24h");
      return {
        markPrice,
        indexPrice: indexPx && fromWirePrice(of, indexPx),
        openInterestBase: contracts && toBase(of, contracts),
        // The venue counts contracts only; at the mark they are USD near enough for a day's volume.
        volume24hUsd: traded && notionalUsd(toBase(of, traded).times(markPrice)),
      };
    },

    async maintenanceTiers(of) {
      const instFamily = text(of.info, "uly");
      const answer = await exchange.publicGetPublicPositionTiers({
        ...{ instType: "SWAP", tdMode: "cross", instFamily },
      });
      return okxTiers(of, okxRows(answer, "position tiers"));
    },
  };
}

/** `fundingTime` is the coming settlement; its period ends one interval later, at `nextFundingTime`. */
function intervalOf(one: Row): { readonly intervalText: string | null } {
  const [coming, after] = [millisOrNull(one, "fundingTime"), millisOrNull(one, "nextFundingTime")];
  const known = coming !== null && after !== null && after > coming;
  return { intervalText: known ? `${after - coming}ms` : null };
}

/** Settled rates from `since` on, oldest first, and at least one before, which tells the first's interval. */
export async function okxSettlements(
  exchange: OkxExchange,
  instId: string,
  since: EpochMs,
): Promise<readonly Settlement[]> {
  const found = await okxPages(
    (page) => exchange.publicGetPublicFundingRateHistory({ instId, ...page }),
    (last) => {
      const at = millis(last, "fundingTime");
      return at < since ? null : String(at);
    },
    "funding history",
  );
  return found
    .map((one) => ({
      fundingAt: millis(one, "fundingTime"),
      rate: rate(decimal(one, "realizedRate")),
    }))
    .sort((a, b) => a.fundingAt - b.fundingAt);
}

/** Hours since the settlement before, or where that one is missing until the next. */
function spacingAt(stamps: readonly number[], index: number): string | null {
  const [before, at, after] = [stamps[index - 1], stamps[index], stamps[index + 1]];
  if (at === undefined) return null;
  const gaps = [before === undefined ? 0 : at - before, after === undefined ? 0 : after - at];
  const hours = gaps.map((gap) => gap / HOUR_MS).find((gap) => INTERVALS.includes(gap));
  return hours === undefined ? null : decFromInteger(hours).toFixed();
}
