import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { VENUES } from "#config/venue-settings.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { openExchange } from "#src/venues/ccxt/open-exchange.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { PACIFICA_AGENT_KEY } from "#tests/support/venues/pacifica-documents.ts";

/** Of the form that each field has, so that whatever reads it while it is being made can. */
const PLANTED: Readonly<Record<string, string>> = {
  apiKey: "CanaryKey4f1b9c77d2e84a06b3c5e7f9a1b2c3d4",
  secret: "CanarySecret8e1f4c7b2a5d90836f7e8d9c0b1a2f3e",
  password: "CanaryPassword1",
  privateKey: `0x0${"0ffee12ca9a5e7d".repeat(4)}ca9`,
  walletAddress: `0x${"ab".repeat(20)}`,
  accountId: "126",
};

/** Every venue that has its ways already. */
const known = await Array.fromAsync(VENUES, (name) => loadQuirks(name).catch(() => null));
const cases = known.flatMap((quirks) => (quirks ? [[quirks.profile.name, quirks] as const] : []));

test.each(cases)(
  "printing %s's venue or its exchange in any way shows no key",
  async (_name, quirks) => {
    const fields = quirks.profile.credentials;
    const own: Readonly<Record<string, string>> =
      quirks.profile.id === "pacifica" ? { privateKey: PACIFICA_AGENT_KEY } : {};
    const planted = { ...PLANTED, ...own };
    const credentials = Object.fromEntries(fields.map((field) => [field, planted[field] ?? "x"]));
    const clock = createSystemClock();
    const shared = { quirks, credentials, mode: "live" } as const;
    const venue = await createCcxtVenue({
      ...{ ...shared, clock, builderFeeRate: null, loopback: "" },
      ...{ saved: createMemoryRecords(), ourOrders: () => [] },
    });
    const exchange = await openExchange({
      ...shared,
      gate: new RequestGate({ name: "x", clock, perSecond: 1, burst: 1 }),
      wire: { clock, aheadMs: () => 0, loopback: "" },
    });
    const parts = [
      venue,
      venue.driver,
      venue.account,
      venue.trading,
      exchange,
      venue.data,
      new Map([["v", venue]]),
    ];
    const printed = parts.flatMap((part) => [
      Bun.inspect(part),
      inspect(part, { depth: 20 }),
      JSON.stringify(part),
      JSON.stringify({ ...part }),
      String(part),
    ]);

    for (const field of fields) expect(PLANTED).toHaveProperty(field);
    expect(printed.join("\n")).not.toMatch(/canary|ffee12ca9a5e7d/i);
    expect(printed.join("\n")).not.toContain(PACIFICA_AGENT_KEY);
  },
);
