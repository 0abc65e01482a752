/** Thrown before the first byte left: the venue knows nothing of it. The text is safe to show. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
}
