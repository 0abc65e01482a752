import { collectRates } from "#src/rates/collect-rates.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { type CcxtVenue, createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { middle, row } from "./measure.ts";
import { openPlain } from "./plain-ccxt.ts";
import { serveVenues } from "./venue-server.ts";

const VENUES = ["binance", "bybit", "okx", "hyperliquid"] as const;
const INSTRUMENTS = 600;
const TURNS = 41;

/**
 * A scan of four venues with 600 instruments each: ours, the same requests with nothing but JSON.parse, and
 * ccxt's own call. Ours may cost 1.25 × what the bare requests and ccxt's addition to them cost together.
 */
export async function scanRows(): Promise<readonly (readonly string[])[]> {
  const server = await serveVenues(INSTRUMENTS);
  try {
    const opened = await Promise.all(VENUES.map((id) => openVenue(id, server.url)));
    const venues = new Map(opened.map((venue) => [venue.id, venue]));
    const clock = createSystemClock();
    const scan = () => collectRates({ venues, clock });
    const { rates } = await scan();
    if (rates.length < VENUES.length * INSTRUMENTS) throw new Error(`only ${rates.length} rates`);
    const requests = await requestsOf(scan);
    const bare = () =>
      Promise.all(requests.map(async (ask) => JSON.parse(await (await ask()).text())));
    const exchanges = await Promise.all(VENUES.map((id) => openPlain(id, server.url)));
    const plain = () => Promise.all(exchanges.map((one) => one.fetchFundingRates()));
    const [floor, ccxt, ours] = await measureTogether([bare, plain, scan]);
    if (!floor || !ccxt || !ours) throw new Error("three measures");
    const what = `scan ${VENUES.length} venues × ${INSTRUMENTS} instruments`;
    return [
      row(`${what}, wall; floor: fetch and JSON.parse`, ours.wallMs, floor.wallMs),
      row("… CPU; same floor", ours.cpuMs, floor.cpuMs),
      row("… ccxt alone, wall; same floor", ccxt.wallMs, floor.wallMs),
      row("… ccxt alone, CPU; same floor", ccxt.cpuMs, floor.cpuMs),
      row("… ours beside ccxt alone, wall (may be 1.25 ×)", ours.wallMs, ccxt.wallMs),
      row("… ours beside ccxt alone, CPU (may be 1.25 ×)", ours.cpuMs, ccxt.cpuMs),
    ];
  } finally {
    server.stop();
  }
}

/** For public data, with a bucket that never runs dry: what is measured is the work. */
async function openVenue(id: string, loopback: string): Promise<CcxtVenue> {
  const quirks = await loadQuirks(id);
  const profile = { ...quirks.profile, budget: { perSecond: 1e6, burst: 1e6 } };
  return createCcxtVenue({
    ...{ quirks: { ...quirks, profile }, mode: "paper", credentials: null, builderFeeRate: null },
    ...{ loopback, clock: createSystemClock(), saved: createMemoryRecords() },
    ourOrders: () => [],
  });
}

/** Exactly what one run of `work` asks of the network, to be asked again without the work. */
async function requestsOf(work: () => Promise<unknown>) {
  const real = globalThis.fetch;
  const asked: (() => Promise<Response>)[] = [];
  const recording = async (...[url, init]: Parameters<typeof fetch>): Promise<Response> => {
    const { signal: _signal, ...rest } = init ?? {};
    asked.push(() => real(url, rest));
    return real(url, init);
  };
  globalThis.fetch = Object.assign(recording, { preconnect: real.preconnect });
  await work();
  globalThis.fetch = real;
  return asked;
}

/** Turn about, so that whatever else the machine does meets them all alike. */
async function measureTogether(works: readonly (() => Promise<unknown>)[]) {
  const costs = works.map(() => ({ wallMs: [] as number[], cpuMs: [] as number[] }));
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [index, work] of works.entries()) {
      const cpu = process.cpuUsage();
      const started = performance.now();
      await work();
      costs[index]?.wallMs.push(performance.now() - started);
      const { user, system } = process.cpuUsage(cpu);
      costs[index]?.cpuMs.push((user + system) / 1_000);
    }
  }
  return costs.map(({ wallMs, cpuMs }) => ({ wallMs: middle(wallMs), cpuMs: middle(cpuMs) }));
}
