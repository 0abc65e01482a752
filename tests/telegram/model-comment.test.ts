import { expect, test } from "bun:test";
import { Bot } from "grammy";
import type { ChoiceDetail } from "#src/reports/choice-view.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createNotifier } from "#src/telegram/notifier.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const open = { action: "open", asset: "BTC", shortVenue: "a", longVenue: "b" } as const;
const decision: ChoiceDetail = {
  ...{ id: "S-1", at: "2026-02-02T10:30:00Z", choice: open, policy: open, gates: [], votes: [] },
  ...{
    decidedBy: "models",
    results: [],
    costMicroUsd: 1,
    promptHash: "p",
    offered: [],
    costRate: null,
  },
  ...{ outcomes: [], comments: [{ model: "m1", won: true, text: "*go* [x](https://e.example)" }] },
};

test("a model's comment is a message of its own: no button, no markup, drawn from the row", async () => {
  const sent: { readonly method: string; readonly payload: unknown }[] = [];
  const bot = new Bot("1:test");
  bot.api.config.use(async (_, method, payload) => {
    sent.push({ method, payload });
    return { ok: true, result: { message_id: 1 } as never };
  });
  const pipeline = createIdlePipeline();
  pipeline.decision = (id) => (id === "S-1" ? decision : null);
  const store = openStore({ path: ":memory:", wallNow: () => 1 });
  const live = {
    show: async () => undefined,
    interrupted: () => undefined,
    settled: async () => undefined,
  };
  const notifier = createNotifier({ bot, pipeline, store, live, log: silentLogger });
  const item = { id: 1, severity: "info", chatId: 7, attempts: 0 } as const;

  await notifier.deliver({ ...item, content: { type: "modelComment", decisionId: "S-1" } });
  await notifier.deliver({ ...item, content: { type: "modelComment", decisionId: "S-gone" } });

  expect(sent).toHaveLength(1);
  expect(sent[0]?.method).toBe("sendMessage");
  expect(sent[0]?.payload).toMatchObject({
    chat_id: 7,
    text: expect.stringContaining("not checked (m1):\n*go* [x](https://e.example)"),
    entities: [{ type: "pre" }],
  });
  expect(JSON.stringify(sent)).not.toMatch(/reply_markup|parse_mode/);
});
