import { expect, test } from "bun:test";
import { backOff } from "#src/venues/ccxt/streams/follow-venue.ts";
import { PriceMoves } from "#src/venues/ccxt/streams/price-moves.ts";

const ticker = (markPrice: unknown, symbol = "BTC/USDT:USDT") => ({ symbol, markPrice });

test("a mark that moves by 0.3 % is a move, also in small steps, and only once", () => {
  const moves = new PriceMoves();
  const seen = ["60000", "60100", "60179", "60180", "60200", "59990"].map((mark) =>
    moves.note(ticker(mark)),
  );
  expect(seen).toEqual([false, false, false, true, false, true]);
});

test("each instrument has a mark of its own, whether they come alone or together", () => {
  const moves = new PriceMoves();
  moves.note({ a: ticker("100", "A"), b: ticker("1", "B") });
  expect(moves.note(ticker("1", "B"))).toBe(false);
  expect(moves.note({ b: ticker("1.01", "B") })).toBe(true);
  expect(moves.note({ symbol: "A", markPrice: undefined, close: 101 })).toBe(true);
});

test("what is no mark moves nothing", () => {
  const moves = new PriceMoves();
  moves.note(ticker("100"));
  for (const odd of [null, 1, "x", [], {}, ticker("NaN"), ticker(-5), ticker(0), { x: null }]) {
    expect(moves.note(odd)).toBe(false);
  }
});

test("waits grow from one second to thirty, and venues do not come back in step", () => {
  const waits = Array.from({ length: 12 }, (_, index) => backOff("binance:own", index + 1));
  expect(waits[0]).toBeGreaterThanOrEqual(1_000);
  expect(waits[0]).toBeLessThanOrEqual(2_000);
  for (const wait of waits.slice(5)) {
    expect(wait).toBeGreaterThanOrEqual(15_000);
    expect(wait).toBeLessThanOrEqual(30_000);
  }
  const firsts = ["binance", "bybit", "okx", "hyperliquid"].map((id) => backOff(`${id}:own`, 1));
  expect(new Set(firsts).size).toBe(4);
  expect(backOff("okx:own", 3)).toBe(backOff("okx:own", 3));
});
