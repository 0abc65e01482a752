import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import { hyperliquidPrice } from "#src/venues/quirks/hyperliquid/hyperliquid-price.ts";
import { isHyperliquidPrice } from "#tests/support/venues/hyperliquid-feed.ts";

describe("a price", () => {
  test("stays as it is wherever the venue takes it", () => {
    for (const [text, szDecimals] of [
      ["60123", 5],
      ["123456", 5],
      ["0.011234", 0],
      ["9999.5", 2],
    ] as const) {
      for (const side of ["buy", "sell"] as const) {
        expect(hyperliquidPrice(dec(text), szDecimals, side).toFixed()).toBe(text);
      }
    }
  });

  test("beyond a power of ten becomes a valid one that is not worse for us", () => {
    expect(hyperliquidPrice(dec("10000.6"), 2, "buy").toFixed()).toBe("10000");
    expect(hyperliquidPrice(dec("10000.4"), 2, "sell").toFixed()).toBe("10001");
    const digits = fc.integer({ min: 1, max: 99_999_999 });
    fc.assert(
      fc.property(
        digits,
        fc.nat(4),
        fc.nat(5),
        fc.constantFrom("buy" as const, "sell" as const),
        (whole, places, szDecimals, side) => {
          const wanted = dec(String(whole)).div(`1e${places}`);
          fc.pre(wanted.gte("10"));
          const valid = hyperliquidPrice(wanted, szDecimals, side);
          expect(isHyperliquidPrice(valid.toFixed(), szDecimals)).toBe(true);
          expect(side === "buy" ? valid.lte(wanted) : valid.gte(wanted)).toBe(true);
        },
      ),
    );
  });
});
