/** What a plain sentence asks for, by rules. */
export type Intent =
  | { readonly kind: "rates"; readonly asset: string | null }
  | { readonly kind: "best"; readonly asset: string | null }
  | { readonly kind: "status"; readonly asset: string | null }
  | { readonly kind: "performance" }
  | { readonly kind: "why"; readonly asset: string | null }
  | { readonly kind: "open"; readonly asset: string; readonly sized: boolean }
  | { readonly kind: "close"; readonly what: string | null }
  | { readonly kind: "unclear" };

/** Longer than any question; the rest is not read. */
const LONGEST = 400;

// Words that look like tickers where one is expected.
const NOT_ASSETS = new Set(
  (
    "A ALL AN AND ANY ARE AT BEST BUY CLOSE DID DO DOES DOING EVERYTHING FOR FUNDING FROM GET GIVE GO GOOD HEDGE HEDGES HOW I IN IS IT LONG LOOK " +
    "ME MONEY MUCH MY NEW NOT NOW OF OFF ON ONE OPEN OUR OUT PAY PAYING PAYS PLEASE POSITION POSITIONS PROFIT RATE RATES RIGHT SELL SHORT SHOW SOME " +
    "STATUS TAKE TELL THAT THE THEM THERE THIS TO UP WAS WE WHAT WHATS WHICH WHY WITH YOU YOUR AFTER COSTS NONE RULES IGNORE PNL LAST TODAY"
  ).split(" "),
);

const AFTER = (verb: string) =>
  new RegExp(
    `\\b(?:${verb})\\b[^a-z0-9]*(?:(?:me|a|an|the|my|our|some|new|hedge|on|in|for|of|position|please)[^a-z0-9]+)*\\$?([a-z0-9]{2,12})\\b`,
    "i",
  );
const OPEN = AFTER("hedge|open|enter|start|arb|arbitrage");
const CLOSE = AFTER("close|exit|unwind|flatten|end");
const TRADE = /\b(?:buy|sell|long|short)\b[^a-z0-9]*([\d.,]+)?\s*(?:k|m)?\s*\$?([a-z]{2,10})\b/i;
const ASSET = /\b([A-Z][A-Z0-9]{1,9})\b/g;

export function understand(text: string): Intent {
  const line = text.slice(0, LONGEST).replace(/[<>`;{}()\\]/g, " ");
  const lower = line.toLowerCase();
  const asset = findAsset(line);
  if (/\b(why|reason|explain)\b/.test(lower)) return { kind: "why", asset };
  if (/\b(close|exit|unwind|flatten)\b/.test(lower) && !/\bhow\b/.test(lower))
    return { kind: "close", what: named(CLOSE, line) };
  if (
    /\b(p&l|pnl|profit|profits|loss|earned|earn|earning|made|performance|results?|return)\b/.test(
      lower,
    )
  ) {
    return { kind: "performance" };
  }
  if (
    /\bhow (?:is|are|'s|does)\b|\bstatus\b|\bhedges\b|\bpositions?\b|\bwhat(?:'s| is) open\b|\bopen hedges\b/.test(
      lower,
    )
  ) {
    return { kind: "status", asset };
  }
  if (
    /\b(best|opportunit\w*|worth\w*|after costs?|pays? (?:best|most|well))\b/.test(lower) &&
    !/\brates?\b/.test(lower)
  ) {
    return { kind: "best", asset };
  }
  const traded = TRADE.exec(line);
  if (traded?.[2] && !/\brates?\b/.test(lower)) {
    const name = traded[2].toUpperCase();
    return NOT_ASSETS.has(name) ? { kind: "unclear" } : { kind: "open", asset: name, sized: true };
  }
  if (/\b(hedge|open|enter|arb|arbitrage)\b/.test(lower)) {
    const wanted = named(OPEN, line);
    if (wanted)
      return {
        kind: "open",
        asset: wanted.toUpperCase(),
        sized: /\b\d[\d.,]*\b/.test(lower.replace(wanted.toLowerCase(), "")),
      };
  }
  if (/\b(rates?|funding|pays?|paying)\b/.test(lower)) return { kind: "rates", asset };
  return { kind: "unclear" };
}

function named(pattern: RegExp, line: string): string | null {
  const found = pattern.exec(line)?.[1];
  if (!found || NOT_ASSETS.has(found.toUpperCase())) {
    const id = /\bH-[a-z0-9]{4,}\b/i.exec(line)?.[0];
    return id ?? null;
  }
  return /^h$/i.test(found) ? (/\bH-[a-z0-9]{4,}\b/i.exec(line)?.[0] ?? null) : found;
}

/** A word in capitals, or a well-known name in any case. */
function findAsset(line: string): string | null {
  for (const [, word = ""] of line.matchAll(ASSET)) if (!NOT_ASSETS.has(word)) return word;
  const known =
    /\b(btc|bitcoin|eth|ether|ethereum|sol|solana|xrp|doge|dogecoin|link|avax|arb|sui|apt|tia|pepe|bnb|ltc|near|op|inj|trx|ton)\b/i.exec(
      line,
    )?.[1];
  return known ? (LONG_NAMES.get(known.toLowerCase()) ?? known.toUpperCase()) : null;
}

const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ["bitcoin", "BTC"],
  ["ether", "ETH"],
  ["ethereum", "ETH"],
  ["solana", "SOL"],
  ["dogecoin", "DOGE"],
]);

/** Long names are understood where a ticker is asked for. */
export function tickerOf(name: string): string {
  return LONG_NAMES.get(name.toLowerCase()) ?? name.toUpperCase();
}
