import { createHmac } from "node:crypto";
import type { Exchange } from "ccxt";
import { dec } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { type CcxtVenue, createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { STREET_KEYS, startVenueStreet } from "#tests/support/venues/venue-street.ts";
import { middle, row } from "./measure.ts";
import { openPlain } from "./plain-ccxt.ts";
import { createWideMarket } from "./wide-market.ts";

const VENUES = ["binance", "bybit", "okx", "hyperliquid"] as const;
type Id = (typeof VENUES)[number];
const TURNS = 61;

interface Side {
  readonly id: Id;
  readonly ours: CcxtVenue;
  readonly plain: Exchange;
  readonly instrument: Instrument;
  readonly ccxtSymbol: string;
}

/** An order through our adapter beside ccxt's createOrder, and how far apart two legs arrive. */
export async function orderRows(): Promise<readonly (readonly string[])[]> {
  const feed = createWideMarket(3);
  const feedVenues = { binance: "binance", bybit: "bybit", okx: "okx", hyperliquid: "hyperliquid" };
  const street = startVenueStreet({ feed, feedVenues });
  try {
    const sides = await Promise.all(VENUES.map((id) => openSide(id, street.servers[id].proxyUrl)));
    const rows = [];
    for (const side of sides) rows.push(await orderRow(side));
    return [...rows, await legGapRow(street, sides)];
  } finally {
    await street.stop();
  }
}

async function orderRow(side: Side): Promise<readonly string[]> {
  const [ours, plain]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn += 1) {
    ours.push(await timed(prepareOurs(side)));
    // Both sign with one key: Hyperliquid takes a millisecond but once.
    await Bun.sleep(3);
    plain.push(await timed(() => placePlain(side)));
    await Bun.sleep(3);
  }
  // The first ones warm up.
  return row(
    `order on ${side.id}; floor: ccxt's createOrder (may be 1.3 ×)`,
    middle(ours.slice(10)),
    middle(plain.slice(10)),
  );
}

/** Both legs at once on Binance and Bybit: how far apart the venues get them, beside bare requests. */
async function legGapRow(
  { servers: { binance, bybit } }: ReturnType<typeof startVenueStreet>,
  sides: readonly Side[],
): Promise<readonly string[]> {
  const [a, b] = sides;
  if (!a || !b) throw new Error("two legs");
  const gapMs = () =>
    Math.abs((binance.seen.at(-1)?.arrivedMs ?? 0) - (bybit.seen.at(-1)?.arrivedMs ?? 0));
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const [first, second] = [prepareOurs(a), prepareOurs(b)];
    await Promise.all([first(), second()]);
    ours.push(gapMs());
    await Promise.all([bareBinance(binance.proxyUrl), bareBybit(bybit.proxyUrl)]);
    bare.push(gapMs());
  }
  return row(
    "gap between two legs sent at once; floor: bare signed requests (may be 2 ×)",
    middle(ours.slice(10)),
    middle(bare.slice(10)),
  );
}

async function openSide(id: Id, loopback: string): Promise<Side> {
  const quirks = await loadQuirks(id);
  const keys: Readonly<Record<string, string>> = STREET_KEYS[id];
  const profile = { ...quirks.profile, budget: { perSecond: 1e6, burst: 1e6 } };
  const ours = await createCcxtVenue({
    ...{ quirks: { ...quirks, profile }, mode: "live", credentials: keys, builderFeeRate: null },
    ...{ loopback, clock: createSystemClock(), saved: createMemoryRecords() },
    ourOrders: () => [],
  });
  await ours.data.time();
  const [instrument] = await ours.data.instruments();
  const plain = await openPlain(id, loopback, keys);
  const ccxtSymbol = Object.values(plain.markets ?? {}).find(
    (market) => market?.id === instrument?.symbol || market?.baseName === instrument?.symbol,
  )?.symbol;
  if (!instrument || !ccxtSymbol) throw new Error(`${id} lists nothing`);
  return { id, ours, plain, instrument, ccxtSymbol };
}

let count = 0;

/** Everything but the sending: the guard's part is measured in its own row. */
function prepareOurs({ id, ours, instrument }: Side): () => Promise<unknown> {
  count += 1;
  const { symbol } = instrument;
  const request: OrderRequest = orderRequest({
    ...{ venue: id, symbol, clientOrderId: `Hbench4o0n1x${process.pid}y${count}` },
    ...{ size: "0.2", limit: "110.25", expiresAt: Date.now() + 10_000 },
  });
  const order = guarded(request, instrument);
  return async () => {
    const { kind } = await ours.trading.place(order);
    if (kind !== "ack") throw new Error(`${id} answered ${kind}`);
  };
}

async function placePlain({ id, plain, instrument, ccxtSymbol }: Side): Promise<void> {
  const amount = Number(dec("0.2").div(instrument.contractSizeBase).toFixed());
  const params = { timeInForce: "IOC", ...(id === "okx" ? { marginMode: "cross" } : {}) };
  await plain.createOrder(ccxtSymbol, "limit", "buy", amount, 110.25, params);
}

async function bareBinance(proxyUrl: string): Promise<void> {
  const { apiKey, secret } = STREET_KEYS.binance;
  count += 1;
  const query = `newClientOrderId=bare${count}&symbol=C0XUSDT&side=BUY&type=LIMIT&quantity=0.2&price=110.25&timeInForce=IOC&recvWindow=10000&timestamp=${Date.now()}`;
  const signature = createHmac("sha256", secret).update(query).digest("hex");
  await send(`${proxyUrl}https://fapi.binance.com/fapi/v1/order`, {
    headers: { "X-MBX-APIKEY": apiKey, "content-type": "application/x-www-form-urlencoded" },
    body: `${query}&signature=${signature}`,
  });
}

async function bareBybit(proxyUrl: string): Promise<void> {
  const { apiKey, secret } = STREET_KEYS.bybit;
  const at = String(Date.now());
  const body = JSON.stringify({
    ...{ category: "linear", symbol: "C0XUSDT", side: "Buy", orderType: "Limit" },
    ...{ qty: "0.2", price: "110.25", timeInForce: "IOC" },
  });
  const sign = createHmac("sha256", secret).update(`${at}${apiKey}10000${body}`).digest("hex");
  await send(`${proxyUrl}https://api.bybit.com/v5/order/create`, {
    headers: {
      ...{ "X-BAPI-API-KEY": apiKey, "X-BAPI-TIMESTAMP": at, "X-BAPI-RECV-WINDOW": "10000" },
      ...{ "X-BAPI-SIGN": sign, "content-type": "application/json" },
    },
    body,
  });
}

async function send(url: string, init: { headers: Record<string, string>; body: string }) {
  const answer = await fetch(url, { method: "POST", ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
