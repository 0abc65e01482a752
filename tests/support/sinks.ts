import { createAgent } from "#src/agent/run-turn.ts";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import { describeError } from "#src/core/errors.ts";
import { createDashboard } from "#src/dashboard/create-app.tsx";
import { createRedactedModel } from "#src/llm/redacted-model.ts";
import { readProof } from "#src/main/read-proof.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import type { Redact } from "#src/runtime/redactor.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { openCheck } from "#tests/support/builders.ts";
import { OWNER, serveChat, TOKEN } from "#tests/support/chat-server.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { replyOf } from "#tests/support/scripted-model.ts";
import { TOOLS } from "#tools/registry.ts";

/** Every place where text leaves the process, each with the bytes that went there. */
export type SinkName = "log" | "telegram" | "dashboard" | "model" | "memory";

/** The real log, Telegram door, dashboard and agent, with everything that leaves them recorded. */
export function openSinks(redact: Redact) {
  const bytes: Record<SinkName, string> = {
    ...{ log: "", telegram: "", dashboard: "", model: "", memory: "" },
  };
  const chat = serveChat();
  // Stands between the bot and its server and writes down what the bot sends.
  const wire = Bun.serve({
    port: 0,
    idleTimeout: 120,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      if (!pathname.endsWith("/getUpdates")) bytes.telegram += `${pathname} ${body}\n`;
      const headers = { "content-type": request.headers.get("content-type") ?? "" };
      const init = body === "" ? {} : { body, headers };
      return fetch(`${chat.url}${pathname}${search}`, { method: request.method, ...init });
    },
  });
  const clock = createSystemClock();
  const log = createJsonLogger(redact, (line) => {
    bytes.log += line;
  });
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER.id));
    store.setFact("chatId", String(OWNER.id));
  });
  const pipeline = createIdlePipeline();
  const agent = createAgent({
    ...{ store, clock, log, redact, tools: TOOLS, system: "", toolContext: { pipeline } },
    ids: createRandomIds(),
    model: createRedactedModel(
      recordingModel(bytes, () => turns),
      redact,
    ),
  });
  const dashboard = createDashboard({ pipeline, clock, log, proof: readProof, redact });
  const door = createTelegramDoor({
    ...{ token: TOKEN, apiRoot: `http://127.0.0.1:${wire.port}`, bindCode: null },
    ...{ pipeline, agent, store, clock, log, redact },
  });
  const stopping = new AbortController();
  const outbox = createOutbox({ store, notifier: door.notifier, clock, log });
  const running = Promise.all([door.run(stopping.signal), outbox.run(stopping.signal)]);
  let turns = 0;
  const alert = (text: string) =>
    door.notifier.deliver({
      ...{ id: 1, severity: "critical", chatId: OWNER.id, attempts: 0 },
      content: { type: "alert", text },
    });

  async function carry(text: string) {
    const quiet = await pipeline.status();
    const alerts = [{ at: "2026-01-01T00:00:00Z", severity: "critical" as const, text }];
    pipeline.status = async () => ({ ...quiet, alerts, nextScanAt: text });
  }

  return {
    bytes,
    /** A failure, as the code base logs one, in each way that it could. */
    logs(thrown: unknown) {
      log.error("failed", { error: describeError(thrown) });
      log.error("failed", { error: thrown, nested: { thrown: String(thrown) } });
      log.error("failed", { [String(thrown)]: 1 });
    },
    alert,
    /** A card whose proposal carries the text. */
    async card(text: string) {
      const proposal = { ...openCheck().proposal, asset: text };
      pipeline.cardFacts = async () => ({
        stored: { proposal, hash: "h", state: "awaiting", reason: null },
        ...{ hedge: null, view: null, marketNow: 0, mode: "paper" },
        days: { lookback: "14", horizon: "21" },
      });
      await door.notifier.deliver({
        ...{ id: 2, severity: "info", chatId: OWNER.id, attempts: 0 },
        content: { type: "proposalCard", proposalId: proposal.id, nonce: "nonce" },
      });
    },
    /** What the owner types, until the bot has answered it; the tools that the model reads carry it too. */
    async types(text: string) {
      await carry(text);
      turns += 1;
      await chat.post("/sandbox/messages", { text });
      for (let turn = 0; turn < 100; turn += 1) {
        if (bytes.telegram.includes(`end of turn ${turns}`)) break;
        await Bun.sleep(20);
      }
      const remembered = store.endedTurns(OWNER.id, 0, 99);
      const calls = remembered.flatMap(({ id }) => store.callsOf(id));
      bytes.memory += JSON.stringify([remembered, calls, store.getSummary(OWNER.id)]);
    },
    /** Everything that the page and its API say while an alert carries the text. */
    async looks(text: string) {
      await carry(text);
      for (const path of ["/", "/parts", "/api/health", "/api/status", "/api/rates"]) {
        bytes.dashboard += await textOf(await dashboard.fetch(get(path)));
      }
      const events = await dashboard.fetch(get("/api/events"));
      const reader = events.body?.getReader();
      bytes.dashboard += new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
    },
    async stop() {
      stopping.abort();
      await running;
      void wire.stop(true);
      chat.stop();
      store.close();
    },
  };
}

/** Asks for the status, then repeats everything that it has read: the worst that a model can do. */
function recordingModel(bytes: Record<SinkName, string>, turn: () => number): LanguageModel {
  return {
    id: "recording",
    async reply(request) {
      const read = JSON.stringify(request);
      bytes.model += read;
      const hasResult = request.messages.at(-1)?.role === "tool";
      const calls = hasResult ? [] : [{ id: "c1", name: "get_status", argumentsJson: "{}" }];
      const text = [...request.messages]
        .reverse()
        .map((one) => ("text" in one ? one.text : one.json))
        .join(" ");
      // The newest first: long answers are cut.
      const said = `end of turn ${turn()} ; ${text}`;
      return replyOf({ text: said, calls, stop: hasResult ? "end" : "toolCalls" });
    },
  };
}

function get(path: string): Request {
  return new Request(`http://localhost${path}`);
}

async function textOf(response: Response): Promise<string> {
  return `${JSON.stringify([...response.headers])}\n${await response.text()}\n`;
}
