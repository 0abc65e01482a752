import { z } from "zod";
import { isLoopbackHost } from "#config/loopback.ts";
import { type Decimal, parseDecimal } from "#src/core/decimal.ts";

/** Every venue that can be named in settings. */
export const VENUES = [
  "binance",
  "bybit",
  "okx",
  "dydx",
  "hyperliquid",
  "hibachi",
  "extended",
  "pacifica",
] as const;

/** The venues whose spot markets can be hedged with their own perps. */
const WITH_SPOT = ["binance", "bybit", "okx"] as const;
/** The venues whose orders can carry a builder's fee at all. */
const WITH_BUILDERS = ["hyperliquid", "extended", "pacifica"] as const;
/** Where the highest of them stops; a larger figure is a slip of the pen. */
const HIGHEST_BUILDER_FEE = "0.001";

export const MODES = ["paper", "testnet", "live"] as const;

const venuesTable = z.strictObject({
  use: z
    .array(z.enum(VENUES))
    .min(2, "a hedge has two legs: name at least two venues")
    .refine((names) => new Set(names).size === names.length, "names a venue twice"),
  /** Left out: all of them in mode paper, and none where real money would have to be moved for it. */
  spot: z.array(z.enum(WITH_SPOT)).optional(),
  loopback: z.string().transform(loopbackUrl),
});

/** Absent means none: no key is ever looked for in a place that was not named. */
const credentialsTable = z
  .strictObject(byVenue(VENUES, () => z.string().transform(filePath)))
  .default({});

const builderFeesTable = z
  .strictObject(byVenue(WITH_BUILDERS, () => z.string().transform(builderFee)))
  .default({});

export const venueTables = {
  venues: venuesTable,
  credentials: credentialsTable,
  builderFees: builderFeesTable,
};

const together = z.object({
  mode: z.enum(MODES),
  venues: z.object({
    use: z.array(z.enum(VENUES)),
    spot: z.array(z.string()).optional(),
    loopback: z.string(),
  }),
  credentials: z.record(z.string(), z.string()).default({}),
  mandate: z.object({ venues: z.array(z.string()) }),
});

/** What is wrong between settings that are right one by one. */
export function venueContradictions(settings: unknown): readonly string[] {
  const parsed = together.safeParse(settings);
  if (!parsed.success) return [];
  const { mode, venues, credentials, mandate } = parsed.data;
  const used: readonly string[] = venues.use;
  return [
    ...(mode === "live" && venues.loopback !== ""
      ? ["venues.loopback: must be empty in mode live; real orders go to the real venues only"]
      : []),
    ...(mode === "paper" ? [] : used.filter((venue) => !credentials[venue])).map(
      (venue) =>
        `credentials.${venue}: mode ${mode} needs a key file for it (or take ${venue} out of venues.use)`,
    ),
    ...(venues.spot ?? [])
      .filter((venue) => !used.includes(venue))
      .map((venue) => `venues.spot: ${venue} is not in venues.use`),
    ...(mode === "testnet" && venues.spot?.includes("binance")
      ? [
          "venues.spot: binance's demo has no margin account; take binance out of it in mode testnet",
        ]
      : []),
    ...mandate.venues
      .filter((venue) => !used.includes(venue))
      .map((venue) => `mandate.venues: ${venue} is not in venues.use`),
  ];
}

function byVenue<Name extends string, Value extends z.ZodType>(
  names: readonly Name[],
  make: () => Value,
) {
  return Object.fromEntries(names.map((name) => [name, make().optional()])) as {
    [name in Name]: z.ZodOptional<Value>;
  };
}

type Context = z.core.$RefinementCtx<string>;

/** "" is none. Only this machine: whoever listens there sees signed requests. */
function loopbackUrl(text: string, context: Context): string {
  if (text === "") return "";
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOurs = url && isLoopbackHost(url.hostname);
  if (!isOurs || url.protocol !== "http:" || url.username || url.search || url.hash) {
    return refuse(context, "must be empty or http://127.0.0.1:PORT (or localhost, or [::1])");
  }
  return url.href.replace(/\/?$/, "/");
}

/** A key that was pasted here by mistake must be told from a path before anything shows it. */
function filePath(text: string, context: Context): string | null {
  if (text === "") return null;
  const looksLikePath = /^\.{0,2}\/|\.(toml|json)$/.test(text);
  return looksLikePath
    ? text
    : refuse(context, "must be the path of a key file (./keys/….toml), never the key itself");
}

function builderFee(text: string, context: Context): Decimal {
  const value = parseDecimal(text);
  return value?.gt("0") && value.lte(HIGHEST_BUILDER_FEE)
    ? value
    : refuse(
        context,
        `must be a fraction in quotes above 0, at most ${HIGHEST_BUILDER_FEE}; leave it out for none`,
      );
}

function refuse(context: Context, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

/** Whether a venue's spot is to be read and traded. */
export function wantsSpot(
  { mode, venues }: Pick<z.infer<typeof together>, "mode" | "venues">,
  venue: string,
): boolean {
  const wanted: readonly string[] = venues.spot ?? (mode === "paper" ? WITH_SPOT : []);
  return wanted.includes(venue);
}
