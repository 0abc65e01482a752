import { loadSettings } from "#config/load.ts";
import { dec } from "#src/core/decimal.ts";
import { price } from "#src/core/units.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createFaultyVenue } from "#tests/support/faulty-venue.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";

/** The whole pipeline over two accounts of 10,000 USD, on which a hedge can be brought near liquidation. */
export async function createWatchedRig(
  options: {
    readonly mixed?: boolean;
    readonly venueShare?: string;
    /** Which way spot of alpha is held against its perp; absent: two perps. */
    readonly spot?: "long" | "short";
  } = {},
) {
  const clock = createJumpingClock(Date.UTC(2026, 1, 2, 10, 30));
  const spotRate = options.spot === "short" ? "-0.0009" : "0.0009";
  const steady = createSteadyMarket({
    alpha: options.spot
      ? { rate: spotRate, spot: {}, borrowPerHour: "0.00001" }
      : { rate: "0.0009" },
    beta: {
      rate: options.spot ? spotRate : "0.0001",
      instrument: options.mixed ? { settleCurrency: "USDC" } : {},
    },
  });
  /** USDT for one USDC; null: nobody says. */
  const dollars = { price: null as string | null };
  const market = {
    ...steady,
    usdcInUsdt: () => (dollars.price === null ? null : price(dollars.price)),
  };
  const { settings: read, secrets } = loadSettings("operator");
  const one = dec("1");
  const settings = {
    ...read,
    limits: { ...read.limits, hardCapUsd: dec("50000") },
    // The watch is tried, not the sizing: a hedge may be as large as the guard lets it be.
    allocation: {
      ...read.allocation,
      ...{ singlePosition: one, maxUtilisation: one, reserve: dec("0") },
      venueShareOfEquity: dec(options.venueShare ?? "1"),
    },
    execution: { ...read.execution, makerWaitMs: 0 },
  };
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  const records = createMemoryRecords();
  const venue = (id: string) =>
    createFaultyVenue(
      createPaperVenue({
        ...{ id, feed: market, records, clock, startingCashUsd: "10000", leverage: dec("3") },
      }),
    );
  const [alpha, beta] = [venue("alpha"), venue("beta")];
  const pipeline = composePipeline({
    ...{ mode: "paper", settings, secrets, store, clock, log: silentLogger },
    venues: new Map([
      ["alpha", alpha],
      ["beta", beta],
    ]),
    shout: () => undefined,
  });
  await pipeline.recover();
  let heard = 0;
  const rig = {
    ...{ clock, store, pipeline, alpha, beta, dollars, market: steady },
    /** On both venues, as a share of where it began. */
    setPrice(share: string) {
      const text = dec("60000").times(share).toFixed();
      for (const id of ["alpha", "beta"]) steady.setPrice(id, text);
    },
    /** A minute later. */
    async watch() {
      clock.jump(60_000);
      await pipeline.watch();
    },
    /** What the owner was told since this was last asked. */
    told(): readonly string[] {
      const all = store
        .dueOutbox(Number.MAX_SAFE_INTEGER, 10_000)
        .filter(({ content }) => content.type === "alert")
        .toSorted((a, b) => a.id - b.id)
        .flatMap(({ content }) => (content.type === "alert" ? [content.text] : []));
      const news = all.slice(heard);
      heard = all.length;
      return news;
    },
    hedge() {
      const found = store.listHedges().at(-1);
      if (!found) throw new Error("no hedge");
      return found;
    },
    async tap() {
      const [approval] = store.listApprovals({ state: "pending" });
      if (!approval) throw new Error("no card waits");
      store.transaction(() => store.bindApprovalMessage(approval.nonce, 1, 7));
      const result = await pipeline.approve({
        ...{ nonce: approval.nonce, userId: 1, chatId: 1, messageId: 7 },
      });
      await result.done;
      return result;
    },
    async open() {
      const { kind } = await pipeline.proposeOpen({ asset: "BTC" }, "owner");
      if (kind !== "proposed") return kind;
      return (await rig.tap()).kind;
    },
  };
  return rig;
}
