import { htmlReply, type LoopbackFault, type LoopbackRequest } from "./loopback.ts";

type Trouble = Pick<LoopbackFault, "execute" | "reply">;

const page = (status: number) => () => htmlReply(status);
const json = (body: unknown, status: number) => () => Response.json(body, { status });

/** What happens to requests on their way; most of it after the venue has done what was asked. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  "503 before": { reply: page(503) },
  "503 after": { execute: true, reply: page(503) },
  "a JSON 502 after": {
    execute: true,
    reply: json(
      { code: -1000, retCode: 10016, msg: "unknown error", retMsg: "unknown error" },
      502,
    ),
  },
  "no answer": { reply: "hang" },
  "no answer after": { execute: true, reply: "hang" },
  "cut before": { reply: "cut" },
  "cut after": { execute: true, reply: "cut" },
  "429 before": { reply: () => htmlReply(429, { "retry-after": "1" }) },
  "a page after": { execute: true, reply: page(200) },
  "an empty answer after": { execute: true, reply: () => new Response("") },
  "null after": { execute: true, reply: json(null, 200) },
  "a list after": { execute: true, reply: json([], 200) },
};

/** From the first order on each request meets one of the troubles with this chance; how often each struck. */
export function troubleTheWire(
  faults: { next(fault: LoopbackFault): void },
  { chance, random }: { readonly chance: number; readonly random: () => number },
): ReadonlyMap<string, number> {
  const struck = new Map<string, number>();
  const kinds = Object.entries(TROUBLES);
  let begun = false;
  for (const [name, trouble] of kinds) {
    const strikes = (request: LoopbackRequest) => {
      begun ||= orderIdIn(request) !== null;
      const hit = begun && random() < chance / kinds.length;
      if (hit) struck.set(name, (struck.get(name) ?? 0) + 1);
      return hit;
    };
    faults.next({ ...trouble, when: strikes, times: Number.POSITIVE_INFINITY });
  }
  return struck;
}

/** Our id of the order that a request places at Binance or Bybit; null when it places none. */
export function orderIdIn({ method, url, body }: LoopbackRequest): string | null {
  if (method !== "POST") return null;
  const binance = new URLSearchParams(`${url.search.slice(1)}&${body}`).get("newClientOrderId");
  const bybit = /\/order\/create$/.test(url.pathname) && /"orderLinkId":"(\w+)"/.exec(body)?.[1];
  return binance ?? (bybit || null);
}
