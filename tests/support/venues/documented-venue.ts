import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { jsonReply, type Loopback, type LoopbackRequest, startLoopback } from "./loopback.ts";

/** What each "METHOD /path" answers: a payload, or what makes one of the request. */
export type Answers = Readonly<Record<string, unknown>>;

type VenueOptions = Parameters<typeof createCcxtVenue>[0];

export interface DocumentedVenue {
  readonly server: Loopback;
  readonly venue: Awaited<ReturnType<typeof createCcxtVenue>>;
  /** The requests to one path, oldest first. */
  asked(path: string): readonly LoopbackRequest[];
  stop(): Promise<void>;
}

/** Our adapter with its real ccxt class, over payloads that are written down. What is not is a 404. */
export async function startDocumentedVenue(
  quirks: Quirks,
  answers: Answers,
  over: Partial<VenueOptions> = {},
): Promise<DocumentedVenue> {
  const server = startLoopback({
    handle(request) {
      const key = `${request.method} ${request.url.pathname}`;
      if (!(key in answers)) return new Response(`nothing is written of ${key}`, { status: 404 });
      const said = answers[key];
      const answer: unknown = typeof said === "function" ? said(request) : said;
      return answer instanceof Response ? answer : jsonReply(answer);
    },
  });
  const venue = await createCcxtVenue({
    ...{ quirks: unhurried(quirks), mode: "live", credentials: null, builderFeeRate: null },
    ...{ loopback: server.proxyUrl, clock: createSystemClock(), saved: createMemoryRecords() },
    ourOrders: () => [],
    ...over,
  });
  return {
    server,
    venue,
    asked: (path) => server.seen.filter(({ url }) => url.pathname === path),
    stop: server.stop,
  };
}

/** On this machine nobody has to be spared. */
function unhurried(quirks: Quirks): Quirks {
  const budget = { perSecond: 100_000, burst: 100_000 };
  return { ...quirks, profile: { ...quirks.profile, budget } };
}
