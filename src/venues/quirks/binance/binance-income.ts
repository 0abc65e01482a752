import type { binanceusdm } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import { type EpochMs, usd } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice } from "#src/venues/ccxt/listed.ts";
import { decimal, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { isUsdLike } from "./binance-listing.ts";
import { readSettlements, settlementTime } from "./binance-market-data.ts";
import { readPages } from "./binance-pages.ts";

const LIMIT = 1000;
/** A settlement's stamp may lie this much before the hour that it is counted for. */
const JITTER_MS = 60_000;

/** Everything that changed the balance, or one kind of it. */
export async function readIncome(
  api: binanceusdm,
  since: EpochMs,
  incomeType?: string,
): Promise<readonly Row[]> {
  return await readPages({
    ...{ what: "income", since, now: api.milliseconds(), stretchMs: null },
    ...{ limit: LIMIT, timeField: "time" },
    idOf: (one) => `${text(one, "incomeType")}:${text(one, "tranId")}:${textOrNull(one, "symbol")}`,
    ask: (startTime) =>
      api.fapiPrivateGetIncome({ startTime, limit: LIMIT, ...(incomeType && { incomeType }) }),
  });
}

/** Own funding payments: positive is received. The rate stands in the symbol's own history. */
export async function readFundingPayments(
  api: binanceusdm,
  venue: string,
  listings: Listings,
  since: EpochMs,
): Promise<readonly FundingPayment[]> {
  const income = await readIncome(api, since - JITTER_MS, "FUNDING_FEE");
  const bySymbol = Map.groupBy(income, (one) => text(one, "symbol"));
  const payments = await Promise.all(
    [...bySymbol].map(async ([symbol, paid]) => {
      const times = paid.map((one) => settlementTime(one, "time"));
      const settlements = await readSettlements(api, symbol, Math.min(...times) - JITTER_MS);
      const settled = new Map(settlements.map((one) => [one.fundingAt, one]));
      const listed = listings.get(symbol);
      return paid.map((one): FundingPayment => {
        const fundingAt = settlementTime(one, "time");
        const { rate, markPrice } = settled.get(fundingAt) ?? {};
        if (!rate) throw new RetryableError(`no rate of ${symbol} for the payment of ${fundingAt}`);
        const amountUsd = usd(usdAmount(one));
        return {
          venue,
          symbol,
          paymentId: `${symbol}:${text(one, "tranId")}`,
          fundingAt,
          amountUsd,
          rate,
          refPrice: listed && markPrice ? fromWirePrice(listed, markPrice) : undefined,
        };
      });
    }),
  );
  return payments.flat();
}

function usdAmount(income: Row): ReturnType<typeof decimal> {
  const currency = text(income, "asset");
  if (!isUsdLike(currency)) throw new RetryableError(`a payment in ${currency}`);
  return decimal(income, "income");
}
