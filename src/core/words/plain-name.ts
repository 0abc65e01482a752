import type { Asset } from "#src/core/instrument.ts";

const ASSET = /^[A-Z0-9]{1,20}$/;
// No point and no @: chats make links and mentions of what has them.
const SYMBOL = /^[A-Za-z0-9][A-Za-z0-9:_-]*(?:\/[A-Za-z0-9:_-]+)?$/;
const LONGEST_SYMBOL = 40;
/** Where a venue's word for an asset is not ours. */
const OTHER_NAMES: ReadonlyMap<Asset, string> = new Map([["BTC", "XBT"]]);

export function isPlainAsset(text: string): boolean {
  return ASSET.test(text);
}

export function isPlainSymbol(text: string): boolean {
  return text.length <= LONGEST_SYMBOL && SYMBOL.test(text);
}

/**
 * Names come from venues, and whoever can list a market can write one. What is not plain ASCII without blanks,
 * or names another asset than it says, is no name: nothing is opened on it, and it reaches no card and no model.
 */
export function hasPlainName({
  symbol,
  asset,
}: {
  readonly symbol: string;
  readonly asset: Asset;
}): boolean {
  const names = [asset, OTHER_NAMES.get(asset) ?? asset];
  const upper = symbol.toUpperCase();
  return isPlainSymbol(symbol) && isPlainAsset(asset) && names.some((name) => upper.includes(name));
}

/** A venue's name for people: the sandbox's own are named after those that they play. */
export function shortVenue(venue: string): string {
  return venue.replace(/-sim$/, "");
}

/** The same wherever a text names one. */
export function shortVenues(text: string): string {
  return text.replace(/\b([a-z]+)-sim\b/g, "$1");
}

/** A market's name for people: what is left of it when everything that could play a trick is gone. */
export function shownName(symbol: string): string {
  if (isPlainSymbol(symbol)) return symbol;
  const rest = symbol.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 16);
  return `"${rest}" (not a plain name)`;
}
