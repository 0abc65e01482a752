import type { okx as OkxExchange } from "ccxt";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { isOkxRow } from "./okx-reply.ts";

/** The only private requests that change anything; an order must die in time, the others may come late. */
const MUTATIONS: ReadonlyMap<string, "fenced" | "unfenced"> = new Map([
  ["trade/order", "fenced"],
  ["trade/cancel-order", "unfenced"],
  ["account/set-leverage", "unfenced"],
]);

/**
 * Puts the venue's deadline on every order, because ccxt has no parameter for it, and signs no change that
 * is not listed above: neither an order without a deadline, nor anything that ccxt might think of by itself.
 */
export function fenceOkxSigning(exchange: OkxExchange): void {
  const sign = exchange.sign.bind(exchange);
  exchange.sign = (...request) => {
    const [path, api = "public", method = "GET", params = {}] = request;
    if (api !== "private" || method === "GET") return sign(...request);
    const kind = MUTATIONS.get(String(path));
    if (!kind) throw new NotSentError(`${method} ${String(path)} is not signed here`);
    if (kind === "unfenced") return sign(...request);
    // Asked first: signing itself would add the id and the tag of ccxt's broker to an order without an id.
    if (!isOkxRow(params) || !params["clOrdId"] || "tag" in params) {
      throw new NotSentError("an order needs our own id, and nobody's tag");
    }
    const expiresAt = currentCall()?.expiresAt ?? null;
    if (expiresAt === null) throw new NotSentError("an order needs a deadline");
    const signed = sign(...request);
    return { ...signed, headers: { ...signed["headers"], expTime: String(expiresAt) } };
  };
}
