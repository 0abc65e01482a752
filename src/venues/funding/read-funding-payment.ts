import type { Decimal } from "#src/core/decimal.ts";
import { type EpochMs, type Rate, rate, type Usd, usd } from "#src/core/units.ts";
import { FundingPayload } from "./funding-payload.ts";
import { ruleOf } from "./rule-of.ts";

/** A payment of funding, in the venue's settlement currency. */
export interface FundingPaymentReading {
  /** Positive is received. */
  readonly received: Usd;
  /** The same payment always has the same key, and no other payment of the account has it. */
  readonly dedupeKey: string | null;
  readonly paidAt: EpochMs | null;
  readonly rate: Rate | null;
  readonly currency: string | null;
}

export interface FundingPaymentRefusal {
  readonly refused: "VENUE_UNKNOWN" | "AMOUNT_UNKNOWN" | "NOT_FUNDING";
}

interface PaymentRule {
  readonly received: (payload: FundingPayload) => Decimal | null;
  /** Their values together are the key. */
  readonly key: readonly string[];
  /** Names that mean the same as the key, for rows of another call. */
  readonly otherKey?: string;
  readonly paidAt: readonly string[];
  readonly rate?: string;
  readonly currency?: string;
  /** A field that, where it is there, must match: these rows also come in mixed lists. */
  readonly only?: readonly [field: string, pattern: RegExp];
}

const income: PaymentRule = {
  received: amountIn("income"),
  key: ["tranId"],
  paidAt: ["time"],
  currency: "asset",
  only: ["incomeType", /^FUNDING_FEE$/],
};

/** By ccxt's name of the venue. */
const RULES: Readonly<Record<string, PaymentRule>> = {
  binanceusdm: income,
  aster: income,
  bybit: {
    // Executions have a fee, positive when paid; the transaction log has what came in. ccxt's is the fee.
    received: (payload) =>
      payload.raw("funding") ?? (payload.raw("execFee") ?? ccxtAmount(payload))?.neg() ?? null,
    key: ["execId"],
    otherKey: "id",
    paidAt: ["execTime", "transactionTime"],
    rate: "feeRate",
    currency: "currency",
    only: ["execType", /^Funding$/],
  },
  okx: {
    received: okxReceived,
    key: ["billId"],
    paidAt: ["ts"],
    currency: "ccy",
    only: ["subType", /^17[34]$/],
  },
  dydx: {
    received: amountIn("payment"),
    key: ["ticker", "createdAt"],
    paidAt: ["createdAt"],
    rate: "rate",
  },
  hyperliquid: {
    received: amountIn("usdc"),
    // The hash is the same zeros for every payment.
    key: ["coin", "time"],
    paidAt: ["time"],
    rate: "fundingRate",
    only: ["type", /^funding$/],
  },
  hibachi: {
    received: amountIn("settledAmount"),
    key: ["symbol", "timestamp"],
    paidAt: ["timestamp"],
  },
  extended: {
    received: amountIn("fundingFee"),
    key: ["id"],
    paidAt: ["paidTime"],
    rate: "fundingRate",
  },
  pacifica: {
    // `amount`, and so ccxt's, is the size of the position.
    received: (payload) => payload.raw("payout"),
    key: ["history_id"],
    paidAt: ["created_at"],
    rate: "rate",
  },
  krakenfutures: {
    received: amountIn("realized_funding"),
    key: ["id"],
    otherKey: "booking_uid",
    paidAt: ["date"],
    currency: "asset",
  },
  bitget: {
    received: amountIn("amount"),
    key: ["billId"],
    otherKey: "id",
    paidAt: ["cTime", "ts"],
    currency: "coin",
    only: ["businessType", /settle_fee$/],
  },
  gate: {
    received: amountIn("change"),
    key: ["time", "text"],
    paidAt: ["time"],
    only: ["type", /^fund$/],
  },
  paradex: {
    received: amountIn("payment"),
    key: ["id"],
    paidAt: ["created_at"],
  },
  lighter: {
    received: amountIn("change"),
    key: ["funding_id", "market_id"],
    paidAt: ["timestamp"],
  },
};

/** Understands one row of a venue's funding payments: `info` in its own words, `ccxtAmount` as ccxt reads it. */
export function readFundingPayment(
  venue: string,
  payload: unknown,
): FundingPaymentReading | FundingPaymentRefusal {
  const rule = ruleOf(RULES, venue);
  if (!rule) return { refused: "VENUE_UNKNOWN" };
  const words = new FundingPayload(payload);
  const kind = rule.only ? words.rawText(rule.only[0]) : null;
  if (kind !== null && !rule.only?.[1].test(kind)) return { refused: "NOT_FUNDING" };
  const received = rule.received(words);
  if (!received) return { refused: "AMOUNT_UNKNOWN" };
  const paidRate = rule.rate ? words.raw(rule.rate) : null;
  return {
    received: usd(received),
    dedupeKey: keyOf(rule, words),
    paidAt: words.rawTime(...rule.paidAt),
    rate: paidRate ? rate(paidRate) : null,
    currency: rule.currency ? words.rawText(rule.currency) : null,
  };
}

function keyOf(rule: PaymentRule, words: FundingPayload): string | null {
  const parts = rule.key.map((name) => words.rawText(name));
  if (parts.every((part) => part !== null)) return parts.join(":");
  return rule.otherKey ? words.rawText(rule.otherKey) : null;
}

/** Bills change the balance, or a position's own margin when that is isolated; the other is then "0". */
function okxReceived(payload: FundingPayload): Decimal | null {
  const balance = payload.raw("balChg");
  if (balance && !balance.eq("0")) return balance;
  return payload.raw("posBalChg") ?? balance ?? payload.raw("pnl") ?? ccxtAmount(payload);
}

function amountIn(name: string): PaymentRule["received"] {
  return (payload) => payload.raw(name) ?? ccxtAmount(payload);
}

function ccxtAmount(payload: FundingPayload): Decimal | null {
  return payload.given("ccxtAmount") ?? payload.unified("amount");
}
