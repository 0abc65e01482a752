/**
 * Durable records for what stands outside the bot in a sandbox: the paper venues' accounts and the chat
 * server's messages. A write is one transaction, on disk before it returns.
 */
export interface Records {
  /** In the order in which the keys were first written. */
  load(collection: string): readonly { readonly key: string; readonly value: string }[];
  write(
    changes: readonly {
      readonly collection: string;
      readonly key: string;
      /** JSON text; null deletes. */
      readonly value: string | null;
    }[],
  ): void;
}
