import { loadSettings } from "#config/load.ts";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Mandate } from "#src/core/mandate.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Pipeline, TapResult } from "#src/pipeline/contract.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import type { FeedSettlement, MarketFeed } from "#src/ports/market-feed.ts";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { instrument } from "#tests/support/builders.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

type Market = MarketFeed & {
  setRate(asset: string, perHour: string): void;
  /** What gamma pays an hour for everything, in the past too. */
  gamma: string;
  /** Of everything, everywhere. */
  price: string;
  /** Venues that know of no settlement. */
  silent: boolean;
};

const PRICE = "100";

/**
 * The whole pipeline over two paper venues: alpha pays what the test says for each asset, beta nothing.
 * `again` puts the same parts together once more, as a restart does.
 */
export async function createDecidingRig(
  options: {
    /** What alpha pays an hour; all of it is the pair's spread. */
    readonly assets?: Readonly<Record<string, string>>;
    readonly advisor?: Advisor | null;
    readonly openWithoutModel?: boolean;
    readonly flip?: boolean;
    /** Of the mean that enters. */
    readonly lookbackDays?: number;
    /** Beside alpha and beta. */
    readonly withGamma?: boolean;
    readonly openWith?: (store: Store) => Store;
    /** Share of all equity that all hedges may add up to. */
    readonly maxUtilisation?: string;
    /** Most of one leg. */
    readonly hardCapUsd?: string;
  } = {},
) {
  const clock = createJumpingClock(Date.UTC(2026, 1, 2, 10, 30));
  const market = createRateMarket(options.assets ?? { AAA: "0.0003", BBB: "0.0002" }, clock);
  const records = createMemoryRecords();
  const { settings: read, secrets } = loadSettings("operator");
  const settings = {
    ...read,
    flip: { enabled: options.flip ?? false },
    entry: { ...read.entry, lookbackDays: options.lookbackDays ?? read.entry.lookbackDays },
    model: { ...read.model, openWithoutModel: options.openWithoutModel ?? false },
    execution: { ...read.execution, makerWaitMs: 0 },
    limits: options.hardCapUsd
      ? { ...read.limits, hardCapUsd: dec(options.hardCapUsd) }
      : read.limits,
    allocation: options.maxUtilisation
      ? { ...read.allocation, maxUtilisation: dec(options.maxUtilisation) }
      : read.allocation,
  };
  const plain = openStore({ path: ":memory:", wallNow: clock.wallNow });
  plain.transaction(() => {
    plain.setFact("ownerId", "1");
    plain.setFact("chatId", "1");
  });
  const venues = new Map(
    ["alpha", "beta", ...(options.withGamma ? ["gamma"] : [])].map((id) => {
      const parts = { id, feed: market, records, clock, startingCashUsd: "100000" };
      return [id, createPaperVenue({ ...parts, leverage: dec("3") })];
    }),
  );
  const again = async (store: Store = plain): Promise<Pipeline> => {
    const pipeline = composePipeline({
      ...{ mode: "paper", settings, secrets, venues, store, clock, log: silentLogger },
      advisor: options.advisor ?? null,
      shout: () => undefined,
    });
    await pipeline.recover();
    return pipeline;
  };
  const pipeline = await again(options.openWith?.(plain));
  /** The owner's yes to the newest card. */
  async function tap(): Promise<TapResult> {
    const [approval] = plain.listApprovals({ state: "pending" });
    if (!approval) throw new Error("no card");
    plain.transaction(() => plain.bindApprovalMessage(approval.nonce, 1, 7));
    return pipeline.approve({ nonce: approval.nonce, userId: 1, chatId: 1, messageId: 7 });
  }
  return {
    ...{ clock, market, venues, store: plain, pipeline, again },
    arm: (over: Partial<Mandate> = {}) => armMandate(plain, clock.marketNow(), over),
    /** Assets that somebody was asked about or that were opened, in order. */
    cards: () =>
      plain
        .listProposals()
        .map(({ proposal }) => `${proposal.kind} ${proposal.asset}`)
        .reverse(),
    hedges: () => plain.listHedges().map(({ asset, phase }) => `${asset} ${phase}`),
    comments: () =>
      plain
        .dueOutbox(Number.MAX_SAFE_INTEGER, 1_000)
        .flatMap(({ content }) => (content.type === "modelComment" ? [content.decisionId] : [])),
    newest() {
      const [found] = plain.listScanDecisions({ limit: 1 });
      if (!found) throw new Error("nothing was decided");
      return found;
    },
    decisions: () => plain.listScanDecisions({ limit: 1_000 }).toReversed(),
    tap,
    /** Opens it as an owner's tap would, and waits until it is open. */
    async openByTap(asset: string) {
      const { kind } = await pipeline.proposeOpen({ asset }, "owner");
      if (kind !== "proposed") throw new Error(kind);
      await (await tap()).done;
    },
  };
}

function armMandate(store: Store, now: number, over: Partial<Mandate>): void {
  store.transaction(() =>
    store.insertMandate({
      ...{ id: "M-1", ownerId: 1, state: "armed", opensPerDay: 5, assets: [], venues: [] },
      spotVenues: [],
      ...{ perHedgeUsd: notionalUsd("100"), totalUsd: notionalUsd("500") },
      ...{ lossPerDayUsd: notionalUsd("50") },
      ...{ armedAt: now, endsAt: now + 30 * 24 * HOUR_MS },
      ...over,
    }),
  );
}

function createRateMarket(
  assets: Readonly<Record<string, string>>,
  clock: { marketNow(): number },
): Market {
  const changes = Object.entries(assets).map(([asset, perHour]) => ({ asset, perHour, since: 0 }));
  const tick = price("0.01");
  const listed = (venue: string) =>
    Object.keys(assets).map((asset) =>
      instrument({ venue, asset, symbol: `${asset}-PERP`, priceTick: tick }),
    );
  const rateAt = (venue: string, symbol: string, at: number) => {
    const found = changes.findLast((one) => `${one.asset}-PERP` === symbol && one.since < at);
    if (venue === "gamma") return rate(market.gamma);
    return rate(venue === "alpha" ? (found?.perHour ?? "0") : "0");
  };
  const nextHour = (at: number) => (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
  const market: Market = {
    silent: false,
    gamma: "0",
    price: PRICE,
    venues: ["alpha", "beta", "gamma"],
    instruments: listed,
    mark() {
      return price(this.price);
    },
    book() {
      const mid = price(this.price);
      const level = (ticks: string) => ({
        price: price(mid.plus(tick.times(ticks))),
        sizeBase: baseSize("100"),
      });
      return {
        bids: ["-1", "-2", "-3"].map(level),
        asks: ["1", "2", "3"].map(level),
      };
    },
    traded: () => ({
      volume24hUsd: notionalUsd("500000000"),
      openInterestUsd: notionalUsd("200000000"),
    }),
    upcomingRate: (venue, symbol, at) => ({
      ...{ rate: rateAt(venue, symbol, nextHour(at)), intervalHours: "1" },
      fundingAt: nextHour(at),
    }),
    settlements(venue, from, to, symbol) {
      const found: FeedSettlement[] = [];
      if (this.silent) return found;
      for (let at = nextHour(from); at <= to; at += HOUR_MS) {
        for (const one of listed(venue)) {
          if (symbol !== undefined && one.symbol !== symbol) continue;
          found.push({
            ...{ symbol: one.symbol, fundingAt: at, intervalHours: "1" },
            ...{ rate: rateAt(venue, one.symbol, at), refPrice: price(PRICE) },
          });
        }
      }
      return found;
    },
    setRate: (asset, perHour) => void changes.push({ asset, perHour, since: clock.marketNow() }),
  };
  return market;
}
