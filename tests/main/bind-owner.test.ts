import { describe, expect, test } from "bun:test";
import { bindOwner } from "#src/main/bind-owner.ts";
import { openStore } from "#src/store/sqlite-store.ts";

const NOW = 1_770_000_000_000;

function storeWithMessage() {
  const store = openStore({ path: ":memory:", wallNow: () => NOW });
  bindOwner(store, 7, NOW);
  const content = { type: "alert", text: "hello" } as const;
  store.transaction(() => store.enqueue({ severity: "info", chatId: 7, content }));
  return store;
}

describe("binding an owner", () => {
  test("lets go of what was queued for somebody else", () => {
    const store = storeWithMessage();
    bindOwner(store, 8, NOW);
    expect(store.dueOutbox(NOW, 10)).toEqual([]);
    expect([store.getFact("ownerId"), store.getFact("chatId")]).toEqual(["8", "8"]);
  });

  test("keeps what is queued when it is the same person", () => {
    const store = storeWithMessage();
    bindOwner(store, 7, NOW);
    expect(store.dueOutbox(NOW, 10)).toHaveLength(1);
  });
});
