/** What a plain sentence asks for, by rules. */
export type Intent =
  | { readonly kind: "rates"; readonly asset: string | null }
  | { readonly kind: "best"; readonly asset: string | null }
  | { readonly kind: "status"; readonly asset: string | null }
  | { readonly kind: "performance" }
  | { readonly kind: "why"; readonly asset: string | null }
  | { readonly kind: "open"; readonly asset: string; readonly sized: boolean }
  | { readonly kind: "openSeveral"; readonly assets: readonly string[] }
  | { readonly kind: "close"; readonly what: string | null }
  /** Wants everything to end: said plainly which commands do that. */
  | { readonly kind: "stop" }
  | { readonly kind: "unclear" };

/** Longer than any question; the rest is not read. */
const LONGEST = 400;

// Words that look like tickers where one is expected.
const NOT_ASSETS = new Set(
  (
    "A ALL AN AND ANY ARE AT BEST BUY CLOSE DID DO DOES DOING EVERYTHING FOR FUNDING FROM GET GIVE GO GOOD HEDGE HEDGES HOW I IN IS IT LONG LOOK " +
    "ME MONEY MUCH MY NEW NOT NOW OF OFF ON ONE OPEN OUR OUT PAY PAYING PAYS PLEASE POSITION POSITIONS PROFIT RATE RATES RIGHT SELL SHORT SHOW SOME " +
    "STATUS TAKE TELL THAT THE THEM THERE THIS TO UP WAS WE WHAT WHATS WHICH WHY WITH YOU YOUR AFTER COSTS NONE RULES IGNORE PNL LAST TODAY " +
    "EUR PNL USD USDC USDT ALLE ALLES BEIDE BINANCE BYBIT DAS DEN DER DIE EINE EINEN ES HYPERLIQUID IHN MEINE MEINEN OFFEN OKX WAS"
  ).split(" "),
);

const OPENING = "hedge|open|enter|propose|arb|arbitrage|eroeffne|oeffne";
const CLOSING = "close|exit|unwind|flatten|schliess|schliesse|schliessen";
const AFTER = (verb: string) =>
  new RegExp(
    `\\b(?:${verb})\\b[^a-z0-9]*(?:(?:me|a|an|the|my|our|some|new|hedge|on|in|for|of|position|please|about|\\d[\\d.,]*k?|usd[tc]?|dollars?|euros?|den|die|das|einen|eine|meinen|meine|auf|fuer|bitte)[^a-z0-9]+)*\\$?([a-z0-9]{2,12})\\b`,
    "i",
  );
const OPEN = AFTER(`start|${OPENING}`);
const CLOSES = new RegExp(`\\b(?:${CLOSING})\\b`);
const CLOSE = AFTER(`end|${CLOSING}`);
const STOPS =
  /\b(?:stop|halt|pause|panic|emergency|notfall|stopp|anhalten)\b|\b(?:sell|dump|liquidate|verkaufe?) (?:everything|all|alles)\b/;
const TRADE =
  /\b(?:buy|sell|long|short|kaufe?|verkaufe?)\b[^a-z0-9]*([\d.,]+)?\s*(?:k|m)?\s*\$?([a-z]{2,10})\b/i;
const OPENS = new RegExp(
  `^\\W*(?:(?:please|bitte|now|can|could|you|we|let|us|i|want|to)\\W+)*(?:${OPENING})\\b`,
  "i",
);
/** "BTC and ETH", "BTC, ETH". */
const NEXT = /\s*(?:,|&|\+|\band\b|\bund\b)\s*/i;
const ASSET = /\b([A-Z][A-Z0-9]{1,9})\b/g;

export function understand(text: string): Intent {
  const line = readable(text);
  const lower = line.toLowerCase();
  const asset = findAsset(line);
  if (/\b(why|reason|explain|warum|wieso|weshalb)\b/.test(lower)) return { kind: "why", asset };
  if (CLOSES.test(lower) && !/\b(?:how|wie)\b/.test(lower))
    return { kind: "close", what: named(CLOSE, line) ?? asset };
  if (STOPS.test(lower)) return { kind: "stop" };
  const several = OPENS.test(line) ? listedAssets(line) : [];
  if (several.length > 1) return { kind: "openSeveral", assets: several };
  if (
    /\b(p&l|pnl|profit|profits|loss|earned|earn|earning|made|performance|results?|return|verdient|gewinn|verlust|ergebnis)\b/.test(
      lower,
    ) ||
    /\b(?:did|received|got|gab|bekommen)\b.*\bfunding\b|\bfunding\b.*\b(?:received|get|got|gab|bekommen)\b|\bdid\b.*\bfunding\b.*\bpay\b/.test(
      lower,
    )
  ) {
    return { kind: "performance" };
  }
  if (
    /\bhow(?: is| are|['’]s| does)\b|\bstatus\b|\bhedges\b|\bpositions?\b|\bwhat(?:'s| is) open\b|\bopen hedges\b|\bwie (?:laeuft|laufen|steht|stehen)\b|\bwas ist offen\b/.test(
      lower,
    )
  ) {
    return { kind: "status", asset };
  }
  if (
    /\b(best|opportunit\w*|worth\w*|after costs?|pays? (?:best|most|well)|am (?:besten|meisten)|lohnt)\b/.test(
      lower,
    ) &&
    !/\b(?:rates?|raten)\b/.test(lower)
  ) {
    return { kind: "best", asset };
  }
  const traded = TRADE.exec(line);
  if (traded?.[2] && !/\brates?\b/.test(lower)) {
    const name = traded[2].toUpperCase();
    return NOT_ASSETS.has(name) ? { kind: "unclear" } : { kind: "open", asset: name, sized: true };
  }
  if (new RegExp(`\\b(?:${OPENING})\\b`).test(lower)) {
    const wanted = named(OPEN, line);
    if (wanted)
      return {
        kind: "open",
        asset: wanted.toUpperCase(),
        sized: /\b\d[\d.,]*\b/.test(lower.replace(wanted.toLowerCase(), "")),
      };
  }
  if (/\b(rates?|funding|pays?|paying|raten|zahlt|zahlen)\b/.test(lower))
    return { kind: "rates", asset };
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

/** Does a text name this hedge, by its asset or its id, in any case? Its long name counts, too. */
export function isMentioned(text: string, name: string): boolean {
  const words = readable(text).match(/\bH-[a-z0-9]+\b|[a-z0-9]+/gi) ?? [];
  const isOurs = (word: string) => !NOT_ASSETS.has(word.toUpperCase());
  return words.some((word) => isOurs(word) && tickerOf(word) === name.toUpperCase());
}

function readable(text: string): string {
  return plainLetters(text.slice(0, LONGEST)).replace(/[<>`;{}()\\]/g, " ");
}

const KNOWN =
  /\b(btc|bitcoin|eth|ether|ethereum|sol|solana|xrp|doge|dogecoin|link|avax|arb|sui|apt|tia|pepe|bnb|ltc|near|op|inj|trx|ton)\b/i;

/** A word in capitals, or a well-known name in any case. */
export function findAsset(text: string): string | null {
  const line = readable(text);
  for (const [, word = ""] of line.matchAll(ASSET)) if (!NOT_ASSETS.has(word)) return word;
  const known = KNOWN.exec(line)?.[1];
  return known ? tickerOf(known) : null;
}

/** Those that stand next to each other in a list. */
function listedAssets(line: string): readonly string[] {
  const found = line.split(NEXT).map((part, index) => {
    const words = part.trim().split(/\s+/);
    return findAsset((index === 0 ? words.at(-1) : words[0]) ?? "");
  });
  return [...new Set(found.filter((asset) => asset !== null))];
}

const UMLAUTS: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

function plainLetters(text: string): string {
  return text.replace(/[äöüß]/gi, (letter) => UMLAUTS[letter.toLowerCase()] ?? letter);
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
