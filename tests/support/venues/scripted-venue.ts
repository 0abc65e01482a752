import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { DriverParts, Listed, Listings, Quirks } from "#src/venues/ccxt/driver.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { jsonReply, type LoopbackRequest, startLoopback } from "./loopback.ts";

/** What a path answers: JSON, or a function that makes JSON or a whole response of the request. */
export type Answer = object | ((request: LoopbackRequest) => object | Promise<object>);
/** By "GET /path", where a longer one wins over one that it begins with. */
export type Answers = Record<string, Answer>;

/**
 * Our adapter with its real ccxt class, speaking to documented answers. `answers` can be changed while it
 * runs; what it has no answer for is a mistake of the test and shows as HTTP 599.
 */
export async function startScriptedVenue(
  quirks: Quirks,
  credentials: Readonly<Record<string, string>>,
  answers: Answers,
  mode: DriverParts["mode"] = "live",
) {
  const server = startLoopback({ handle: (request) => answerTo(request, answers) });
  const unhurried: Quirks = {
    ...quirks,
    profile: { ...quirks.profile, budget: { perSecond: 100_000, burst: 100_000 } },
  };
  const venue = await createCcxtVenue({
    ...{ quirks: unhurried, mode, credentials, builderFeeRate: null },
    ...{ loopback: server.proxyUrl, clock: createSystemClock(), saved: createMemoryRecords() },
    ourOrders: () => [],
  });
  return {
    ...{ venue, driver: venue.driver, server, answers },
    /** The requests to a path, oldest first. */
    asked: (route: string) => server.seen.filter((one) => routeOf(one).startsWith(route)),
  };
}

export type ScriptedVenue = Awaited<ReturnType<typeof startScriptedVenue>>;

export function listingsOf(...all: readonly Listed[]): Listings {
  return new Map(all.map((one) => [one.instrument.symbol, one]));
}

async function answerTo(request: LoopbackRequest, answers: Answers): Promise<Response> {
  const route = routeOf(request);
  const [known] = Object.keys(answers)
    .filter((key) => route.startsWith(key))
    .toSorted((a, b) => b.length - a.length);
  const answer = known === undefined ? undefined : answers[known];
  if (answer === undefined) return new Response(`no answer for ${route}`, { status: 599 });
  const said = typeof answer === "function" ? await answer(request) : answer;
  return said instanceof Response ? said : jsonReply(said);
}

function routeOf({ method, url }: LoopbackRequest): string {
  return `${method} ${url.pathname}`;
}
