import { expect, test } from "bun:test";
import { Wallet } from "ethers";
import { inCall, newCall } from "#src/venues/ccxt/call-context.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import { AGENT_KEY, OWNER } from "#tests/support/venues/hyperliquid-rig.ts";
import { BTC, mustList, scriptedHyperliquid } from "#tests/support/venues/hyperliquid-scripted.ts";
import { hyperliquidSigner, type SignedAction } from "#tests/support/venues/hyperliquid-signer.ts";

const FENCE = 1_790_000_000_000;
const CLOID = `0x${"e".repeat(32)}`;

async function cancelling() {
  const scripted = await scriptedHyperliquid({
    metaAndAssetCtxs: () => [{ universe: [BTC] }, [{ markPx: "64000.0" }]],
    meta: () => ({ universe: [BTC], marginTables: [] }),
    exchange: () => ({
      status: "ok",
      response: { type: "cancel", data: { statuses: ["success"] } },
    }),
  });
  await scripted.exchange.loadMarkets();
  const of = mustList(scripted.driver, BTC);
  const cancel = (fence: number | null) =>
    inCall(newCall("reduce", fence), () =>
      scripted.driver.cancel(of, { wireId: CLOID, venueOrderId: "" }),
    );
  const sent = () => scripted.asked.filter((one) => "action" in one) as unknown as SignedAction[];
  return { ...scripted, cancel, sent };
}

test("signs the fence of a cancel that has one, and none when it has none", async () => {
  const { cancel, sent } = await cancelling();
  await cancel(FENCE);
  await cancel(null);
  const [fenced, free] = sent();
  expect(fenced?.expiresAfter).toBe(FENCE);
  expect(free && "expiresAfter" in free).toBe(false);
  for (const one of sent()) {
    expect(hyperliquidSigner(one, false)).toBe(new Wallet(AGENT_KEY).address.toLowerCase());
  }
});

test("signs a fence beyond what ccxt can hash as the last one that it can", async () => {
  const { cancel, sent } = await cancelling();
  await cancel(Number.MAX_SAFE_INTEGER);
  const [only] = sent();
  expect(only?.expiresAfter).toBe(0xfff_ffff_ffff);
  expect(only && hyperliquidSigner(only, false)).toBe(new Wallet(AGENT_KEY).address.toLowerCase());
  await expect(cancel(5)).rejects.toThrow(RangeError);
  expect(sent()).toHaveLength(1);
});

test("uses no nonce twice, and none below the last, when the clock steps back", async () => {
  const { cancel, sent, exchange } = await cancelling();
  let now = Date.now();
  exchange.milliseconds = () => {
    now -= 1_000;
    return now;
  };
  for (let times = 0; times < 5; times += 1) await cancel(FENCE);
  const nonces = sent().map((one) => one.nonce);
  expect(nonces).toEqual([...new Set(nonces)].toSorted((a, b) => a - b));
  expect(nonces).toHaveLength(5);
});

test("signs nothing but what trading needs, whoever asks ccxt to", async () => {
  const url = new URL("./src/hyperliquid.js", import.meta.resolve("ccxt")).href;
  const { default: Class } = await import(url);
  const options = hyperliquid.options("live");
  const keys = { privateKey: AGENT_KEY, walletAddress: OWNER };
  const exchange = new Class({ ...keys, enableRateLimit: false, ...options });
  const sent: string[] = [];
  exchange.fetchImplementation = async (to: string) => {
    sent.push(to);
    return Response.json([{ universe: [] }, []]);
  };
  hyperliquid.create({ exchange, mode: "live", builderFeeRate: null });
  await exchange.setRef();
  await expect(exchange.approveBuilderFee(OWNER, "1%")).rejects.toThrow("not an action of ours");
  await expect(exchange.transfer("USDC", 1, "spot", "swap")).rejects.toThrow();
  expect(await exchange.initializeClient()).toBe(true);
  expect(sent.filter((to) => to.endsWith("/exchange"))).toEqual([]);
});
