import { describe, expect, test } from "bun:test";
import { readFundingPayment } from "#src/venues/funding/read-funding-payment.ts";

const ZERO_HASH = `0x${"0".repeat(64)}`;

/** [what, venue, payload, received, key, paid at] */
const READABLE: readonly (readonly [
  string,
  string,
  unknown,
  string,
  string | null,
  number | null,
])[] = [
  [
    "binance",
    "binance",
    {
      info: {
        income: "-0.5",
        incomeType: "FUNDING_FEE",
        info: "FUNDING_FEE",
        tranId: "4480321991774044580",
        time: "1621584000000",
      },
    },
    "-0.5",
    "4480321991774044580",
    1_621_584_000_000,
  ],
  [
    "bybit's fee, which is positive when paid",
    "bybit",
    { info: { execFee: "0.1", execType: "Funding", execId: "e1", execTime: "1710950400000" } },
    "-0.1",
    "e1",
    1_710_950_400_000,
  ],
  [
    "bybit's transaction log, which is positive when received",
    "bybit",
    { info: { funding: "0.1", type: "SETTLEMENT", id: "t1", transactionTime: "1710950400000" } },
    "0.1",
    "t1",
    1_710_950_400_000,
  ],
  [
    "bybit's transaction log beside ccxt's fee",
    "bybit",
    { ccxtAmount: "0.1", transactionLog: { funding: "-0.1", type: "SETTLEMENT", id: "t2" } },
    "-0.1",
    "t2",
    null,
  ],
  [
    "gate as ccxt reads it, by its other name",
    "gateio",
    { ccxtAmount: "-0.5", info: { time: 1_646_899_200, text: "XRP_USDT" } },
    "-0.5",
    "1646899200:XRP_USDT",
    1_646_899_200_000,
  ],
  ["bybit through ccxt alone", "bybit", { ccxtAmount: 0.1 }, "-0.1", null, null],
  [
    "okx's balance change",
    "okx",
    { info: { balChg: "-0.2", posBalChg: "0", subType: "173", billId: "b1", ts: "1636387215588" } },
    "-0.2",
    "b1",
    1_636_387_215_588,
  ],
  [
    "okx's change of an isolated position",
    "okx",
    { info: { balChg: "0", posBalChg: "0.3", subType: "174", billId: "b2", ts: "1636387215588" } },
    "0.3",
    "b2",
    1_636_387_215_588,
  ],
  [
    "dydx",
    "dydx",
    { info: { payment: "-1.5", ticker: "BTC-USD", createdAt: "2026-09-17T12:00:00.000Z" } },
    "-1.5",
    "BTC-USD:2026-09-17T12:00:00.000Z",
    1_789_646_400_000,
  ],
  [
    "hyperliquid, whose hashes are all alike",
    "hyperliquid",
    {
      info: {
        delta: { type: "funding", coin: "SOL", usdc: "75.635093" },
        time: 1_734_026_400_057,
        hash: ZERO_HASH,
      },
    },
    "75.635093",
    "SOL:1734026400057",
    1_734_026_400_057,
  ],
  [
    "hibachi",
    "hibachi",
    {
      info: {
        settledAmount: "0.00005994405060281047",
        symbol: "SOL/USDT-P",
        timestamp: 1_783_389_600,
      },
    },
    "0.00005994405060281047",
    "SOL/USDT-P:1783389600",
    1_783_389_600_000,
  ],
  [
    "extended",
    "extended",
    { info: { id: 8341, fundingFee: "-0.1", paidTime: 1_723_147_241_346 } },
    "-0.1",
    "8341",
    1_723_147_241_346,
  ],
  [
    "pacifica's payout, not its position size",
    "pacifica",
    {
      ccxtAmount: "39033804",
      info: {
        history_id: 2_287_920,
        amount: "39033804",
        payout: "2.617479",
        created_at: 1_759_222_804_122,
      },
    },
    "2.617479",
    "2287920",
    1_759_222_804_122,
  ],
  [
    "kraken",
    "krakenfutures",
    { info: { realized_funding: -0.0002, id: 16, date: "2026-09-17T12:00:00.000Z" } },
    "-0.0002",
    "16",
    1_789_646_400_000,
  ],
  [
    "bitget",
    "bitget",
    {
      info: {
        amount: "-0.004992",
        businessType: "contract_settle_fee",
        billId: "1111499428100472833",
        cTime: "1700728034996",
      },
    },
    "-0.004992",
    "1111499428100472833",
    1_700_728_034_996,
  ],
  [
    "gate, which has no ids",
    "gate",
    { info: { change: "-0.027722", time: 1_646_899_200, text: "XRP_USDT", type: "fund" } },
    "-0.027722",
    "1646899200:XRP_USDT",
    1_646_899_200_000,
  ],
  [
    "paradex",
    "paradex",
    {
      info: {
        payment: "34.4490622",
        id: "1681375578221101699352320000",
        created_at: 1_681_375_481_000,
      },
    },
    "34.4490622",
    "1681375578221101699352320000",
    1_681_375_481_000,
  ],
  [
    "aster",
    "aster",
    { info: { income: "0.00134317", tranId: "9", time: "1621584000000" } },
    "0.00134317",
    "9",
    1_621_584_000_000,
  ],
  [
    "lighter",
    "lighter",
    { info: { change: "-0.25", funding_id: 7, market_id: 0, timestamp: 1_763_532_000 } },
    "-0.25",
    "7:0",
    1_763_532_000_000,
  ],
];

const REFUSED: readonly (readonly [string, string, unknown, string])[] = [
  ["a venue that it does not know", "ftx", { ccxtAmount: "1" }, "VENUE_UNKNOWN"],
  [
    "pacifica without a payout",
    "pacifica",
    { ccxtAmount: "39033804", info: { amount: "39033804" } },
    "AMOUNT_UNKNOWN",
  ],
  [
    "a missing amount, which is not 0",
    "binance",
    { info: { income: "", tranId: "1" } },
    "AMOUNT_UNKNOWN",
  ],
  [
    "a trade in bybit's executions",
    "bybit",
    { info: { execFee: "0.1", execType: "Trade" } },
    "NOT_FUNDING",
  ],
  [
    "a commission in binance's income",
    "binance",
    { info: { income: "-1", incomeType: "COMMISSION" } },
    "NOT_FUNDING",
  ],
  ["a transfer in okx's bills", "okx", { info: { balChg: "100", subType: "11" } }, "NOT_FUNDING"],
];

describe("a funding payment", () => {
  test.each(READABLE)(
    "is read, positive when received: %s",
    (_, venue, payload, received, key, at) => {
      const reading = readFundingPayment(venue, payload);

      if ("refused" in reading) throw new Error(reading.refused);
      expect(reading.received.toFixed()).toBe(received);
      expect(reading.dedupeKey).toBe(key);
      expect(reading.paidAt).toBe(at);
    },
  );

  test.each(REFUSED)("is refused rather than guessed: %s", (_, venue, payload, refused) => {
    expect(readFundingPayment(venue, payload)).toMatchObject({ refused });
  });

  test("has its own key for each coin of one Hyperliquid settlement", () => {
    const keys = ["SOL", "ETH"].map((coin) =>
      readFundingPayment("hyperliquid", {
        info: { delta: { coin, usdc: "1" }, time: 1_734_026_400_057, hash: ZERO_HASH },
      }),
    );

    expect(keys).toMatchObject([
      { dedupeKey: "SOL:1734026400057" },
      { dedupeKey: "ETH:1734026400057" },
    ]);
  });
});
