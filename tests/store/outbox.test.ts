import { describe, expect, test } from "bun:test";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";

const memory = () => openStore({ path: ":memory:", wallNow: () => 1 });

describe("the outbox", () => {
  const say = (store: Store, text: string, severity: "info" | "critical") =>
    store.transaction(() =>
      store.enqueue({ severity, chatId: 1, content: { type: "alert", text } }),
    );
  const due = (store: Store, now: number) =>
    store
      .dueOutbox(now, 10)
      .map((item) => (item.content.type === "alert" ? item.content.text : ""));

  test("gives what is critical first, then what is oldest", () => {
    const store = memory();
    say(store, "a", "info");
    say(store, "b", "info");
    say(store, "c", "critical");
    expect(due(store, 0)).toEqual(["c", "a", "b"]);
  });

  test("gives a failed message again only when its wait is over, a delivered one never", () => {
    const store = memory();
    say(store, "a", "info");
    say(store, "b", "info");
    store.transaction(() => store.markRetry(1, 500));
    store.transaction(() => store.markDelivered(2, 7));
    expect([due(store, 499), due(store, 500)]).toEqual([[], ["a"]]);
    expect(store.dueOutbox(500, 1)[0]?.attempts).toBe(1);
    expect(store.recentAlerts(5).map(({ at, text }) => [at, text])).toEqual([
      [7, "b"],
      [null, "a"],
    ]);
  });
});
