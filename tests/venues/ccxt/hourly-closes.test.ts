import { afterEach, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import { closesOf } from "#src/venues/ccxt/hourly-candles.ts";
import { instrument } from "#tests/support/builders.ts";
import { startDydx } from "#tests/support/venues/dydx-rig.ts";
import { ok, startExtended } from "#tests/support/venues/extended-documents.ts";
import { startHibachi } from "#tests/support/venues/hibachi-rig.ts";
import { jsonReply } from "#tests/support/venues/loopback.ts";
import { done, startPacifica } from "#tests/support/venues/pacifica-documents.ts";

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

/** The last four hours without the second one, and the running one. */
const hours = () => {
  const running = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return [-4, -2, -1, 0].map((back) => ({ at: running + back * HOUR_MS, close: 100 - back }));
};

const DIALECTS: readonly (readonly [string, string, (broken: boolean) => Promise<Started>])[] = [
  [
    ...(["Extended", "BTC-USD"] as const),
    (broken) =>
      startExtended({
        "GET /api/v1/info/candles/BTC-USD/trades": answer(broken, () =>
          ok(
            hours()
              .map(({ at, close }) => ({ ...ohl, c: String(close), v: "0", T: at }))
              .reverse(),
          ),
        ),
      }),
  ],
  [
    ...(["Pacifica", "BTC"] as const),
    (broken) =>
      startPacifica({
        "GET /api/v1/kline": answer(broken, () =>
          done(hours().map(({ at, close }) => ({ ...ohl, t: at, c: String(close), v: "0", n: 2 }))),
        ),
      }),
  ],
  [
    ...(["Hibachi", "BTC/USDT-P"] as const),
    (broken) =>
      startHibachi({
        "GET /market/data/klines": answer(broken, () => ({
          klines: hours().map(({ at, close }) => ({
            ...{ ...flat, close: String(close), timestamp: at / 1_000, volumeNotional: "1" },
          })),
        })),
      }),
  ],
  [
    ...(["dYdX", "BTC-USD"] as const),
    (broken) =>
      startDydx({
        "GET /v4/candles/perpetualMarkets/BTC-USD": answer(broken, () => ({
          candles: hours()
            .map(({ at, close }) => ({
              ...{ ...flat, ticker: "BTC-USD", resolution: "1HOUR", close: String(close) },
              ...{ startedAt: new Date(at).toISOString(), baseTokenVolume: "0" },
            }))
            .reverse(),
        })),
      }),
  ],
];

interface Started {
  readonly venue: Venue;
  readonly server: { stop(): Promise<void> };
}
const ohl = { o: "1", h: "1", l: "1" };
const flat = { open: "1", high: "1", low: "1" };

test.each(DIALECTS)(
  "%s: an hour without a trade closed as the one before it, and the running hour is left out",
  async (_, symbol, start) => {
    const { venue } = await keep(start(false));
    const closes = await venue.data.hourlyCloses(symbol, 4);
    expect(closes.map((close) => close.toFixed())).toEqual(["104", "104", "102", "101"]);
    expect((await venue.data.hourlyCloses(symbol, 2)).map((one) => one.toFixed())).toEqual([
      ...["102", "101"],
    ]);
  },
);

test.each(DIALECTS)(
  "%s: a venue that does not answer is a retryable error",
  async (_, symbol, start) => {
    const { venue } = await keep(start(true));
    await expect(venue.data.hourlyCloses(symbol, 4)).rejects.toBeInstanceOf(RetryableError);
  },
);

test("a close is per canonical unit, and what is no price is left out", () => {
  const of: Listed = {
    ...{ instrument: instrument(), ccxtSymbol: "1000PEPE/USDT:USDT", info: {} },
    priceUnit: dec("1000"),
  };
  const told = ["NaN", "undefined", "0.0112", "-1", "0", "1.2e-2", "Infinity"];
  const candles = told.map((close, hour) => ({ startedAt: hour * HOUR_MS, close }));
  const closes = closesOf(of, candles, { since: 0, count: told.length + 1 });
  expect(closes.map((close) => close.toFixed())).toEqual([
    ...["0.0000112", "0.0000112", "0.0000112"],
    ...Array.from({ length: 3 }, () => "0.000012"),
  ]);
});

function answer(broken: boolean, make: () => object): () => object {
  return broken ? () => jsonReply({ error: "busy" }, 503) : make;
}

async function keep(starting: Promise<Started>): Promise<Started> {
  const started = await starting;
  running.push(started.server);
  return started;
}
