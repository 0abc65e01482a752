import { expect, test } from "bun:test";
import { killReply } from "#src/telegram/replies/replies.ts";

test("a /kill that found nothing to close says so, because an earlier one may have closed it", () => {
  const { text } = killReply({ flat: true, legs: [], elapsedMs: 12, lastOrderSentMs: null });
  expect(text).toContain("No position was found open, 12 ms.");
});

test("a /kill says how many positions it closed", () => {
  const leg = { venue: "okx", instrument: "BTC", sizeBase: "1", closed: true, elapsedMs: 5 };
  expect(killReply({ flat: true, legs: [leg], elapsedMs: 12, lastOrderSentMs: 3 }).text).toContain(
    "1 position, 12 ms.",
  );
});
