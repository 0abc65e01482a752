import { RetryableError } from "#src/core/errors.ts";
import type { PaperEngine } from "./paper-engine.ts";

/**
 * Runs work on the engine once everything that it will look at is there; `ordered` is the instrument that
 * an order is about. Throws MarketSilentError, and has changed nothing, when the market cannot be read.
 */
export type OnEngine = <T>(work: (engine: PaperEngine) => T, ordered?: string) => Promise<T>;

/** The market that the account stands in does not answer: what it is worth is unknown. */
export class MarketSilentError extends RetryableError {}
