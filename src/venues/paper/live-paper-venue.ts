import type { Decimal } from "#src/core/decimal.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Records } from "#src/ports/records.ts";
import type { Venue } from "#src/ports/venue.ts";
import { FeedGap, LiveFeed } from "./live-feed.ts";
import { MarketSilentError, type OnEngine } from "./on-engine.ts";
import { PaperEngine } from "./paper-engine.ts";
import { readPaperAccount } from "./read-paper-account.ts";
import { tradeOnPaper } from "./trade-on-paper.ts";

/**
 * A paper account on a real venue's public data: the data are the venue's own, only the account and the
 * fills are simulated. Nothing is asked before somebody asks; while the venue does not answer, the account
 * is unknown and orders are not sent, and it comes in by itself when the venue answers again.
 */
export function createLivePaperVenue(options: {
  readonly source: Pick<Venue, "id" | "data" | "capabilities" | "health">;
  readonly records: Records;
  readonly clock: Clock;
  readonly startingCashUsd: string;
  readonly leverage: Decimal;
  readonly log?: Logger;
}): Venue {
  const { source, clock, records } = options;
  const { id, data } = source;
  const feed = new LiveFeed({ data, clock, records });
  const onEngine = engineOver(feed, { ...options, id });
  return {
    ...{ id, data },
    // As the venue's own: what could not be proven there is not rehearsed as if it could.
    get capabilities() {
      return source.capabilities;
    },
    // The account that would have to be read again after an outage is our own, and always known.
    health: () => {
      const health = source.health();
      return health.state === "recovering" ? { state: "ok", reason: null } : health;
    },
    account: readPaperAccount({ id, clock, onEngine, observedAt: () => feed.oldestMarkAt() }),
    trading: tradeOnPaper(onEngine),
    // The account is simulated when it is asked: nothing happens to it in between.
    streams: null,
  };
}

function engineOver(
  feed: LiveFeed,
  options: Omit<ConstructorParameters<typeof PaperEngine>[0], "feed">,
): OnEngine {
  let engine: PaperEngine | null = null;

  async function ready(): Promise<PaperEngine> {
    const renewed = await feed.list();
    if (!engine) engine = new PaperEngine({ ...options, feed });
    else if (renewed) engine.market.relist();
    return engine;
  }

  return async (work, ordered) => {
    const running = await orSilent(options.id, ready());
    const known = ordered !== undefined && running.market.find(ordered) ? ordered : null;
    const inUse = running.symbolsInUse();
    const wanted = {
      marks: known === null ? inUse : new Set([...inUse, known]),
      books: new Set(running.openOrders().map((order) => order.request.symbol)),
      ordered: known,
      unsettled: running.unsettled(),
    };
    await orSilent(options.id, feed.refresh(wanted));
    const filled = new Set<string>();
    for (;;) {
      try {
        return work(running);
      } catch (error) {
        // A throw has left the account as it was: what was missed is read, once, and it runs again.
        if (!(error instanceof FeedGap)) throw error;
        if (filled.has(error.message)) throw silent(options.id, error);
        filled.add(error.message);
        await orSilent(options.id, feed.fill(error));
      }
    }
  };
}

async function orSilent<T>(id: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof OperatorError ? error : silent(id, error);
  }
}

function silent(id: string, error: unknown): MarketSilentError {
  return new MarketSilentError(`${id} does not answer: ${describeError(error)}`, { cause: error });
}
