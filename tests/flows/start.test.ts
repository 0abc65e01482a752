import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { awayFromPayments } from "#tests/support/away-from-payments.ts";
import { OWNER, serveChat, TOKEN } from "#tests/support/chat-server.ts";
import type { ChatLine } from "#tests/support/demo-process.ts";
import { StartProcess } from "#tests/support/start-process.ts";
import { STREET_KEYS, startVenueStreet } from "#tests/support/venues/venue-street.ts";

const VENUES = ["binance", "bybit", "okx", "hyperliquid"];
const hasCard =
  (asset: string, verb = "Open") =>
  (line: ChatLine) =>
    line.text.startsWith(`📋 ${verb} ${asset}`) && line.buttons.length > 0;

function openStreet(demo = false) {
  return startVenueStreet({
    feed: createSyntheticMarket({ seed: 7 }),
    feedVenues: {
      ...{ binance: "binance-sim", bybit: "bybit-sim", okx: "okx-sim" },
      hyperliquid: "hyperliquid-sim",
    },
    demo,
  });
}

/** It does not come to start; what it leaves behind. */
async function ended(bot: StartProcess): Promise<{ code: number; said: string; told: string }> {
  const child = Bun.spawn(
    [process.execPath, "src/main.ts", "start", "--config", `${bot.folder}/settings.toml`],
    { stdout: "pipe", stderr: "pipe", env: { ...Bun.env, HEDGEROW_TELEGRAM_TOKEN: "" } },
  );
  const [said, told] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said, told };
}

async function hedgeOf(bot: StartProcess, asset: string) {
  return (await bot.status()).hedges.find((hedge) => hedge.asset === asset);
}

async function openHedge(bot: StartProcess, asset: string): Promise<void> {
  await awayFromPayments();
  await bot.say(`hedge ${asset}`);
  const card = await bot.message(hasCard(asset), `a card for ${asset}`);
  expect(await bot.tap(card, "a:")).toContain("Approved");
  await bot.until(async () => (await hedgeOf(bot, asset))?.phase === "open", `${asset} open`);
}

async function healthOf(bot: StartProcess, venue: string): Promise<string | undefined> {
  const response = await fetch(`${bot.url}/api/health`);
  const { venues } = (await response.json()) as { venues: { venue: string; status: string }[] };
  return venues.find((one) => one.venue === venue)?.status;
}

describe("a start that cannot be", () => {
  test("without a network says so in one line, and how to run the demo", async () => {
    const bot = new StartProcess();
    const { code, said, told } = await ended(bot);
    await bot.dispose();
    expect([code, said]).toEqual([2, ""]);
    expect(told).toMatch(/^none of binance, bybit can be reached from here,.*bun run demo.*\n$/);
  });

  test("in mode live without a confirmed rehearsal is refused in one line", async () => {
    const bot = new StartProcess({ mode: "live", loopback: "", keys: STREET_KEYS });
    const { code, told } = await ended(bot);
    expect(code).toBe(2);
    expect(told).toMatch(/^mode live is locked: .* holds no rehearsal.*\/live in the chat\n$/);
    expect(existsSync(`${bot.folder}/state`)).toBe(false);
    await bot.dispose();
  });

  test("with the chat page open to the network is refused", async () => {
    const bot = new StartProcess({ set: { dashboard: { host: "0.0.0.0", port: 0 } } });
    const { code, told } = await ended(bot);
    await bot.dispose();
    expect(code).toBe(2);
    expect(told).toContain("HEDGEROW_TELEGRAM_TOKEN");
  });
});

describe("paper mode on live data", () => {
  const street = openStreet();
  const bot = new StartProcess({ loopback: street.proxyUrl, venues: VENUES });

  beforeAll(() => bot.start(), 20_000);
  afterAll(async () => {
    await bot.dispose();
    await street.stop();
  });

  test("is ready with a chat page, and says where it stands in short lines", () => {
    const lines = bot.said.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\/chat$/);
    expect(bot.said).toContain("mode paper");
    expect(bot.said).not.toContain("cannot be reached");
    for (const line of lines) expect(line.length).toBeLessThan(120);
  });

  test("answers a question about rates with the venues' own", async () => {
    await bot.say("what are the best rates?");
    const answer = await bot.message((line) => line.text.includes("Funding per 8 hours"), "rates");
    expect(answer.text).toMatch(/bp on (binance|bybit|okx|hyperliquid)/);
  });

  test("opens a hedge with a tap: equal legs, simulated, and no order went anywhere", async () => {
    await openHedge(bot, "BTC");
    const hedge = await hedgeOf(bot, "BTC");
    expect(hedge?.legs[0]?.sizeBase).toBe(hedge?.legs[1]?.sizeBase ?? "none");
    const asked = Object.values(street.servers).flatMap((venue) => venue.seen);
    expect(
      asked.filter(({ url }) => /order(?!book)|\/exchange$/i.test(url.pathname)).map(String),
    ).toEqual([]);
  });

  test("a foreign page in the owner's browser cannot type into the chat", async () => {
    const typed = await fetch(`${bot.url}/sandbox/messages`, {
      ...{ method: "POST", body: JSON.stringify({ text: "/kill" }) },
      headers: { origin: "https://evil.example" },
    });
    expect(typed.status).toBe(403);
    expect((await bot.status()).tradingState).toBe("active");
  });

  test("is what it was after a SIGKILL", async () => {
    const before = await hedgeOf(bot, "BTC");
    await bot.kill();
    await bot.start();
    const after = await hedgeOf(bot, "BTC");
    expect(after?.id).toBe(before?.id ?? "none");
    expect(after?.legs.map((leg) => [leg.venue, leg.sizeBase, leg.entryPrice])).toEqual(
      before?.legs.map((leg) => [leg.venue, leg.sizeBase, leg.entryPrice]) ?? [],
    );
  }, 240_000);

  test("goes on with a hedge open though no venue can be reached, and takes them in when they answer", async () => {
    await bot.kill();
    for (const venue of ["binance", "bybit", "okx", "hyperliquid"] as const) street.shut(venue);
    await bot.start();
    expect(bot.said).toContain("binance, bybit, okx, hyperliquid cannot be reached now");
    expect(await healthOf(bot, "okx")).toBe("down");
    expect((await bot.status())["equityUsd"]).toBeNull();

    for (const venue of ["binance", "bybit", "okx", "hyperliquid"] as const) street.reopen(venue);
    await bot.until(async () => (await healthOf(bot, "okx")) === "ok", "okx back");
    await bot.until(async () => (await bot.status())["equityUsd"] !== null, "equity");
  }, 240_000);

  test("/kill leaves it flat", async () => {
    await bot.say("/kill");
    await bot.message((line) => line.text.includes("Everything is flat"), "the report");
    expect((await bot.status()).hedges).toEqual([]);
  });

  test("its state is not taken for that of another mode", async () => {
    await bot.kill();
    bot.change({ loopback: street.proxyUrl, venues: VENUES, mode: "testnet", keys: STREET_KEYS });
    const { code, told } = await ended(bot);
    expect(code).toBe(2);
    expect(told).toMatch(/holds the state of mode paper[^\n]*\n$/);
  });
});

describe("a start with one venue down", () => {
  const street = openStreet();
  street.shut("okx");
  const bot = new StartProcess({ loopback: street.proxyUrl, venues: ["binance", "bybit", "okx"] });
  afterAll(async () => {
    await bot.dispose();
    await street.stop();
  });

  test("runs on the others, names it, and takes it in when it answers", async () => {
    await bot.start();
    expect(bot.said).toContain("okx cannot be reached now");
    expect(await healthOf(bot, "okx")).toBe("down");
    await openHedge(bot, "BTC");

    street.reopen("okx");
    await bot.until(async () => (await healthOf(bot, "okx")) === "ok", "okx back");
    await bot.say("rates for ETH");
    await bot.message((line) => /bp on okx/.test(line.text), "a rate of okx");
  }, 240_000);
});

describe("a start with a Telegram token", () => {
  const street = openStreet();
  const telegram = serveChat();
  const bot = new StartProcess({
    ...{ loopback: street.proxyUrl, venues: ["binance", "bybit"] },
    telegram: { token: TOKEN, apiRoot: telegram.url },
  });
  afterAll(async () => {
    await bot.dispose();
    telegram.stop();
    await street.stop();
  });

  test("belongs to whoever sends the code that it printed, and shows no chat page", async () => {
    await bot.start();
    const code = /\/start (\w+)/.exec(bot.said)?.[1] ?? "none";
    expect(bot.said).toContain("ready on Telegram");
    expect((await fetch(`${bot.url}/chat`)).status).toBe(404);

    await telegram.post("/sandbox/messages", { text: "/start wrong", fromUserId: OWNER.id });
    await telegram.post("/sandbox/messages", { text: `/start ${code}`, fromUserId: OWNER.id });
    const hello = await telegram.waitFor((line) => line.text.startsWith("Hedgerow is yours"));
    expect(hello.from).toBe("bot");

    await bot.kill();
    await bot.start();
    expect(bot.said).not.toContain("/start");
  }, 240_000);
});

describe("before any venue has answered", () => {
  const silent = Bun.serve({ port: 0, idleTimeout: 60, fetch: () => new Promise(() => undefined) });
  const telegram = serveChat();
  const bot = new StartProcess({
    loopback: `http://127.0.0.1:${silent.port}/`,
    telegram: { token: TOKEN, apiRoot: telegram.url },
    set: { telegram: { apiRoot: telegram.url, ownerId: OWNER.id } },
  });
  afterAll(async () => {
    await bot.dispose();
    telegram.stop();
    await silent.stop(true);
  });

  test("/kill is heard, and halts", async () => {
    const starting = bot.start().catch(() => undefined);
    const sentAt = Date.now();
    await telegram.post("/sandbox/messages", { text: "/kill", fromUserId: OWNER.id });
    await telegram.waitFor(
      (line) => line.from === "bot" && line.text.includes("Trading is halted"),
    );
    expect(Date.now() - sentAt).toBeLessThan(3_000);
    expect(bot.said).toBe("");
    await bot.kill();
    await starting;
  }, 240_000);
});
