import { afterAll, describe, expect, test } from "bun:test";
import {
  BTC,
  okxPagesOf,
  PEPE,
  type Row,
  scriptedOkx,
  swap,
} from "#tests/support/venues/okx-rig.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

async function over(answers: Parameters<typeof scriptedOkx>[0]) {
  const { loopback, venue } = await scriptedOkx(answers);
  running.push(loopback);
  const asked = (path: string) =>
    loopback.seen.filter((one) => one.url.pathname === `/api/v5/${path}`).map((one) => one.url);
  return { venue, asked };
}

/** The decimals of an answer as text, to compare. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const NOW = Date.now();
const FIRST_BILL = 680_800_019_754_098_688n;

describe("funding payments", () => {
  const HOUR = 3_600_000;
  const SETTLED = Math.floor(NOW / (8 * HOUR)) * 8 * HOUR;
  /** As documented, for a cross position. */
  function bill(index: number, change: Row = {}): Row {
    return {
      ...{ bal: "8694.2179403378290202", billId: String(FIRST_BILL + BigInt(index)), ccy: "USDT" },
      ...{ balChg: "-0.0219338232210000", posBalChg: "0", pnl: "-0.021933823221", fee: "0" },
      ...{ instId: BTC, instType: "SWAP", mgnMode: "cross", subType: "173", type: "8" },
      ...{ ordId: "", sz: "4", px: "27105.9", ts: String(SETTLED + 15_588), execType: "" },
      ...change,
    };
  }
  const rates = (stamps: readonly number[]) =>
    stamps.map((at) => ({
      ...{ instId: BTC, fundingTime: String(at), fundingRate: "0.0009", realizedRate: "0.0002" },
    }));
  const history = rates([SETTLED, SETTLED - 8 * HOUR, SETTLED - 16 * HOUR]);

  test("are what the balance gained, at the settlement, with its rate", async () => {
    const income = {
      balChg: "0.5",
      pnl: "0.5",
      subType: "174",
      ts: String(SETTLED - 8 * HOUR + 1),
    };
    const { venue, asked } = await over({
      "GET account/bills": okxPagesOf([bill(1), bill(0, income)]),
      "GET public/funding-rate-history": history,
    });
    expect(plain(await venue.account.fundingPayments(SETTLED - 12 * HOUR))).toEqual([
      {
        ...{ venue: "okx", symbol: BTC, paymentId: String(FIRST_BILL), amountUsd: "0.5" },
        ...{ fundingAt: SETTLED - 8 * HOUR, rate: "0.0002", refPrice: "27105.9" },
      },
      {
        ...{ venue: "okx", symbol: BTC, paymentId: String(FIRST_BILL + 1n) },
        ...{ amountUsd: "-0.021933823221", fundingAt: SETTLED, rate: "0.0002" },
        refPrice: "27105.9",
      },
    ]);
    expect(asked("account/bills")[0]?.searchParams.get("type")).toBe("8");
    expect(asked("account/bills-archive")).toEqual([]);
  });

  test("of an isolated position are what the position gained", async () => {
    const isolated = { balChg: "0", posBalChg: "0.25", mgnMode: "isolated", subType: "174" };
    const { venue } = await over({
      "GET account/bills": [bill(0, isolated)],
      "GET public/funding-rate-history": history,
    });
    const [paid] = await venue.account.fundingPayments(SETTLED - HOUR);
    expect(paid?.amountUsd.toFixed()).toBe("0.25");
  });

  test("of more than a week come from both lists, paged, each once", async () => {
    const bills = [...Array(130).keys()].map((index) =>
      bill(index, { ts: String(SETTLED - (130 - index) * 8 * HOUR + 900) }),
    );
    const stamps = [...Array(140).keys()].map((index) => SETTLED - index * 8 * HOUR);
    const { venue } = await over({
      "GET account/bills": okxPagesOf(bills.slice(-20)),
      "GET account/bills-archive": okxPagesOf(bills),
      "GET public/funding-rate-history": (query: URLSearchParams) =>
        rates(stamps)
          .filter((one) => Number(one.fundingTime) < Number(query.get("after") ?? NOW))
          .slice(0, 100),
    });
    const payments = await venue.account.fundingPayments(SETTLED - 131 * 8 * HOUR);
    expect(new Set(payments.map((one) => one.paymentId)).size).toBe(130);
    expect(payments).toHaveLength(130);
  });

  test("wait for the rate that settled them", async () => {
    const { venue } = await over({
      "GET account/bills": [bill(0)],
      "GET public/funding-rate-history": history.slice(1),
    });
    await expect(venue.account.fundingPayments(SETTLED - HOUR)).rejects.toThrow("no settled rate");
  });

  test.each([
    ["another currency", { ccy: "BTC" }],
    ["no amount", { balChg: "" }],
  ])("with %s are refused", async (_name, change) => {
    const { venue } = await over({
      "GET account/bills": [bill(0, change)],
      "GET public/funding-rate-history": history,
    });
    await expect(venue.account.fundingPayments(SETTLED - HOUR)).rejects.toThrow("payments");
  });

  test("in contracts that we do not trade are somebody else's", async () => {
    const { venue } = await over({
      "GET public/instruments": [swap(PEPE)],
      "GET account/bills": [bill(0)],
    });
    expect(await venue.account.fundingPayments(SETTLED - HOUR)).toEqual([]);
  });
});
