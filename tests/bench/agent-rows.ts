import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { createAgent } from "#src/agent/run-turn.ts";
import { dec } from "#src/core/decimal.ts";
import { facts } from "#src/pipeline/show/facts.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { calling, replyOf } from "#tests/support/scripted-model.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { defineTool } from "#tools/tool.ts";
import { row } from "./measure.ts";

const TURNS = 60;
/** Of a turn: seven that call a tool, one that answers. */
const STEPS = 8;
const RESULT = { rate: "0.0001", venue: "alpha" };

/**
 * What a turn costs beside the model and the tool. Between two requests: the journal, the facts, the gate.
 * Around them: the question and the answer, each with one durable commit.
 */
export async function agentRows(): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-bench-agent-"));
  try {
    const ours = await stepsOfTurns(join(folder, "ours.db"));
    const floor = await stepsOfBareLoop(join(folder, "floor.db"));
    const step =
      "agent: one step, 95 of 100 (may be 5 ms); floor: a bare loop that writes the same two rows";
    const around =
      "agent: taking a question and queueing its answer, 95 of 100; floor: two durable commits";
    return [
      row(step, worstOf(ours.steps), worstOf(floor.steps)),
      row(around, worstOf(ours.around), worstOf(floor.around)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Times {
  readonly steps: readonly number[];
  readonly around: readonly number[];
}

async function stepsOfTurns(path: string): Promise<Times> {
  const clock = createSystemClock();
  const store = openStore({ path, wallNow: clock.wallNow });
  const steps: number[] = [];
  const around: number[] = [];
  let [since, before] = [0, 0];
  const settings = { models: { usdPerDay: { chat: dec("1"), scan: dec("1") } } };
  const idle = createIdlePipeline();
  const pipeline = { ...idle, facts: () => facts({ store, clock, mode: "demo", settings }) };
  let step = 0;
  const model: LanguageModel = {
    id: "instant",
    async reply({ tools }) {
      // The notes on older turns are no step.
      if (tools.length === 0) return replyOf({ text: "notes" });
      const tookMs = performance.now() - since;
      if (step % STEPS === 0) before = tookMs;
      else steps.push(tookMs);
      step += 1;
      const reply =
        step % STEPS === 0
          ? { text: "Nothing pays." }
          : calling("get_rates", { asset: `A${step}` }, `c${step}`);
      since = performance.now();
      return replyOf(reply);
    },
  };
  const agent = createAgent({
    ...{ model, store, clock, log: silentLogger, ids: createRandomIds(), tools: [instantTool()] },
    ...{ toolContext: { pipeline }, system: "s", redact: (text: string) => text },
  });
  for (let turn = 0; turn < TURNS; turn += 1) {
    since = performance.now();
    const ended = () => around.push(before + performance.now() - since);
    const watcher = { text: () => undefined, tool: () => undefined, ended };
    await agent.ask({ chatId: 1, text: "what pays?", watcher });
    await agent.idle();
  }
  store.close();
  return { steps, around };
}

/** The same model and tool, and what no step can do without: that it is begun, and that it returned. */
async function stepsOfBareLoop(path: string): Promise<Times> {
  const db = new Database(path, { create: true, strict: true });
  db.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
  db.exec("CREATE TABLE calls (id INTEGER PRIMARY KEY, input TEXT NOT NULL, result TEXT) STRICT");
  const begin = db.prepare("INSERT INTO calls (id, input) VALUES (?, ?)");
  const end = db.prepare("UPDATE calls SET result = ? WHERE id = ?");
  const tool = instantTool();
  const steps: number[] = [];
  for (let step = 0; step < TURNS * STEPS; step += 1) {
    const started = performance.now();
    const [call] = calling("get_rates", { asset: `A${step}` }).calls ?? [];
    begin.run(step, call?.argumentsJson ?? "");
    const input: unknown = JSON.parse(call?.argumentsJson ?? "");
    const result = await tool.run({ pipeline: createIdlePipeline() }, input);
    end.run(JSON.stringify(result), step);
    steps.push(performance.now() - started);
  }
  db.exec("PRAGMA synchronous=FULL");
  const around: number[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const started = performance.now();
    begin.run(-turn, "what pays?");
    end.run("Nothing pays.", -turn);
    around.push(performance.now() - started);
  }
  db.close();
  return { steps, around };
}

function instantTool() {
  return defineTool({
    ...{ name: "get_rates", description: "rates", effect: "reads" },
    input: z.strictObject({ asset: z.string() }),
    output: z.strictObject({ rate: z.string(), venue: z.string() }),
    run: async () => RESULT,
  });
}

/** Of a hundred, the fifth slowest. */
function worstOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;
}
