/** Where identity and randomness come from. */
export interface Ids {
  /** Short and readable, unique per installation: `P-7f3k2a`. */
  next(prefix: string): string;
  /** 16 random bytes as base64url: an approval's callback data. Never shown to a model. */
  nonce(): string;
}
