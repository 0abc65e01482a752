import { expect, test } from "bun:test";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

test("a card from before a halt opens nothing after it, also when the halt was cut off", async () => {
  const { pipeline, store, hedges } = await createDecidingRig();
  await pipeline.proposeOpen({ asset: "AAA" }, "owner");
  pipeline.offerMandate();
  // The word is on disk, and the process ended before it took the cards back.
  store.transaction(() => store.setTradingState("halted"));
  const cards = store.listApprovals({ state: "pending" });
  expect(cards.map(({ subject }) => subject).sort()).toEqual(["mandate", "open"]);
  expect(pipeline.offerResume()).toBe(true);
  const [resume] = store
    .listApprovals({ state: "pending" })
    .filter(({ subject }) => subject === "resume");
  const tap = { nonce: resume?.nonce ?? "", userId: 1, chatId: 1, messageId: 7 };
  store.transaction(() => store.bindApprovalMessage(tap.nonce, 1, 7));
  expect(await pipeline.approve(tap)).toMatchObject({ kind: "resumed" });
  expect(store.listApprovals({ state: "pending" })).toEqual([]);
  const states = cards.map(({ nonce }) => store.getApproval(nonce)?.state);
  expect(states).toEqual(["superseded", "superseded"]);
  expect(hedges()).toEqual([]);

  // What the owner reads when he taps one of them now is true: nothing was done, and nothing is halted.
  for (const { nonce } of cards) {
    store.transaction(() => store.bindApprovalMessage(nonce, 1, 8));
    const late = { nonce, userId: 1, chatId: 1, messageId: 8 };
    const said = { kind: "withdrawn", answer: expect.stringContaining("Nothing was done by it") };
    expect(await pipeline.approve(late)).toMatchObject(said);
    expect(pipeline.decline(late)).toMatchObject(said);
  }
});
