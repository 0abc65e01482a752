import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { Bot as GramioBot } from "gramio";
import { Bot, GrammyError, InlineKeyboard, InputFile } from "grammy";
import { Presence } from "#src/sandbox/chat/presence.ts";
import { OWNER, serveChat, TOKEN } from "#tests/support/chat-server.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { SPEC_PATH, TelegramSpec } from "#tests/support/telegram-spec.ts";

const hasSpec = existsSync(SPEC_PATH);
if (!hasSpec) process.stdout.write(`skipped: no Bot API description at ${SPEC_PATH}\n`);

describe("grammY", () => {
  const spec = hasSpec ? TelegramSpec.load() : null;
  const chat = serveChat(createMemoryRecords(), spec);
  const bot = new Bot(TOKEN, { client: { apiRoot: chat.url } });
  const seen: string[] = [];
  beforeAll(async () => {
    bot.command("start", (ctx) =>
      ctx.reply("hello", { reply_markup: new InlineKeyboard().text("Go", "go") }),
    );
    bot.on("callback_query:data", async (ctx) => {
      await ctx.answerCallbackQuery({ text: `got ${ctx.callbackQuery.data}` });
      await ctx.editMessageText("edited", { entities: [{ type: "bold", offset: 0, length: 6 }] });
    });
    bot.on("message:text", (ctx) => void seen.push(ctx.message.text));
    bot.on("stopped_message_generation", ({ update }) => {
      seen.push(`stopped ${update.stopped_message_generation.draft_id}`);
    });
    void bot.start();
    await Bun.sleep(50);
  });
  afterAll(async () => {
    await bot.stop();
    chat.stop();
  });

  test("polls, answers a command with a button, and edits at the tap", async () => {
    await chat.post("/sandbox/messages", { text: "/start" });
    const hello = await chat.waitFor((one) => one.text === "hello");

    const { json } = await chat.post("/sandbox/taps", { messageId: hello.id, data: "go" });

    expect(json).toEqual({ answer: "got go" });
    expect(await chat.waitFor((one) => one.edited)).toMatchObject({
      text: "edited",
      buttons: [],
    });
  });

  test("sends photos, actions, reactions, commands and drafts", async () => {
    const file = new InputFile(new Uint8Array([1, 2, 3]), "a.png");
    const photo = await bot.api.sendPhoto(OWNER.id, file, { caption: "chart" });
    const emoji = [{ type: "emoji", emoji: "👍" }] as const;

    expect(photo.caption).toBe("chart");
    expect(await bot.api.sendChatAction(OWNER.id, "typing")).toBe(true);
    expect(await bot.api.setMessageReaction(OWNER.id, photo.message_id, [...emoji])).toBe(true);
    expect(
      await bot.api.setMyCommands([{ command: "kill", description: "Close everything" }]),
    ).toBe(true);
    expect(await bot.api.sendMessageDraft(OWNER.id, 7, "thinking", { can_stop: true })).toBe(true);
    expect(await bot.api.deleteMessage(OWNER.id, photo.message_id)).toBe(true);
  });

  test("sends a document that a person can fetch by its name, as bytes and nothing else", async () => {
    const file = new InputFile(Buffer.from("a,b\r\n"), "books.csv");
    const sent = await bot.api.sendDocument(OWNER.id, file, { caption: "the books" });
    expect([sent.document.file_name, sent.caption]).toEqual(["books.csv", "the books"]);

    const line = await chat.waitFor((one) => one["documentName"] === "books.csv");
    const response = await fetch(`${chat.url}${line["documentUrl"]}`);
    expect(await response.text()).toBe("a,b\r\n");
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toBe("attachment");
    expect((await fetch(`${chat.url}/sandbox/documents/none`)).status).toBe(404);
    await expect(
      bot.api.sendDocument(OWNER.id, new InputFile(Buffer.from(""), "e")),
    ).rejects.toThrow();
  });

  test("receives what a person types, once", async () => {
    await chat.post("/sandbox/messages", { text: "plain words" });
    for (let turn = 0; turn < 100 && seen.length === 0; turn += 1) await Bun.sleep(20);
    await Bun.sleep(100);
    expect(seen.filter((text) => text === "plain words")).toHaveLength(1);
  });

  test("shows a draft until it is stopped, a message comes or its time is over", async () => {
    await bot.api.sendMessageDraft(OWNER.id, 8, "");
    expect(await chat.draft()).toEqual({ text: "", canStop: false, draftId: 8 });
    expect((await chat.post("/sandbox/stop", { draftId: 8 })).status).toBe(404);
    await bot.api.sendMessageDraft(OWNER.id, 9, "so far", { can_stop: true });
    expect(await chat.draft()).toEqual({ text: "so far", canStop: true, draftId: 9 });
    const lines = (await chat.messages()).length;

    expect((await chat.post("/sandbox/stop", { draftId: 9 })).status).toBe(200);
    expect(await chat.draft()).toBeNull();
    for (let turn = 0; turn < 100 && !seen.includes("stopped 9"); turn += 1) await Bun.sleep(20);
    expect(seen).toContain("stopped 9");

    await bot.api.sendMessageDraft(OWNER.id, 10, "so far");
    expect(await chat.messages()).toHaveLength(lines);
    await bot.api.sendMessage(OWNER.id, "all of it");
    expect(await chat.draft()).toBeNull();
  });

  test.if(hasSpec)("asked and was answered only in the shapes of the published description", () => {
    expect(spec?.violations).toEqual([]);
    expect(spec?.checked).toBeGreaterThan(15);
  });
});

test("a second client library works against it too", async () => {
  const chat = serveChat();
  const bot = new GramioBot(TOKEN, { api: { baseURL: `${chat.url}/bot` } });
  bot.command("start", (context) => context.send("from gramio"));
  await bot.start({ deleteWebhook: true });
  await chat.post("/sandbox/messages", { text: "/start" });
  const { text } = await chat.waitFor((one) => one.from === "bot");
  await bot.stop();
  chat.stop();
  expect(text).toBe("from gramio");
});

describe("refusals, in Telegram's own words", () => {
  const chat = serveChat();
  afterAll(chat.stop);
  const long = { inline_keyboard: [[{ text: "b", callback_data: "d".repeat(65) }]] };

  test.each([
    ["sendMessage", { chat_id: 5, text: "x" }, "chat not found"],
    ["sendMessage", { chat_id: OWNER.id, text: "" }, "message text is empty"],
    ["sendMessage", { chat_id: OWNER.id, text: "x".repeat(4097) }, "message is too long"],
    [
      "sendMessage",
      { chat_id: OWNER.id, text: "x", entities: [{ type: "bold", offset: 0, length: 2 }] },
      "ENTITY_BOUNDS_INVALID",
    ],
    ["sendMessage", { chat_id: OWNER.id, text: "x", reply_markup: long }, "BUTTON_DATA_INVALID"],
    [
      "editMessageText",
      { chat_id: OWNER.id, message_id: 12345, text: "x" },
      "message to edit not found",
    ],
    ["deleteMessage", { chat_id: OWNER.id, message_id: 12345 }, "message to delete not found"],
    [
      "answerCallbackQuery",
      { callback_query_id: "old" },
      "query is too old and response timeout expired or query ID is invalid",
    ],
  ])("%s", async (method, body, description) => {
    expect(await chat.call(method, body)).toEqual({
      ok: false,
      error_code: 400,
      description: `Bad Request: ${description}`,
    });
  });

  test("an edit that changes nothing", async () => {
    const sent = await new Bot(TOKEN, { client: { apiRoot: chat.url } }).api.sendMessage(
      OWNER.id,
      "same",
    );
    const body = { chat_id: OWNER.id, message_id: sent.message_id, text: "same" };
    expect((await chat.call("editMessageText", body)).description).toContain(
      "message is not modified",
    );
  });

  test("a wrong token, an unknown method, a second poller", async () => {
    const wrong = await fetch(`${chat.url}/bot1:other/getMe`);
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({ ok: false, error_code: 401, description: "Unauthorized" });
    expect(await chat.call("noSuchMethod", {})).toMatchObject({ error_code: 404 });
    const first = chat.call("getUpdates", { timeout: 5 });
    await Bun.sleep(50);
    const second = chat.call("getUpdates", { timeout: 0 });
    expect(await first).toMatchObject({ error_code: 409 });
    expect(await second).toMatchObject({ ok: true });
  });

  test("grammY sees its own error class", async () => {
    const bot = new Bot(TOKEN, { client: { apiRoot: chat.url } });
    const error = await bot.api.sendMessage(5, "x").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GrammyError);
  });
});

test("a draft is gone after thirty seconds", async () => {
  const clock = createFakeClock();
  const presence = new Presence(clock);
  const draft = { draftId: 1, text: "x", entities: [], canStop: false, keepOnStop: false };
  presence.show(5, draft);
  await clock.advance(20_000);
  presence.show(5, draft);
  await clock.advance(29_000);
  expect(presence.draft(5)).toEqual(draft);
  await clock.advance(1_000);
  expect(presence.draft(5)).toBeNull();
});

test("a restart keeps messages, buttons and undelivered updates", async () => {
  const records = createMemoryRecords();
  const before = serveChat(records);
  const keyboard = { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] };
  await before.call("sendMessage", { chat_id: OWNER.id, text: "card", reply_markup: keyboard });
  await before.post("/sandbox/messages", { text: "/kill" });
  before.stop();

  const after = serveChat(records);
  const list = await after.messages();
  const updates = await after.call("getUpdates", { timeout: 0 });
  after.stop();

  expect(list).toMatchObject([
    { text: "card", buttons: [[{ text: "Go", data: "go" }]] },
    { text: "/kill" },
  ]);
  expect(updates["result"]).toMatchObject([{ message: { text: "/kill" } }]);
});
