import { expect, test } from "bun:test";
import { Bot } from "grammy";
import type { Turn } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { deliverAnswer } from "#src/telegram/deliver-answer.ts";

const turnOf = (id: string, answer: string): Turn => ({
  ...{ id, answer, seq: 1, chatId: 1, state: "answered", question: "q", askedAt: 1, endedAt: 2 },
});

test("an answer that others overtook goes on with the piece that failed", async () => {
  const store = openStore({ path: ":memory:", wallNow: () => 1 });
  const texts: string[] = [];
  let isBroken = false;
  const bot = new Bot("1:token");
  bot.api.config.use(async (_call, _method, payload) => {
    if (isBroken) throw new Error("the line broke");
    if ("text" in payload) texts.push(String(payload.text).slice(0, 5));
    isBroken = texts.length === 1;
    return { ok: true, result: { message_id: texts.length } as never };
  });
  const live = {
    ...{
      show: async () => undefined,
      settled: async () => undefined,
      interrupted: () => undefined,
    },
  };
  const long = turnOf("T-1", `first ${"x".repeat(4_000)}\n\nother ${"y".repeat(3_000)}`);
  await expect(deliverAnswer({ bot, store, live }, long)).rejects.toThrow();
  isBroken = false;
  await deliverAnswer({ bot, store, live }, turnOf("T-2", "short answer"));
  await deliverAnswer({ bot, store, live }, long);
  await deliverAnswer({ bot, store, live }, long);
  expect(texts).toEqual(["first", "short", "other"]);
});
