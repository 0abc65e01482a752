import { AsyncLocalStorage } from "node:async_hooks";
import type { Cause } from "./evidence.ts";

/**
 * Why something happens: the runtime carries what the world began along everything that comes of it, so the
 * judge need not guess whose order it sees, and the product has no say in it.
 */
const causes = new AsyncLocalStorage<Cause>();

export function because<T>(cause: Cause, work: () => T): T {
  return causes.run(cause, work);
}

export function causeNow(): Cause | null {
  return causes.getStore() ?? null;
}

/** For what is called later, by somebody else. */
export function keepingCause<T>(work: () => T): () => T {
  return AsyncLocalStorage.bind(work);
}
