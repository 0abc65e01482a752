import { describe, expect, test } from "bun:test";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import type { OutboxContent, Severity } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const answer = (turnId: string): OutboxContent => ({ type: "answer", turnId });
const alert = (text: string): OutboxContent => ({ type: "alert", text });

/** An outbox whose deliveries fail for the ids that are named. */
function openOutbox(...failing: readonly number[]) {
  const clock = createFakeClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const fails = new Set(failing);
  const delivered: number[] = [];
  const notifier = {
    async deliver({ id }: { readonly id: number }) {
      if (fails.has(id)) throw new Error("no");
      delivered.push(id);
    },
  };
  const outbox = createOutbox({ store, notifier, clock, log: silentLogger });
  const queue = (content: OutboxContent, chatId = 1, severity: Severity = "info") =>
    store.transaction(() => store.enqueue({ severity, chatId, content }));
  return { clock, delivered, fails, outbox, queue };
}

describe("a message that waits to be tried again", () => {
  test("holds up the answers and cards behind it in its chat, and nothing else", async () => {
    const { clock, delivered, fails, outbox, queue } = openOutbox(1);
    queue(answer("T1"));
    queue(answer("T2"));
    queue({ type: "resumeCard", nonce: "n" });
    queue(alert("said at once"));
    queue(answer("T3"), 2);
    queue(alert("urgent"), 1, "critical");
    await outbox.flush();
    await outbox.flush();
    expect(delivered).toEqual([6, 4, 5]);

    fails.clear();
    await clock.advance(1_000);
    await outbox.flush();
    expect(delivered).toEqual([6, 4, 5, 1, 2, 3]);
  });

  test("does not hold them up for ever", async () => {
    const { clock, delivered, outbox, queue } = openOutbox(1);
    queue(answer("T1"));
    queue(answer("T2"));
    for (let tries = 0; tries < 5; tries += 1) {
      await outbox.flush();
      expect(delivered).toEqual([]);
      await clock.advance(60_000);
    }
    await outbox.flush();
    await outbox.flush();
    expect(delivered).toEqual([2]);
  });
});

test("of several redraws of one card that wait, only the newest is sent", async () => {
  const { clock, delivered, fails, outbox, queue } = openOutbox(4);
  const redraw = (proposalId: string) => queue({ type: "cardUpdate", proposalId });
  for (const id of ["P1", "P2", "P1", "P1"]) redraw(id);
  await outbox.flush();
  expect(delivered).toEqual([2]);

  fails.clear();
  await clock.advance(1_000);
  await outbox.flush();
  expect(delivered).toEqual([2, 4]);
});
