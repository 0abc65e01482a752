import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { loadSettings } from "#config/load.ts";
import { wantsSpot } from "#config/venue-settings.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

function load(over: Readonly<Record<string, unknown>>) {
  return loadSettings("operator", writeSettings(over)).settings;
}

function refusal(over: Readonly<Record<string, unknown>>): string {
  try {
    load(over);
  } catch (error) {
    if (error instanceof Error && error.name === "OperatorError") return error.message;
  }
  throw new Error("it was accepted");
}

describe("the settings that are shipped", () => {
  test("are valid, on paper, with four venues, no key and no fee to any builder", () => {
    const { settings } = loadSettings("operator");

    expect(settings.mode).toBe("paper");
    expect(settings.venues).toEqual({
      use: ["binance", "bybit", "okx", "hyperliquid"],
      loopback: "",
    });
    expect(settings.credentials).toEqual({});
    expect(settings.builderFees).toEqual({});
  });
});

describe("venues in use", () => {
  test.each([
    [["binance", "kraken"], "venues.use.1"],
    [["binance"], "at least two venues"],
    [["binance", "binance"], "names a venue twice"],
  ])("refuses %p", (use, why) => {
    expect(refusal({ venues: { use } })).toContain(why);
  });

  test("spot is traded where it was chosen; unless said, everywhere on paper and nowhere with money", () => {
    const here = (over: Parameters<typeof load>[0]) => {
      const settings = load(over);
      return ["binance", "bybit", "okx", "hyperliquid"].filter((one) => wantsSpot(settings, one));
    };
    expect(here({})).toEqual(["binance", "bybit", "okx"]);
    expect(here({ venues: { spot: ["okx"] } })).toEqual(["okx"]);
    const credentials = { bybit: "./keys/bybit.toml", okx: "./keys/okx.toml" };
    const live = { mode: "live", credentials, mandate: { venues: ["bybit", "okx"] } };
    expect(here({ ...live, venues: { use: ["bybit", "okx"] } })).toEqual([]);
    expect(here({ ...live, venues: { use: ["bybit", "okx"], spot: ["okx"] } })).toEqual(["okx"]);
    expect(refusal({ venues: { use: ["bybit", "okx"], spot: ["binance"] } })).toContain(
      "venues.spot: binance is not in venues.use",
    );
    expect(refusal({ mode: "testnet", venues: { spot: ["binance"] } })).toContain(
      "venues.spot: binance's demo has no margin account",
    );
  });

  test("a mandate cannot name a venue that is not in use", () => {
    expect(refusal({ mandate: { venues: ["dydx"] } })).toContain(
      "mandate.venues: dydx is not in venues.use",
    );
  });
});

describe("key files", () => {
  test("every venue in use needs one outside of paper; all that lack one are named at once", () => {
    const said = refusal({ mode: "testnet", credentials: { okx: "./keys/okx.toml" } });

    for (const venue of ["binance", "bybit", "hyperliquid"])
      expect(said).toContain(`credentials.${venue}: mode testnet needs a key file`);
    expect(said).not.toContain("credentials.okx");
  });

  test("an empty path is none", () => {
    expect(load({ credentials: { okx: "" } }).credentials.okx).toBeNull();
  });

  test("a key that was pasted in place of its path is refused and not repeated", () => {
    const said = refusal({ credentials: { okx: "canary8f3b2c1d9e7a6b5c" } });

    expect(said).toContain("credentials.okx: must be the path of a key file");
    expect(said).not.toContain("canary8f3b2c1d9e7a6b5c");
  });

  test("a venue that is not one of ours is refused", () => {
    expect(refusal({ credentials: { krakn: "./keys/x.toml" } })).toContain("krakn");
  });
});

describe("builder fees", () => {
  test("are an exact fraction where the venue has builders", () => {
    const { builderFees } = load({ builderFees: { hyperliquid: "0.0001" } });
    expect(builderFees.hyperliquid?.toFixed()).toBe("0.0001");
  });

  test.each([
    ["hyperliquid", "0"],
    ["hyperliquid", "0.0011"],
    ["hyperliquid", "-0.0001"],
    ["hyperliquid", "1 bp"],
    ["binance", "0.0001"],
  ])("refuses %s = %p", (venue, fee) => {
    expect(refusal({ builderFees: { [venue]: fee } })).toContain("builderFees");
  });
});

describe("the loopback address", () => {
  test.each([
    ["http://127.0.0.1:9000", "http://127.0.0.1:9000/"],
    ["http://localhost:9000/", "http://localhost:9000/"],
    ["http://[::1]:9000/x", "http://[::1]:9000/x/"],
  ])("may be %s", (given, taken) => {
    expect(load({ venues: { loopback: given } }).venues.loopback).toBe(taken);
  });

  test.each([
    "http://10.0.0.5:9000",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example",
    "http://user:word@127.0.0.1:9000",
    "http://127.0.0.1:9000/?to=",
    "https://127.0.0.1:9000",
    "127.0.0.1:9000",
    "file:///etc/hosts",
  ])("refuses %s", (given) => {
    expect(refusal({ venues: { loopback: given } })).toContain("venues.loopback: must be empty");
  });

  test("is refused in mode live, together with everything else that is wrong", () => {
    const said = refusal({
      mode: "live",
      venues: { loopback: "http://127.0.0.1:9000" },
      limits: { leverage: "11" },
    });

    expect(said).toContain("venues.loopback: must be empty in mode live");
    expect(said).toContain("limits.leverage");
    expect(said).toContain("credentials.binance");
    expect(said).not.toContain("\n");
  });
});

describe("a settings file that is named", () => {
  test("stands alone: what it leaves out is an error", () => {
    const file = writeSettings({});
    writeFileSync(file, readFileSync(file, "utf8").replace(/mode = .*/, ""));

    expect(() => loadSettings("operator", file)).toThrow(/settings\.toml: mode:/);
  });

  test.each([
    ["start", 2],
    ["doctor", 2],
  ])("%s tells every violation of it in one line", async (command, code) => {
    const file = writeSettings({ venues: { use: ["okx"] }, limits: { leverage: "99" } });

    const { exitCode, stderr } = await run(command, "--config", file);

    expect(exitCode).toBe(code);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(`${file}: `);
    expect(stderr).toContain("limits.leverage");
    expect(stderr).toContain("venues.use");
  });

  test("that is not there, or is no TOML, is one line that repeats nothing of it", async () => {
    const file = writeSettings({});
    writeFileSync(file, "canary-secret-value-1 is no setting");

    const [absent, broken] = await Promise.all([
      run("doctor", "--config", "./no/such.toml"),
      run("doctor", "--config", file),
    ]);

    expect(absent.stderr).toContain("./no/such.toml cannot be read");
    expect(broken.stderr).toContain("not valid TOML");
    expect(broken.stderr).not.toContain("canary");
  });
});

async function run(...args: readonly string[]) {
  const child = Bun.spawn([process.execPath, "src/main.ts", ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  return { stderr, exitCode };
}

describe("the door for other programs", () => {
  test("is shut unless it is opened", () => {
    expect(load({}).mcp).toEqual({ enabled: false });
  });

  test("is not opened without a token, nor to other machines; both are said in one line", () => {
    const said = refusal({ mcp: { enabled: true }, dashboard: { host: "0.0.0.0" } });
    expect(said).toContain("set HEDGEROW_MCP_TOKEN to at least 32 random characters");
    expect(said).toContain("dashboard.host must be 127.0.0.1");
    expect(said).not.toContain("\n");
  });
});
