import type { OutboxItem } from "./store.ts";

/** Where the bot's own messages go. Throws RetryableError (with a wait, if the service named one). */
export interface Notifier {
  deliver(item: OutboxItem): Promise<void>;
}
