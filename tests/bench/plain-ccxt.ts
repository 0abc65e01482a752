import type { Exchange } from "ccxt";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";

/** ccxt as it comes, with this venue's options and without its throttle: what ours is measured against. */
export async function openPlain(
  id: string,
  proxyUrl: string,
  keys: Readonly<Record<string, string>> = {},
): Promise<Exchange> {
  const { profile, options } = await loadQuirks(id);
  const url = new URL(`./src/${profile.ccxtName}.js`, import.meta.resolve("ccxt")).href;
  const { default: Class } = (await import(url)) as {
    default: new (config: object) => Exchange;
  };
  const exchange = new Class({ ...options("paper"), ...keys, proxyUrl, enableRateLimit: false });
  await exchange.loadMarkets();
  return exchange;
}
