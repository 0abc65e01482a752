import type { MarketFeed } from "#src/ports/market-feed.ts";

/** A market as a venue's futures server lists it: its spot is served by a server of its own. */
export function perpsOnly(feed: MarketFeed): MarketFeed {
  const instruments: MarketFeed["instruments"] = (venue) =>
    feed.instruments(venue).filter((one) => one.kind === "perp");
  return new Proxy(feed, {
    get(target, key) {
      if (key === "instruments") return instruments;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
