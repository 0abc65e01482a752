import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { awayFromPayments } from "#tests/support/away-from-payments.ts";
import type { ChatLine, DemoStatus } from "#tests/support/demo-process.ts";
import { StartProcess } from "#tests/support/start-process.ts";
import { STREET_KEYS, startVenueStreet } from "#tests/support/venues/venue-street.ts";

const hasCard =
  (asset: string, verb = "Open") =>
  (line: ChatLine) =>
    line.text.startsWith(`📋 ${verb} ${asset}`) && line.buttons.length > 0;

/**
 * The product on two venues through ccxt, signatures and all, over loopback servers: chat → card → tap →
 * orders → fills → ledger → /kill.
 */
describe("the whole product on two venues' own protocols", () => {
  const street = startVenueStreet({
    feed: createSyntheticMarket({ seed: 7 }),
    feedVenues: {
      ...{ binance: "binance-sim", bybit: "bybit-sim" },
      ...{ okx: "okx-sim", hyperliquid: "hyperliquid-sim" },
    },
  });
  const bot = new StartProcess({
    mode: "testnet",
    loopback: street.proxyUrl,
    venues: ["binance", "bybit"],
    keys: { binance: STREET_KEYS.binance, bybit: STREET_KEYS.bybit },
  });

  beforeAll(() => bot.start(), 30_000);
  afterAll(async () => {
    await bot.dispose();
    await street.stop();
  });

  const held = () =>
    [street.engines.binance, street.engines.bybit].map((engine) =>
      engine
        .exposures(Date.now())
        .map((one) => one.sizeBase.toFixed())
        .filter((size) => size !== "0"),
    );
  const hedgeOf = (status: DemoStatus, asset: string) =>
    status.hedges.find((hedge) => hedge.asset === asset);

  test("rates come from both venues", async () => {
    await bot.say("/rates BTC");
    const answer = await bot.message((line) => line.text.startsWith("Funding rates"), "rates");
    expect(answer.text).toContain("binance");
    expect(answer.text).toContain("bybit");
  });

  test("a tap opens opposite legs of equal base size, as both venues say themselves", async () => {
    await awayFromPayments();
    await bot.say("hedge BTC");
    const card = await bot.message(hasCard("BTC"), "a card for BTC");
    expect(await bot.tap(card, "a:")).toContain("Approved");
    await bot.until(async () => hedgeOf(await bot.status(), "BTC")?.phase === "open", "BTC open");

    const legs = hedgeOf(await bot.status(), "BTC")?.legs ?? [];
    expect(legs.map((leg) => leg.side).sort()).toEqual(["long", "short"]);
    expect(legs[0]?.sizeBase).toBe(legs[1]?.sizeBase ?? "none");
    const sizes = held().map(([size]) => size ?? "0");
    expect(sizes.map((size) => size.replace("-", ""))).toEqual([
      legs[0]?.sizeBase ?? "",
      legs[0]?.sizeBase ?? "",
    ]);
    expect(new Set(sizes.map((size) => size.startsWith("-"))).size).toBe(2);
    expect(await bot.tap(card, "a:")).toContain("Already");
  }, 240_000);

  test("the ledger holds the fees that the venues took, and the page shows them", async () => {
    const hedge = hedgeOf(await bot.status(), "BTC");
    const paid = [street.engines.binance, street.engines.bybit]
      .flatMap((engine) => engine.state.fills)
      .reduce((total, fill) => total.plus(fill.feeUsd), dec("0"));
    expect(paid.gt("0")).toBe(true);
    expect(hedge?.feesUsd).toBe(paid.toFixed());
  });

  test("/kill makes both venues flat and says so", async () => {
    await bot.say("/kill");
    await bot.message((line) => /flat/i.test(line.text), "flat");
    expect(held()).toEqual([[], []]);
    expect((await bot.status()).tradingState).toBe("halted");
  }, 240_000);

  test("both venues' own streams of orders and fills were followed, and nothing else said on them", () => {
    const { binance, bybit } = street.servers;
    const addresses = [...binance.sockets, ...bybit.sockets].map(({ url }) => url.href);
    expect(addresses.filter((one) => one.includes("listenKey=")).length).toBe(1);
    expect(addresses.filter((one) => one.endsWith("/v5/private")).length).toBe(1);
    expect(bybit.said.join()).toContain('"args":["execution"]');
    expect(bybit.said.join()).not.toContain("order.create");
  });

  test("nothing went wrong on the way, and no secret was written", () => {
    expect(bot.log).not.toMatch(/"level":"error"| at .*\.ts:\d+/);
    expect(bot.log).not.toContain("streamLost");
    expect(bot.log).not.toContain(STREET_KEYS.binance.secret);
    expect(bot.log).not.toContain(STREET_KEYS.bybit.secret);
  });
});
