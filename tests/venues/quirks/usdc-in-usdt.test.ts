import { expect, test } from "bun:test";
import { usdcOnBinance } from "#src/venues/quirks/binance/binance-stables.ts";
import { usdcOnBybit } from "#src/venues/quirks/bybit/bybit-stables.ts";
import { usdcOnOkx } from "#src/venues/quirks/okx/okx-stables.ts";

/** One answer of the venue, whatever it is asked. */
function answering<T>(method: string, answer: unknown): T {
  return { [method]: async () => answer } as T;
}

test("USDC in USDT is the middle of the venue's own best prices", async () => {
  const binance = { symbol: "USDCUSDT", bidPrice: "0.99980000", askPrice: "1.00000000" };
  const bybit = {
    ...{ retCode: 0, retMsg: "OK" },
    result: {
      category: "spot",
      list: [{ symbol: "USDCUSDT", bid1Price: "0.9998", ask1Price: "1" }],
    },
  };
  const okx = { code: "0", msg: "", data: [{ instId: "USDC-USDT", bidPx: "0.9998", askPx: "1" }] };
  const prices = await Promise.all([
    usdcOnBinance(answering("publicGetTickerBookTicker", binance)),
    usdcOnBybit(answering("publicGetV5MarketTickers", bybit)),
    usdcOnOkx(answering("publicGetMarketTicker", okx)),
  ]);
  expect(prices.map((one) => one.toFixed())).toEqual(["0.9999", "0.9999", "0.9999"]);
});

test("a ticker without two sides is no price", () => {
  const empty = { symbol: "USDCUSDT", bidPrice: "0.00000000", askPrice: "0.00000000" };
  const crossed = { symbol: "USDCUSDT", bidPrice: "1.1", askPrice: "1.0" };
  for (const ticker of [empty, crossed]) {
    const asked = usdcOnBinance(answering("publicGetTickerBookTicker", ticker));
    expect(asked).rejects.toThrow("a ticker without two sides");
  }
});
