import type { Transformer } from "grammy";

/** Telegram would fetch an address to show a preview of it: with what a model put into it. */
export function withoutPreviews(): Transformer {
  return (call, method, payload, signal) => {
    const carriesText = method === "sendMessage" || method === "editMessageText";
    const quiet = { ...payload, link_preview_options: { is_disabled: true } };
    return call(method, carriesText ? quiet : payload, signal);
  };
}
