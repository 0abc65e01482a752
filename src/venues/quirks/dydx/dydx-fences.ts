import { RetryableError } from "#src/core/errors.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { chainHeight, type Dydx, indexedHeight } from "./dydx-client.ts";

/** The chain's own limit on a short-term order's life. */
const WINDOW_BLOCKS = 20;
/** An immediate order is matched in the next block or two; the sooner it is over, the sooner that is known. */
const IMMEDIATE_BLOCKS = 5;
/** The indexer answers from several copies of its books: what one has read, the others have a block later. */
const COPIES_BLOCKS = 1;
/** Blocks come about every second. Counting on no faster a pace than this, the block comes before the time. */
const SLOW_BLOCK_MS = 2_000;

/**
 * The fence of a short-term order is a block, not a time: `goodTilBlock`, after which no block may fill it.
 * We choose it so early that it comes before `expiresAt` even on a chain at half its pace, and where it
 * matters, in the proof that an order is dead, we ask for the block itself and not for the time.
 */
export class DydxFences {
  readonly #exchange: Dydx;
  readonly #lastBlocks = new Map<string, number>();
  /** No order of an earlier process can outlive this block; null until it is asked for. */
  #horizon: number | null = null;

  constructor(exchange: Dydx) {
    this.#exchange = exchange;
  }

  /** The last block that may fill an order with so much time left; NotSentError when not even one would fit. */
  async lastBlockFor(lifeMs: number, rests: boolean): Promise<number> {
    const askedMs = this.#exchange.milliseconds();
    const height = await chainHeight(this.#exchange);
    const leftMs = lifeMs - (this.#exchange.milliseconds() - askedMs);
    const most = rests ? WINDOW_BLOCKS : IMMEDIATE_BLOCKS;
    const blocks = Math.min(most, Math.floor(leftMs / SLOW_BLOCK_MS));
    if (blocks < 1) throw new NotSentError("its time is too short for a block of dYdX's chain");
    return height + blocks;
  }

  note(orderId: string, lastBlock: number): void {
    this.#lastBlocks.set(orderId, lastBlock);
  }

  /** Throws RetryableError while a block that may still fill the order can be made, or is not indexed yet. */
  async requirePassed(orderId: string): Promise<void> {
    const lastBlock = this.#lastBlocks.get(orderId) ?? (await this.#earlierOrders());
    const height = await indexedHeight(this.#exchange);
    if (height > lastBlock + COPIES_BLOCKS) return;
    throw new RetryableError(
      `block ${height} is indexed, and until block ${lastBlock} the order may still be filled`,
    );
  }

  /** An order that we do not remember was sent before this process: at most a window below today's block. */
  async #earlierOrders(): Promise<number> {
    this.#horizon ??= (await chainHeight(this.#exchange)) + WINDOW_BLOCKS;
    return this.#horizon;
  }
}
