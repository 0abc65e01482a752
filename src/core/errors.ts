/** Exceptions are named by what to do about them; whatever else is thrown is a bug. */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  /** How long the service asked us to wait; null when it did not say. */
  readonly waitMs: number | null;

  constructor(message: string, options: ErrorOptions & { readonly waitMs?: number } = {}) {
    super(message, options);
    this.waitMs = options.waitMs ?? null;
  }
}

/** Something only the operator can mend: a bad key, a bad setting, a bad file. Shown as one line. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** A short, single-line description of anything thrown; never a stack. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 300);
}
