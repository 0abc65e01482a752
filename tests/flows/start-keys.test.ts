import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { BINANCE_KEY } from "#tests/support/venues/binance-rig.ts";
import { startBinanceServer } from "#tests/support/venues/binance-server.ts";
import { BYBIT_KEY, startBybitServer } from "#tests/support/venues/bybit-server.ts";
import { startOneDoor } from "#tests/support/venues/one-door.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-test-"));
const clock = createSystemClock();
const feed = createSyntheticMarket({ seed: 7 });
const binance = startBinanceServer({ feed, feedVenue: "binance-sim", clock, ...BINANCE_KEY });
const open: { stop(): Promise<void> }[] = [binance];
afterAll(async () => {
  await Promise.all(open.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function keyFile(name: string, fields: Readonly<Record<string, string>>): string {
  const path = join(folder, `${name}.toml`);
  writeFileSync(path, Bun.TOML.stringify(fields));
  chmodSync(path, 0o600);
  return path;
}

/** `bun run start` in mode testnet, until it ends or says that it is ready. */
async function start(
  key: Readonly<Record<string, string>>,
  permissions?: Parameters<typeof startBybitServer>[0]["permissions"],
) {
  const bybit = startBybitServer({
    ...{ feed, venue: "binance-sim" },
    ...(permissions ? { permissions } : {}),
  });
  const door = startOneDoor({ "demo-fapi.binance.com": binance, "api-testnet.bybit.com": bybit });
  open.push(bybit, door);
  const home = mkdtempSync(join(folder, "start-"));
  const config = writeSettings(
    {
      ...{ mode: "testnet", state: join(home, "state"), dashboard: { port: 0 } },
      venues: { use: ["binance", "bybit"], loopback: door.proxyUrl },
      credentials: { binance: keyFile("binance", BINANCE_KEY), bybit: keyFile("bybit", key) },
    },
    home,
  );
  const child = Bun.spawn([process.execPath, "src/main.ts", "start", "--config", config], {
    ...{ stdout: "pipe", stderr: "pipe" },
  });
  const log = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  child.kill();
  const orders = bybit.seen.filter(({ url }) => url.pathname.includes("/order/create"));
  return {
    said: new TextDecoder().decode(value),
    lines: (await log).split("\n").filter((line) => line !== "" && !line.startsWith("{")),
    exitCode: await child.exited,
    orders,
  };
}

describe("a start in mode testnet", () => {
  test("with good keys is ready", async () => {
    const { said } = await start(BYBIT_KEY);
    expect(said).toStartWith("ready ");
  });

  test("with a key that may withdraw ends with one line, before anything is asked to trade", async () => {
    const { lines, exitCode, said, orders } = await start(BYBIT_KEY, {
      ...{ ContractTrade: ["Order", "Position"], Wallet: ["Withdraw"] },
    });

    expect(lines).toEqual([expect.stringContaining("may withdraw, so it is not used")]);
    expect({ exitCode, said, orders }).toEqual({ exitCode: 2, said: "", orders: [] });
  });

  test("with a wrong secret ends with one clear line that does not repeat it", async () => {
    const { lines, exitCode } = await start({ ...BYBIT_KEY, secret: "wrong-secret-000001" });

    expect(lines).toEqual([
      expect.stringMatching(
        /^Bybit refuses the key \(10004\): the secret is not the one of this key/,
      ),
    ]);
    expect(lines.join()).not.toContain("wrong-secret");
    expect(exitCode).toBe(2);
  });
});
