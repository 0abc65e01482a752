import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import {
  DYDX_KEY,
  dydxMarket,
  dydxOrder,
  listedBtc,
  startDydx,
} from "#tests/support/venues/dydx-rig.ts";
import type { LoopbackRequest } from "#tests/support/venues/loopback.ts";
import { listingsOf, type ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

// The indexer's own OpenAPI document, beside the project.
const SPEC = join(import.meta.dir, "../../../../shared/data/recorded/dydx/indexer-openapi.json");
const hasSpec = existsSync(SPEC);
if (!hasSpec) process.stdout.write(`skipped: no specification of dYdX's indexer at ${SPEC}\n`);

interface Spec {
  readonly paths: Readonly<
    Record<string, { readonly get?: { readonly parameters: readonly { readonly name: string }[] } }>
  >;
}

describe.skipIf(!hasSpec)("the indexer's specification", () => {
  let rig: ScriptedVenue;
  let spec: Spec;

  beforeAll(async () => {
    if (!hasSpec) return;
    spec = JSON.parse(readFileSync(SPEC, "utf8"));
    rig = await startDydx({
      "GET /v4/fills": { fills: [] },
      "GET /v4/fundingPayments": { fundingPayments: [] },
      "GET /v4/historicalFunding/": { historicalFunding: [] },
      "GET /v4/orderbooks/perpetualMarket/": { bids: [], asks: [] },
      "GET /v4/perpetualPositions": { positions: [] },
      "GET /v4/addresses/": {
        subaccount: { equity: "1", freeCollateral: "1", openPerpetualPositions: {} },
      },
      "GET /v4/orders": [dydxOrder({ status: "OPEN" })],
    });
    await askEverything(rig);
  });
  afterAll(() => rig?.server.stop());

  test("knows every path and every parameter that we ask for", () => {
    const asked = rig.server.seen.filter(({ url }) => url.hostname === "indexer.dydx.trade");
    expect(new Set(asked.map(({ url }) => url.pathname.split("/")[2])).size).toBe(10);
    for (const { url } of asked) {
      const path = templateOf(spec, url);
      const known = spec.paths[path]?.get?.parameters.map((one) => one.name) ?? [];
      for (const name of url.searchParams.keys()) expect(known, path).toContain(name);
    }
  });

  test.each([
    ["PerpetualMarketResponseObject", dydxMarket()],
    ["OrderResponseObject", dydxOrder()],
  ])("has our %s", (name, value) => {
    const ajv = new Ajv({ strict: false, logger: false });
    ajv.addSchema(spec, "spec");
    const check = ajv.getSchema(`spec#/components/schemas/${name}`);
    expect(check?.(value), JSON.stringify(check?.errors)).toBe(true);
  });
});

async function askEverything({ venue, driver }: ScriptedVenue): Promise<void> {
  const { data, account } = venue;
  const [btc] = await data.instruments();
  const symbol = btc?.symbol ?? "";
  await Promise.all([data.time(), data.fundingRates(), data.fundingHistory(symbol, 0)]);
  await Promise.all([data.orderBook(symbol), data.marketStats(symbol), account.account()]);
  await Promise.all([account.setup(symbol), account.feeRates(symbol), account.positions()]);
  await Promise.all([account.openOrders(), account.fills(0), account.fundingPayments(0)]);
  await account.lookupOrder(symbol, "HsomeOrder").catch(() => null);
  await driver.openOrders(listingsOf(listedBtc(driver)));
}

/** The documented path that a request's own fits. */
function templateOf({ paths }: Spec, url: LoopbackRequest["url"]): string {
  const parts = url.pathname.replace("/v4", "").split("/");
  const found = Object.keys(paths).find((path) => {
    const template = path.split("/");
    return (
      template.length === parts.length &&
      template.every((part, index) => part.startsWith("{") || part === parts[index])
    );
  });
  if (!found) throw new Error(`${url.pathname} of ${DYDX_KEY.walletAddress} is not documented`);
  return found;
}
