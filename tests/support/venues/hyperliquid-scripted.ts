import type { Exchange } from "ccxt";
import type { Listed, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import { AGENT_KEY, OWNER } from "./hyperliquid-rig.ts";

type Body = Readonly<Record<string, unknown>>;

/** The driver on ccxt's real class, with answers by the request's `type`; no network. */
export async function scriptedHyperliquid(
  answers: Readonly<Record<string, (body: Body) => unknown>>,
  options: {
    readonly builderFeeRate?: string | null;
    readonly walletAddress?: string;
    readonly privateKey?: string;
  } = {},
) {
  const url = new URL("./src/hyperliquid.js", import.meta.resolve("ccxt")).href;
  const { default: Class }: { readonly default: new (config: unknown) => Exchange } = await import(
    url
  );
  const asked: Body[] = [];
  const exchange = new Class({
    walletAddress: options.walletAddress ?? OWNER,
    privateKey: options.privateKey ?? AGENT_KEY,
    enableRateLimit: false,
    ...hyperliquid.options("live"),
  });
  Object.assign(exchange, {
    fetchImplementation: async (_url: string, init: { readonly body: string }) => {
      const body: Body = JSON.parse(init.body);
      asked.push(body);
      const answer = answers[String(body["type"] ?? "exchange")];
      if (!answer) throw new Error(`nobody expected ${init.body}`);
      return Response.json(answer(body));
    },
  });
  const builderFeeRate = options.builderFeeRate ?? null;
  const driver = hyperliquid.create({ exchange, mode: "live", builderFeeRate });
  return { driver, exchange, asked };
}

/** A market as ccxt makes it of the venue's own row. */
export function listedHyperliquid(driver: VenueDriver, info: Body): Listed | null {
  return driver.list({ symbol: `${String(info["name"])}/USDC:USDC`, info } as never);
}

/** As `listedHyperliquid`, for what must be listed. */
export function mustList(driver: VenueDriver, info: Body): Listed {
  const listed = listedHyperliquid(driver, info);
  if (!listed) throw new Error(`${String(info["name"])} is not listed`);
  return listed;
}

export const BTC = { name: "BTC", szDecimals: 5, maxLeverage: 40, markPx: "64000.0" };
export const KPEPE = { name: "kPEPE", szDecimals: 0, maxLeverage: 10, markPx: "0.011234" };

/** A fill of the venue's; each has its own id. */
export function fillRow(over: Body = {}): Body {
  return {
    ...{ coin: "BTC", px: "64000.0", sz: "0.001", side: "B", time: 1_770_000_000_123 },
    ...{ startPosition: "0.0", dir: "Open Long", closedPnl: "0.0", hash: "0x00", oid: 77 },
    ...{ crossed: true, fee: "0.0288", tid: 1, feeToken: "USDC", twapId: null },
    cloid: null,
    ...over,
  };
}
