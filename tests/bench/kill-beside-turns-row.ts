import { Bot } from "grammy";
import { openBusyDesk } from "#tests/agent-evals/busy-desk.ts";
import { serveFaultyTelegram } from "#tests/agent-evals/faulty-telegram.ts";
import { row } from "#tests/bench/measure.ts";
import { TOKEN } from "#tests/support/chat-server.ts";

const ROUNDS = 100;
const LIMIT_MS = 250;

/** /kill to its acknowledgement with ten turns running, 95 of 100, beside a bot that only acknowledges. */
export async function killBesideTurnsRow(): Promise<readonly string[]> {
  const ours = await acknowledgeBesideTurns();
  const floor = await acknowledgeAlone();
  const late = ours.filter((ms) => ms > LIMIT_MS).length;
  return row(
    `/kill to its acknowledgement beside ten running turns, 95 of 100 (${late} above ${LIMIT_MS} ms); floor: grammY that only answers`,
    ninetyFifth(ours),
    ninetyFifth(floor),
  );
}

async function acknowledgeBesideTurns(): Promise<readonly number[]> {
  const busy = await openBusyDesk({ canStop: true });
  const times = await measure(busy.telegram, busy.typed, busy.heardAt, busy.askInEveryChat);
  await busy.close();
  return times;
}

async function acknowledgeAlone(): Promise<readonly number[]> {
  const typed: string[] = [];
  let heardAt = 0;
  const telegram = serveFaultyTelegram({
    share: 0,
    async next() {
      await Bun.sleep(1);
      heardAt = typed.length > 0 ? performance.now() : heardAt;
      return typed.shift() ?? null;
    },
  });
  const bot = new Bot(TOKEN, { client: { apiRoot: telegram.url } });
  bot.hears(/kill/, (ctx) => void ctx.reply("/kill received"));
  const running = bot.start();
  const times = await measure(
    telegram,
    typed,
    () => heardAt,
    async () => undefined,
  );
  await bot.stop();
  await running;
  await telegram.stop();
  return times;
}

/** Milliseconds from the update's leaving to the acknowledgement's arrival, round by round. */
async function measure(
  { said }: ReturnType<typeof serveFaultyTelegram>,
  typed: string[],
  heardAt: () => number,
  prepare: () => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await prepare();
    await Bun.sleep(5);
    const before = said.length;
    typed.push("/kill");
    const acknowledgement = () =>
      said.slice(before).find(({ text }) => text.includes("/kill received"));
    while (!acknowledgement()) await Bun.sleep(1);
    times.push((acknowledgement()?.at ?? 0) - heardAt());
    await Bun.sleep(5);
  }
  return times;
}

function ninetyFifth(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95) - 1] ?? 0;
}
