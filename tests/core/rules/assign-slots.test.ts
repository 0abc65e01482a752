import { expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import { assignSlots } from "#src/core/rules/assign-slots.ts";
import { rate } from "#src/core/units.ts";
import { closeCandidate, openCandidate } from "#tests/support/decision-tables.ts";

const assets = (count: number) => Array.from({ length: count }, (_, index) => `A${100 + index}`);

test("gives slots by the alphabet, whatever pays best", () => {
  const opens = ["SOL", "BTC", "ETH"].map((asset, index) =>
    openCandidate({ asset, netAprOnCapital: dec(String(9 - index)) }),
  );
  const { opens: rows } = assignSlots(opens, []);
  expect(rows.map((row) => `${row.slot} ${row.asset}`)).toEqual(["O1 BTC", "O2 ETH", "O3 SOL"]);
});

test("tells pairs of one asset apart by their venues", () => {
  const opens = [
    openCandidate({ shortVenue: "okx" }),
    openCandidate({ shortVenue: "bybit", longVenue: "okx" }),
    openCandidate({ shortVenue: "bybit", longVenue: "binance" }),
  ];
  expect(assignSlots(opens, []).opens.map((row) => `${row.shortVenue} ${row.longVenue}`)).toEqual([
    "bybit binance",
    "bybit okx",
    "okx binance",
  ]);
});

test("keeps the sixteen that pay best and, to close, what turned and then what pays least", () => {
  const opens = assets(30).map((asset, index) =>
    openCandidate({ asset, netAprOnCapital: index === 29 ? null : dec(String(index)) }),
  );
  const closes = assets(12).map((asset, index) =>
    closeCandidate({ asset, hasTurned: index > 9, spread8h: rate(String(index)) }),
  );
  const slots = assignSlots(opens, closes);
  expect(slots.opens.map((row) => row.asset)).toEqual(assets(29).slice(13));
  expect(slots.opens.at(-1)?.slot).toBe("O16");
  expect(slots.closes.map((row) => row.asset)).toEqual([...assets(6), ...assets(12).slice(10)]);
  expect(slots.closes.at(-1)?.slot).toBe("C8");
});

test("is the same for the same candidates in any order", () => {
  const opens = assets(24).map((asset, index) =>
    openCandidate({ asset, netAprOnCapital: dec(String(index % 5)) }),
  );
  const closes = assets(10).map((asset) => closeCandidate({ asset }));
  const [allOpens, allCloses] = [
    fc.shuffledSubarray(opens, { minLength: opens.length }),
    fc.shuffledSubarray(closes, { minLength: closes.length }),
  ];
  fc.assert(
    fc.property(allOpens, allCloses, (someOpens, someCloses) => {
      expect(assignSlots(someOpens, someCloses)).toEqual(assignSlots(opens, closes));
    }),
  );
});
