import { loadSettings } from "#config/load.ts";
import type { Agent } from "#src/agent/contract.ts";
import { createAgent } from "#src/agent/run-turn.ts";
import { dec } from "#src/core/decimal.ts";
import { createChainModel } from "#src/llm/chain-model.ts";
import { createMeteredModel } from "#src/llm/metered-model.ts";
import { createOfflineModel } from "#src/llm/offline-model.ts";
import { createRedactedModel } from "#src/llm/redacted-model.ts";
import { createRetryingModel } from "#src/llm/retrying-model.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import { SYSTEM_PROMPT } from "#src/main/models/system-prompt.ts";
import type { Pipeline, TapResult } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import type { OutboxItem, Store, Turn } from "#src/ports/store.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { createDeskClock } from "#tests/agent-evals/desk-clock.ts";
import { createScript } from "#tests/agent-evals/script.ts";
import { createFaultyVenue } from "#tests/support/faulty-venue.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TOOLS } from "#tools/registry.ts";

export const OWNER = 1001;
export const KEY = "sk-canary-0123456789abcdef";
const FREE = { input: dec("0"), cachedInput: dec("0"), cacheWrite: dec("0"), output: dec("0") };
const PRICES = { input: dec("3"), cachedInput: dec("1"), cacheWrite: dec("4"), output: dec("15") };
const FEED = createSyntheticMarket({ seed: 7 });

export interface DeskOptions {
  /** Who answers before the rules: the first model, both, or none. */
  readonly models?: 0 | 1 | 2;
  readonly chatUsdPerDay?: number;
  readonly chatUsdPerTurn?: number;
  readonly path?: string;
  /** Instead of scripted ones. */
  readonly chain?: (clock: Clock, store: Store) => readonly LanguageModel[];
}

/** The real agent, tools and pipeline over paper venues, with models that a script leads. */
export class Desk {
  readonly clock = createDeskClock(FEED.startAt + 20 * 60_000);
  readonly script = createScript();
  readonly #records = createMemoryRecords();
  readonly #options: DeskOptions;
  readonly store: Store;
  readonly venues: ReadonlyMap<string, ReturnType<typeof createFaultyVenue>>;
  /** What the outbox has given out. */
  readonly delivered: OutboxItem[] = [];
  pipeline: Pipeline;
  agent: Agent;
  taps = 0;
  #message = 0;

  constructor(options: DeskOptions = {}) {
    this.#options = options;
    const { clock } = this;
    this.store = openStore({ path: options.path ?? ":memory:", wallNow: clock.wallNow });
    this.venues = new Map(FEED.venues.map((id) => [id, this.#openVenue(id)]));
    this.store.transaction(() => {
      this.store.setFact("ownerId", String(OWNER));
      this.store.setFact("chatId", String(OWNER));
    });
    this.pipeline = this.#compose();
    this.agent = this.#engage();
  }

  async begin(): Promise<this> {
    await this.pipeline.recover();
    return this;
  }

  /** Another process on the same rows: what the old one held is nobody's any more. */
  async restart(): Promise<void> {
    this.pipeline = this.#compose();
    this.agent = this.#engage();
    this.agent.recover();
    await this.pipeline.recover();
  }

  /** Delivers everything, cards to messages of their own, as the door does. */
  deliver(): void {
    for (const item of this.store.dueOutbox(Number.MAX_SAFE_INTEGER, 1_000)) {
      const { content, chatId } = item;
      this.delivered.push(item);
      this.#message += 1;
      this.store.transaction(() => {
        if ("nonce" in content) {
          this.store.bindApprovalMessage(content.nonce, chatId, this.#message);
        }
        this.store.markDelivered(item.id, this.clock.wallNow());
      });
    }
  }

  /** The cards that were sent, newest last. */
  cards() {
    this.deliver();
    return this.delivered.flatMap(({ content }) => ("nonce" in content ? [content] : []));
  }

  /** A tap on the newest card, or so many before it. */
  async tap(verb: "approve" | "decline", back = 0, userId = OWNER): Promise<TapResult> {
    const { nonce = "none" } = this.cards().at(-1 - back) ?? {};
    const messageId = this.store.getApproval(nonce)?.messageId ?? 0;
    const press = { nonce, userId, chatId: OWNER, messageId };
    if (userId === OWNER) this.taps += 1;
    const result =
      verb === "approve" ? await this.pipeline.approve(press) : this.pipeline.decline(press);
    await result.done;
    return result;
  }

  get isScripted(): boolean {
    return this.#options.chain === undefined;
  }

  turns(chatId = OWNER): readonly Turn[] {
    return this.store.endedTurns(chatId, 0, 10_000);
  }

  close(): void {
    this.store.close();
  }

  #openVenue(id: string) {
    const { clock } = this;
    const account = { startingCashUsd: "10000", leverage: dec("3") };
    const records = this.#records;
    return createFaultyVenue(createPaperVenue({ id, feed: FEED, records, clock, ...account }));
  }

  #compose(): Pipeline {
    const { clock, store, venues } = this;
    const { settings, secrets } = loadSettings("demo");
    const shout = () => undefined;
    return composePipeline({
      mode: "demo",
      ...{ settings, secrets },
      venues,
      store,
      clock,
      shout,
      log: silentLogger,
    });
  }

  #engage(): Agent {
    const { clock, store, pipeline } = this;
    return createAgent({
      ...{ store, clock, redact, log: silentLogger, ids: createRandomIds() },
      ...{ tools: TOOLS, toolContext: { pipeline }, system: SYSTEM_PROMPT },
      model: this.#chain(),
    });
  }

  /** As main chooses it: booked, retried once, one behind the other, the rules last. */
  #chain(): LanguageModel {
    const { clock, store } = this;
    const { models = 1, chatUsdPerDay = 5, chatUsdPerTurn = 1, chain } = this.#options;
    const budgets = {
      perDay: { chat: chatUsdPerDay * 1e6, scan: 1e6 },
      perTurn: chatUsdPerTurn * 1e6,
    };
    const shared = { budgets, store, clock, log: silentLogger };
    const metered = (
      chain?.(clock, store) ?? [this.script.first, this.script.second].slice(0, models)
    ).map((model) =>
      createRetryingModel(
        createMeteredModel(model, { provider: "test", prices: PRICES, ...shared }),
        { clock, windowMs: 30_000 },
      ),
    );
    const rules = createMeteredModel(createOfflineModel(metered.length > 0 ? null : undefined), {
      ...{ provider: "offline", prices: FREE, ...shared },
    });
    return createRedactedModel(createChainModel([...metered, rules]), redact);
  }
}

export function redact(text: string): string {
  return text.replaceAll(KEY, "[redacted]");
}
