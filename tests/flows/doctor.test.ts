import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountFact } from "#src/main/doctor/check-keys.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { BINANCE_KEY } from "#tests/support/venues/binance-rig.ts";
import { startBinanceServer } from "#tests/support/venues/binance-server.ts";
import { BYBIT_KEY, startBybitServer } from "#tests/support/venues/bybit-server.ts";
import { startOneDoor } from "#tests/support/venues/one-door.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-test-"));
const clock = createSystemClock();
const feed = createSyntheticMarket({ seed: 7 });
const binance = startBinanceServer({ feed, feedVenue: "binance-sim", clock, ...BINANCE_KEY });
const bybit = startBybitServer({ feed, venue: "binance-sim" });
const withdrawing = startBybitServer({
  ...{ feed, venue: "binance-sim" },
  permissions: { ContractTrade: ["Order", "Position"], Wallet: ["Withdraw"] },
});
const door = startOneDoor({
  ...{ "demo-fapi.binance.com": binance, "fapi.binance.com": binance, "api.bybit.com": bybit },
  "api-testnet.bybit.com": bybit,
});
afterAll(async () => {
  await Promise.all([binance, bybit, withdrawing, door].map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function keyFile(name: string, fields: Readonly<Record<string, string>>, mode = 0o600): string {
  const path = join(folder, `${name}.toml`);
  writeFileSync(path, Bun.TOML.stringify(fields));
  chmodSync(path, mode);
  return path;
}

/** `bun run doctor` on the two venues; every line that it said. */
async function doctor(over: Readonly<Record<string, unknown>> = {}) {
  const config = writeSettings(
    {
      ...{ mode: "testnet", state: join(folder, "state") },
      venues: { use: ["binance", "bybit"], loopback: door.proxyUrl },
      credentials: {
        binance: keyFile("binance", BINANCE_KEY),
        bybit: keyFile("bybit", BYBIT_KEY),
      },
      ...over,
    },
    folder,
  );
  const child = Bun.spawn([process.execPath, "src/main.ts", "doctor", "--config", config], {
    ...{ stdout: "pipe", stderr: "pipe" },
    env: { ...Bun.env, HEDGEROW_TELEGRAM_TOKEN: "4200000001:sandbox" },
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  for (const secret of [BINANCE_KEY.secret, BYBIT_KEY.secret, BYBIT_KEY.apiKey, "wrong-secret"])
    expect(out + err).not.toContain(secret);
  const lines = out.trim().split("\n");
  return {
    exitCode: await child.exited,
    lines,
    of: (venue: string) => lines.filter((line) => line.split(/\s+/)[1] === venue),
  };
}

describe("the doctor", () => {
  test("says of each venue that it answers, how the clocks differ, and what the key may", async () => {
    const { exitCode, of, lines } = await doctor();

    expect(of("bybit")).toEqual([
      expect.stringMatching(/^ok {3}bybit .*answers in \d+ ms; this machine's clock is \d+ ms/),
      expect.stringMatching(/^ok {3}bybit .*the key may trade and may not withdraw/),
    ]);
    expect(of("binance")).toEqual([
      expect.stringContaining("answers in"),
      expect.stringContaining("does not say whether this key may withdraw"),
    ]);
    expect(lines.every((line) => line.startsWith("ok"))).toBe(true);
    expect(exitCode).toBe(0);
  });

  test("asks nothing with a key in mode paper, and does not open its file", async () => {
    const seen = bybit.seen.length;
    const missing = { bybit: "./no/such.toml", binance: "./no/such.toml" };
    const { of, exitCode } = await doctor({ mode: "paper", credentials: missing });

    expect(of("bybit")).toEqual([expect.stringMatching(/^ok {3}bybit .*answers in/)]);
    expect(exitCode).toBe(0);
    const asked = bybit.seen.slice(seen).map(({ url }) => url.pathname);
    expect(asked.filter((path) => /user|account|position|order/.test(path))).toEqual([]);
  });

  test("a wrong secret is one clear line, and the other venue is examined all the same", async () => {
    const bad = keyFile("bybit-bad", { ...BYBIT_KEY, secret: "wrong-secret-000001" });
    const { exitCode, of } = await doctor({
      credentials: { bybit: bad, binance: keyFile("binance", BINANCE_KEY) },
    });

    expect(of("bybit")[1]).toMatch(
      /^FAIL bybit .*\(10004\).*the secret is not the one of this key/,
    );
    expect(of("binance")[0]).toStartWith("ok");
    expect(exitCode).toBe(1);
  });

  test("a key of the real venue in mode testnet is told by its likely causes", async () => {
    const real = keyFile("bybit-real", { ...BYBIT_KEY, apiKey: "AnotherWorldsKey01" });
    const { of } = await doctor({
      credentials: { bybit: real, binance: keyFile("binance", BINANCE_KEY) },
    });
    expect(of("bybit")[1]).toContain("a key of the real Bybit while mode is testnet");
  });

  test("a key file that others can read is refused with what to type", async () => {
    const open = keyFile("bybit-open", BYBIT_KEY, 0o644);
    const { of } = await doctor({
      credentials: { bybit: open, binance: keyFile("binance", BINANCE_KEY) },
    });
    expect(of("bybit")).toEqual([expect.stringContaining(`type: chmod 600 ${open}`)]);
  });

  test("a venue that is down is said to be, and costs the others nothing", async () => {
    door.faults.next({
      reply: () => new Response("<html>", { status: 503 }),
      when: ({ url }) => url.hostname.includes("bybit"),
      times: 99,
    });
    const { of, exitCode } = await doctor();
    door.faults.clear();

    expect(of("bybit")).toEqual([expect.stringContaining("it cannot be used now")]);
    expect(of("binance")[0]).toStartWith("ok");
    expect(exitCode).toBe(1);
  });

  test("a clock that is off is told with what to type", async () => {
    const skewed = startBybitServer({
      ...{ feed, venue: "binance-sim" },
      clock: { ...clock, wallNow: () => clock.wallNow() - 90_000 },
    });
    const other = startOneDoor({
      "demo-fapi.binance.com": binance,
      "api-testnet.bybit.com": skewed,
    });
    const { of } = await doctor({
      venues: { use: ["binance", "bybit"], loopback: other.proxyUrl },
    });
    await Promise.all([skewed.stop(), other.stop()]);

    expect(of("bybit")[0]).toMatch(/^FAIL bybit .*\d{5} ms ahead of.*timedatectl set-ntp true/);
  });

  test("a key that may withdraw is refused", async () => {
    const other = startOneDoor({
      ...{ "demo-fapi.binance.com": binance, "api-testnet.bybit.com": withdrawing },
    });
    const { of, exitCode } = await doctor({
      venues: { use: ["binance", "bybit"], loopback: other.proxyUrl },
    });
    await other.stop();

    expect(of("bybit")[1]).toMatch(/^FAIL bybit .*may withdraw, so it is not used/);
    expect(exitCode).toBe(1);
  });

  test("a key of another account than the bot's is refused", async () => {
    const state = mkdtempSync(join(folder, "state-"));
    const store = openStore({ path: join(state, "hedgerow.db"), wallNow: Date.now });
    store.transaction(() => store.setFact(accountFact("bybit"), "53880000-other"));
    store.close();

    const { of } = await doctor({ state });
    expect(of("bybit")[1]).toMatch(/^FAIL bybit .*is of account …8001, but the hedges here/);
  });
});
