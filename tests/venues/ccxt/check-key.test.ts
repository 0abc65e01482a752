import { describe, expect, test } from "bun:test";
import { OperatorError, RetryableError } from "#src/core/errors.ts";
import { usd } from "#src/core/units.ts";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import { checkKey } from "#src/venues/ccxt/check-key.ts";
import type { KeyFacts, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";

const GOOD: KeyFacts = { canTrade: true, canWithdraw: false, accountId: "uid-77771234" };
const SECRET = "canary-secret-000001";

const profile: VenueProfile = {
  ...{
    id: "bybit",
    name: "Bybit",
    ccxtName: "bybit",
    hosts: [],
    testHosts: [],
    rehearsal: "testnet",
  },
  ...{ credentials: ["apiKey", "secret"], listFees: { taker: "0", maker: "0" } },
  capabilities: { provable: true, restingFence: false },
  budget: { perSecond: 1, burst: 1 },
  refusals: { "10003": "UNAUTHORISED", "10004": "UNAUTHORISED", "10002": "EXPIRED" },
  notFound: [],
  streams: null,
};

/** A venue whose key says this, or answers so. */
function driverWith(
  over: Partial<KeyFacts> | (() => Promise<KeyFacts>),
  more: { readonly profile?: Partial<VenueProfile>; readonly equity?: string } = {},
): VenueDriver {
  const keyFacts = typeof over === "function" ? over : async () => ({ ...GOOD, ...over });
  const driver: Partial<VenueDriver> = {
    profile: { ...profile, ...more.profile },
    keyFacts,
    account: async () => ({
      ...{ equityUsd: usd(more.equity ?? "1000"), freeCollateralUsd: usd("1000") },
      maintenanceUsd: usd("0"),
    }),
    codeOf: ({ json }) =>
      typeof json === "object" && json !== null && "retCode" in json ? String(json.retCode) : null,
  };
  return driver as VenueDriver;
}

/** As ccxt would: the answer came over the wire, then an error with everything in its text. */
function answered(httpStatus: number, body: string): () => Promise<KeyFacts> {
  return async () => {
    const call = currentCall();
    if (call) Object.assign(call, { sent: true, reply: { httpStatus, body } });
    throw new Error(`bybit GET https://api.bybit.com/v5?api_key=${SECRET}&signature=abc ${body}`);
  };
}

async function check(
  driver: VenueDriver,
  over: { readonly mode?: "live" | "testnet"; readonly expected?: string | null } = {},
) {
  const result = await checkKey({
    ...{ driver, mode: over.mode ?? "live", expectedAccountId: over.expected ?? null },
  });
  for (const { says } of result.findings) expect(says).not.toMatch(/canary|signature|https:|\n/);
  return result;
}

async function only(...args: Parameters<typeof check>) {
  const { findings } = await check(...args);
  expect(findings).toHaveLength(1);
  return findings[0];
}

describe("a good key", () => {
  test("has no findings, and says whose it is", async () => {
    expect(await check(driverWith({}))).toEqual({ findings: [], accountId: "uid-77771234" });
    expect((await check(driverWith({}), { expected: "uid-77771234" })).findings).toEqual([]);
  });
});

describe("a key is refused", () => {
  test("when it may withdraw", async () => {
    const found = await only(driverWith({ canWithdraw: true }));
    expect(found).toMatchObject({ code: "MAY_WITHDRAW", severity: "refused" });
    expect(found?.says).toContain("so it is not used");
  });

  test("when it may not trade", async () => {
    const found = await only(driverWith({ canTrade: false }));
    expect(found).toMatchObject({ code: "MAY_NOT_TRADE", severity: "refused" });
  });

  test("when it is of another account than the hedges here; both are named by their ends", async () => {
    const found = await only(driverWith({}), { expected: "uid-99995678" });
    expect(found).toMatchObject({ code: "WRONG_ACCOUNT", severity: "refused" });
    expect(found?.says).toContain("…1234");
    expect(found?.says).toContain("…5678");
  });

  test("for everything that is wrong with it, a line each", async () => {
    const driver = driverWith({ canWithdraw: true, canTrade: false });
    const { findings } = await check(driver, { expected: "uid-99995678" });
    expect(findings.map((one) => one.code)).toEqual([
      "MAY_WITHDRAW",
      "MAY_NOT_TRADE",
      "WRONG_ACCOUNT",
    ]);
  });
});

describe("a key that its venue refuses", () => {
  const body = JSON.stringify({ retCode: 10003, retMsg: `invalid key ${SECRET}` });

  test.each([
    ["live", "a key of Bybit's testnet while mode is live"],
    ["testnet", "a key of the real Bybit while mode is testnet"],
  ] as const)("in mode %s may be of the other world: it is said", async (mode, says) => {
    const found = await only(driverWith(answered(401, body)), { mode });
    expect(found).toMatchObject({ code: "KEY_REFUSED", severity: "refused" });
    expect(found?.says).toContain("(10003)");
    expect(found?.says).toContain(says);
  });

  test("for its secret is told apart", async () => {
    const found = await only(driverWith(answered(200, '{"retCode":10004,"retMsg":"sign"}')));
    expect(found?.says).toContain("the secret is not the one of this key");
    expect(found?.says).toContain("put the right apiKey, secret into the file");
  });

  test("with nothing but HTTP 401 is refused all the same", async () => {
    const found = await only(driverWith(answered(401, "<html>")));
    expect(found).toMatchObject({ code: "KEY_REFUSED" });
  });

  test("that cannot even sign is told without asking the venue", async () => {
    const found = await only(
      driverWith(() => Promise.reject(new TypeError(`bad private key ${SECRET}`))),
    );
    expect(found).toMatchObject({ code: "KEY_UNUSABLE", severity: "refused" });
    expect(found?.says).toContain("Check the form of apiKey, secret");
  });

  test("for the time it was sent at is the clock's fault, not the key's", async () => {
    const found = await only(driverWith(answered(200, '{"retCode":10002}')));
    expect(found).toMatchObject({ code: "CLOCK", severity: "refused" });
    expect(found?.says).toContain("timedatectl");
  });
});

describe("a key that could not be checked", () => {
  test.each([
    ["no answer", () => Promise.reject(new RetryableError("Bybit: too many requests"))],
    ["an error of the venue", answered(503, "<html>busy</html>")],
    ["nonsense", answered(200, "<html>hello</html>")],
    ["a block of this country", answered(403, "forbidden")],
  ])("because of %s is not refused, and not accepted either", async (_name, keyFacts) => {
    const found = await only(driverWith(keyFacts));
    expect(found).toMatchObject({ code: "NO_ANSWER", severity: "unchecked" });
    expect(found?.says).toContain("nothing opens there");
  });
});

describe("what the owner should know", () => {
  test("a venue that does not tell a key's rights", async () => {
    const found = await only(driverWith({ canWithdraw: null, canTrade: null }));
    expect(found).toMatchObject({ code: "RIGHTS_NOT_TOLD", severity: "note" });
    expect(found?.says).toContain("may trade or withdraw");
  });

  test("a venue that does not tell whose key it is", async () => {
    const found = await only(driverWith({ accountId: null }), { expected: "uid-77771234" });
    expect(found).toMatchObject({ code: "ACCOUNT_NOT_TOLD", severity: "note" });
  });

  test("an account that holds nothing", async () => {
    const found = await only(driverWith({}, { equity: "0" }));
    expect(found).toMatchObject({ code: "EMPTY_ACCOUNT", severity: "note" });
  });
});

test("an account that must be changed at the venue first is told in the words of its quirks", async () => {
  const says = "bybit's account is not a unified trading account: upgrade it there";
  const found = await only(driverWith(() => Promise.reject(new OperatorError(says))));
  expect(found).toMatchObject({ code: "ACCOUNT_UNFIT", severity: "refused", says });
});

test("a venue without a test venue is refused in mode testnet, before it is asked", async () => {
  let asked = false;
  const driver = driverWith(
    async () => {
      asked = true;
      return GOOD;
    },
    { profile: { rehearsal: null } },
  );
  const found = await only(driver, { mode: "testnet" });

  expect(found).toMatchObject({ code: "NO_TEST_VENUE", severity: "refused" });
  expect(asked).toBe(false);
});
