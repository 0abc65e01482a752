import type { Exchange } from "ccxt";
import { OperatorError } from "#src/core/errors.ts";
import type { RequestGate } from "#src/venues/gate/request-gate.ts";
import { currentCall } from "./call-context.ts";
import type { DriverParts, Quirks } from "./driver.ts";
import { hideFromInspection } from "./hide-from-inspection.ts";
import { createVenueFetch, type VenueFetchOptions } from "./venue-fetch.ts";

const TIMEOUT_MS = 10_000;

type ExchangeClass = new (config: Readonly<Record<string, unknown>>) => Exchange;

/**
 * Loads one class of ccxt, and no other, and takes from it what it does by itself: its throttle, its
 * retries, its way to the network. Throws OperatorError when this version of ccxt has no such class.
 */
export async function openExchange(options: {
  readonly quirks: Quirks;
  readonly mode: DriverParts["mode"];
  readonly credentials: Readonly<Record<string, string>> | null;
  readonly gate: RequestGate;
  readonly wire: Pick<VenueFetchOptions, "clock" | "aheadMs" | "loopback">;
  /** Its class with streams instead, which has the same name. */
  readonly pro?: boolean;
  readonly spot?: boolean;
}): Promise<Exchange> {
  const { quirks, mode, credentials, gate, wire, pro = false, spot = false } = options;
  const { profile } = quirks;
  if (mode === "testnet" && profile.rehearsal === null) {
    throw new OperatorError(
      `${profile.name} has no test venue: take ${profile.id} out of venues.use in mode testnet`,
    );
  }
  const Class = await loadClass(pro ? `pro/${profile.ccxtName}` : profile.ccxtName);
  const own = quirks.options(mode, { spot });
  const exchange = new Class({
    ...own,
    ...credentials,
    timeout: TIMEOUT_MS,
    enableRateLimit: true,
    ...(wire.loopback === "" ? {} : { proxyUrl: wire.loopback }),
    options: { ...recordOf(own["options"]), maxRetriesOnFailure: 0 },
  });
  hideFromInspection(exchange, profile.name, profile.credentials);
  if (mode === "testnet") enterRehearsal(exchange, profile.rehearsal);
  // Asked before it signs: what waits here is not signed yet, so its time window is not spent waiting.
  exchange.throttle = (cost?: number) =>
    gate.admit(currentCall()?.urgency ?? "read", typeof cost === "number" ? cost : 1);
  const { name } = profile;
  const hosts = mode === "testnet" ? profile.testHosts : profile.hosts;
  const loadMarkets = exchange.loadMarkets.bind(exchange);
  Object.assign(exchange, {
    fetchImplementation: createVenueFetch({ name, hosts, gate, ...wire }),
    // What is stamped is stamped by the venue's clock: many refuse what is a second ahead of their own.
    milliseconds: () => wire.clock.wallNow() + wire.aheadMs(),
    // It would wait for a reload that is under way, or fail as the last one did, also where the markets are
    // there: a cancel must do neither.
    loadMarkets: async (reload?: boolean, params?: object) =>
      reload || !exchange.markets ? loadMarkets(reload, params) : exchange.markets,
  });
  return exchange;
}

async function loadClass(name: string): Promise<ExchangeClass> {
  // Its exports map names only the whole library; one file of it loads in a third of the time.
  const url = new URL(`./src/${name}.js`, import.meta.resolve("ccxt")).href;
  try {
    const loaded: { readonly default: ExchangeClass } = await import(url);
    return loaded.default;
  } catch (error) {
    throw new OperatorError(`ccxt has no ${name}; reinstall with the pinned version`, {
      cause: error,
    });
  }
}

function enterRehearsal(exchange: Exchange, rehearsal: "testnet" | "demo" | null): void {
  if (rehearsal === "demo") exchange.enableDemoTrading(true);
  if (rehearsal === "testnet") exchange.setSandboxMode(true);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
