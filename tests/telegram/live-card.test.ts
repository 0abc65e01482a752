import { describe, expect, test } from "bun:test";
import type { LiveView } from "#src/reports/views.ts";
import { liveCard, liveReply } from "#src/telegram/cards/live-card.ts";
import { isOtherCard } from "#src/telegram/cards/other-cards.ts";

const VIEW: LiveView = {
  ...{ mode: "paper", state: "rehearsing", neededHours: 24, rehearsedMinutes: 850 },
  venues: [
    { venue: "binance", rehearsedMinutes: 1_500 },
    { venue: "bybit", rehearsedMinutes: 850 },
  ],
  bounds: {
    ...{ hardCapUsd: "100", equityShare: "0.8", leverage: "3", minLiquidationDistance: "0.2" },
    ...{ venues: ["binance", "bybit"], spotVenues: ["binance"] },
  },
  ...{ confirmedAt: null, widened: [] },
  results: {
    ...{ hedgesOpened: 2, hedgesClosed: 1, failures: 0, warnings: 3, criticals: 1 },
    pnl: {
      ...{ priceUsd: "-0.5", fundingUsd: "1.25", feesUsd: "-0.4", interestUsd: "0" },
      totalUsd: "0.35",
      ...{ basisUsd: "0", residualUsd: "0", realisedUsd: "0.35", unrealisedUsd: "0" },
    },
    worstDrawdown: "0.0123",
  },
};

describe("/live", () => {
  test("says how far the rehearsal is, venue by venue, and what came of it", () => {
    const { text } = liveReply(VIEW, false);
    expect(text).toContain("locked: 14 h 10 min of 24 h rehearsed");
    expect(text).toMatch(/binance +done\nbybit +14 h 10 min/);
    for (const figure of ["2 opened, 1 closed", "+1.25 USD", "−0.40 USD", "+0.35 USD"]) {
      expect(text).toContain(figure);
    }
    expect(text).toContain("1.23 %");
    expect(text).toContain("1 critical, 3 warnings");
    expect(text).not.toContain("Honestly");
  });

  test("says that the way in and out is untried when nothing was closed", () => {
    const results = { ...VIEW.results, hedgesClosed: 0 };
    expect(liveReply({ ...VIEW, results }, false).text).toContain("untried");
  });

  test("names what the settings ask for beyond the confirmation", () => {
    const widened = [{ what: "hardCapUsd", confirmed: "100", wanted: "500" }];
    expect(liveReply({ ...VIEW, widened }, false).text).toContain("hardCapUsd 500 instead of 100");
  });

  test("in the demo says that the demo does not count", () => {
    expect(liveReply({ ...VIEW, mode: "demo", state: "demo" }, false).text).toContain("the demo");
  });
});

describe("the card of live mode", () => {
  test("names results, caps and venues, and its buttons hold the nonce alone", () => {
    const card = liveCard({ ...VIEW, state: "ready", rehearsedMinutes: 1_440 }, "N");
    expect(isOtherCard(card.text)).toBe(true);
    for (const words of ["24 h of 24 h", "at most 100.00 USD", "at most 80 %", "binance, bybit"]) {
      expect(card.text).toContain(words);
    }
    const data = card.keyboard.inline_keyboard
      .flat()
      .map((one) => "callback_data" in one && one.callback_data);
    expect(data).toEqual(["a:N", "d:N"]);
  });
});
