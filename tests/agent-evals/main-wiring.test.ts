import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type FixtureMatch, LLMock } from "@copilotkit/aimock";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { type ChatLine, DemoProcess } from "#tests/support/demo-process.ts";
import { StartProcess } from "#tests/support/start-process.ts";
import { startVenueStreet } from "#tests/support/venues/venue-street.ts";

const OWNER = 1001;
const STRANGER = 424_242;
const hasCard = (asset: string) => (line: ChatLine) =>
  line.text.startsWith(`📋 Open ${asset}`) && line.buttons.length > 0;

/** The question, then its tool's result; the facts behind them are a message of their own here. */
function asks(text: string, last: "user" | "tool"): FixtureMatch {
  return {
    predicate: ({ messages }) => {
      const said = messages.filter(({ content }) => !`${content}`.startsWith("[FACTS"));
      const question = said.findLast(({ role }) => role === "user");
      return said.at(-1)?.role === last && `${question?.content}`.includes(text);
    },
  };
}

describe("the demo, where rules answer", () => {
  const demo = new DemoProcess("--speed", "10");
  beforeAll(() => demo.start(), 20_000);
  afterAll(() => demo.dispose());

  test.each([
    ["what are the best rates?", /Funding per 8 hours/],
    ["rates for ETH", /ETH: -?\d/],
    ["what pays best after costs?", /after costs|worth|Nothing/i],
    ["what is open?", /No hedge|open/i],
    ["how much did we earn?", /fees|earned|Nothing|total/i],
    ["why did you not take SOL?", /SOL/],
    ["hedge NOSUCH", /No connected venue lists/],
    ["close BTC", /There is no such hedge/],
    ["buy 5 BTC at 50x", /Sizes are set by code|card/i],
    ["Wie geht es dir?", /I understand questions/],
    ["🦔", /I understand questions/],
  ])(
    "answers %s in plain words",
    async (question, answer) => {
      const before = (await demo.messages()).length;
      await demo.say(question);
      await demo.until(
        async () =>
          (await demo.messages())
            .slice(before)
            .some(({ from, text }) => from === "bot" && answer.test(text)),
        `an answer to ${question}`,
      );
      const said = (await demo.messages()).map(({ text }) => text).join("\n");
      expect(said).not.toMatch(/ at .*\.ts:\d+|TypeError|undefined|\bNaN\b/);
      expect((await demo.status()).hedges).toEqual([]);
    },
    120_000,
  );
});

describe("a bot with a model of its own, as main puts it together", () => {
  const mock = new LLMock({ port: 0, logLevel: "silent", strict: true });
  const street = startVenueStreet({
    feed: createSyntheticMarket({ seed: 7 }),
    feedVenues: {
      ...{ binance: "binance-sim", bybit: "bybit-sim", okx: "okx-sim" },
      hyperliquid: "hyperliquid-sim",
    },
    demo: false,
  });
  let bot: StartProcess;

  beforeAll(async () => {
    await mock.start();
    const price = { inputUsdPerMillion: "3", cachedInputUsdPerMillion: "1" };
    const own = { provider: "ollama", name: "scripted", baseUrl: `${mock.url}/v1`, ...price };
    bot = new StartProcess({
      ...{ loopback: street.proxyUrl, venues: ["binance", "bybit"] },
      set: {
        model: { chat: ["own"] },
        models: { own: { ...own, outputUsdPerMillion: "15" } },
      },
    });
    await bot.start();
  }, 120_000);
  afterAll(async () => {
    await bot.dispose();
    await street.stop();
    await mock.stop().catch(() => undefined);
  });

  const answered = (text: string) => bot.message((line) => line.text.includes(text), text);

  test("answers from its model, with figures of its tools", async () => {
    mock.on(asks("what pays", "user"), {
      toolCalls: [{ name: "get_rates", arguments: '{"asset":"BTC"}' }],
    });
    mock.on(asks("what pays", "tool"), { content: "BTC is the one." });
    await bot.say("what pays?");
    const { text } = await answered("BTC is the one.");
    expect(text).not.toContain("rules");
  }, 120_000);

  test("a model that claims a trade is marked in the chat, and a stranger hears nothing", async () => {
    mock.on(asks("just do it", "user"), { content: "I have opened the BTC hedge." });
    await bot.say("just do it", STRANGER);
    await bot.say("just do it");
    const { text } = await answered("I have opened");
    expect(text).toContain("This answer traded nothing");
    expect((await bot.messages(STRANGER)).filter(({ from }) => from === "bot")).toEqual([]);
    expect((await bot.status()).hedges).toEqual([]);
  }, 120_000);

  test("its proposal is a card, a tap on it opens, and a SIGKILL between loses neither", async () => {
    mock.on(asks("hedge BTC", "user"), {
      toolCalls: [{ name: "propose_hedge", arguments: '{"asset":"BTC","candidateId":null}' }],
    });
    mock.on(asks("hedge BTC", "tool"), { content: "A card waits." });
    await bot.say("hedge BTC");
    const card = await bot.message(hasCard("BTC"), "a card");
    await answered("A card waits.");
    await bot.kill();
    await bot.start();
    expect(await bot.tap(card, "a:")).toContain("Approved");
    await bot.until(async () => (await bot.status()).hedges[0]?.phase === "open", "an open hedge");
  }, 120_000);

  test("a SIGKILL while the model thinks is told of once, and the question runs no more", async () => {
    const thinking: string[] = [];
    mock.on(asks("think hard", "user"), async () => {
      thinking.push("begun");
      await Bun.sleep(1_500);
      return { content: "Too late." };
    });
    await bot.say("think hard");
    await bot.until(async () => thinking.length > 0, "the request");
    await bot.kill();
    await bot.start();
    await answered("interrupted by a restart");
    const told = (await bot.messages()).filter(({ text }) => /interrupted by/.test(text));
    expect(told).toHaveLength(1);
  }, 120_000);

  test("when its model is gone the rules answer and say so, and every request is booked", async () => {
    await mock.stop();
    await bot.say("rates for BTC");
    await answered("(answered by rules: scripted cannot be reached)");
    await bot.kill();
    const store = openStore({ path: `${bot.folder}/state/hedgerow.db`, wallNow: Date.now });
    const turns = store.endedTurns(OWNER, 0, 100);
    const unbooked = turns.filter(({ id }) => store.listModelCalls(id).length === 0);
    const states = turns.map(({ state }) => `${state}`).join(" ");
    expect(states).toBe("answered answered answered interrupted answered");
    // Also the one that was on the wire when the process died.
    expect(unbooked).toEqual([]);
    expect(store.spentMicroUsd({ purpose: "chat" })).toBeGreaterThan(0);
    store.close();
  }, 120_000);
});
