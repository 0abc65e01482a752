import { expect, test } from "bun:test";
import { CHATS, openBusyDesk } from "#tests/agent-evals/busy-desk.ts";

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !holds(); turn += 1) await Bun.sleep(5);
  expect(holds()).toBe(true);
}

async function openHedge({ desk }: Awaited<ReturnType<typeof openBusyDesk>>, asset: string) {
  await desk.pipeline.proposeOpen({ asset }, "owner");
  await desk.tap("approve");
}

test("/kill is acknowledged and everything flat while ten turns that nobody can stop go on", async () => {
  const busy = await openBusyDesk({ canStop: false });
  const { desk, telegram } = busy;
  for (const asset of ["BTC", "ETH"]) await openHedge(busy, asset);
  await busy.askInEveryChat();
  const live = () => CHATS.filter((chatId) => desk.store.liveTurns(chatId)[0]?.state === "running");
  expect(live()).toEqual(CHATS);

  busy.typed.push("/kill");
  await until(() => telegram.said.some(({ text }) => text.includes("is flat")));

  const words = telegram.said.map(({ text }) => text);
  const acknowledged = words.findIndex((text) => text.includes("/kill received"));
  expect(acknowledged).toBeGreaterThanOrEqual(0);
  expect(acknowledged).toBeLessThan(words.findIndex((text) => text.includes("is flat")));
  expect(desk.store.listHedges().map(({ phase }) => phase)).toEqual(["closed", "closed"]);
  expect(desk.store.tradingState()).toBe("halted");
  // Nothing of that waited for a turn: all of them still run.
  expect(live()).toEqual(CHATS);
  await busy.close();
});

test("/kill ends ten running turns, each with a word about it", async () => {
  const busy = await openBusyDesk({ canStop: true });
  const { desk, telegram } = busy;
  await busy.askInEveryChat();
  busy.typed.push("kill!");
  await until(() => telegram.said.some(({ text }) => text.includes("/kill received")));
  await until(() => desk.store.liveTurns().length === 0);
  for (const chatId of CHATS) {
    expect(desk.turns(chatId).map(({ state }) => state)).toEqual(["stopped"]);
    expect(desk.turns(chatId)[0]?.answer).toContain("/kill came first");
  }
  await busy.close();
});
