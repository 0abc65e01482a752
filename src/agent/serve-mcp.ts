import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { AgentTool, ToolContext } from "#tools/tool.ts";
import { gateToolCall } from "./gate-tool-call.ts";

/** The newest first: that one is offered to a client whose own we do not know. */
export const MCP_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;
/** A client that proposes faster than anybody reads is not heard. */
const CALLS_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** So many calls may wait for the one that runs. */
const MOST_WAITING = 4;

export interface McpAnswer {
  readonly status: 200 | 202 | 400;
  /** Null: nothing is answered, as to a notification. */
  readonly body: unknown;
}

type Id = string | number;
type Fields = ReadonlyMap<string, unknown>;

/** JSON-RPC's own codes. */
const [NOT_JSON, BAD_REQUEST, NO_METHOD, BAD_PARAMS] = [-32_700, -32_600, -32_601, -32_602];

const INSTRUCTIONS =
  "Reads rates, opportunities, status and results of Hedgerow, and proposes hedges and closes. A proposal trades nothing: its owner approves it in Telegram or it expires. There is no other way to trade from here.";

/**
 * The agent's tools for other programs, by the Model Context Protocol: stateless, one JSON answer a message,
 * through the same gate as a model's calls. Who may ask is the door's business.
 */
export function serveMcp(options: {
  readonly tools: readonly AgentTool[];
  readonly toolContext: ToolContext;
  readonly clock: Clock;
  readonly log: Logger;
}): (text: string) => Promise<McpAnswer> {
  const call = createCaller(options);
  return async (text) => {
    const message = parseMessage(text);
    if (message === null) return { status: 400, body: failure(null, NOT_JSON, "not JSON") };
    const id = message.get("id");
    const method = message.get("method");
    const isAnswer = message.has("result") || message.has("error");
    if (message.get("jsonrpc") !== "2.0" || (typeof method !== "string" && !isAnswer)) {
      const why = "one JSON-RPC 2.0 message is expected; batches are not taken";
      return { status: 400, body: failure(null, BAD_REQUEST, why) };
    }
    // We ask a client nothing, so its answers are to nobody, and its notifications change nothing.
    if (isAnswer || !isId(id)) return { status: 202, body: null };
    const params = fieldsOf(message.get("params"));
    switch (method) {
      case "initialize":
        return success(id, hello(params));
      case "ping":
        return success(id, {});
      case "tools/list":
        return success(id, { tools: options.tools.map(describe) });
      case "tools/call":
        return call(id, params);
      default:
        return { status: 200, body: failure(id, NO_METHOD, "this method is not known here") };
    }
  };
}

/** One call at a time, so many a minute: /kill must never wait behind a client. */
function createCaller({ tools, toolContext, clock, log }: Parameters<typeof serveMcp>[0]) {
  const recent: number[] = [];
  let [last, waiting]: [Promise<unknown>, number] = [Promise.resolve(), 0];

  function whyNot(): string | null {
    const now = clock.elapsedMs();
    while (recent[0] !== undefined && now - recent[0] >= MINUTE_MS) recent.shift();
    if (recent.length >= CALLS_A_MINUTE) return "TOO_MANY_CALLS";
    return waiting > MOST_WAITING ? "BUSY" : null;
  }

  return async (id: Id, params: Fields): Promise<McpAnswer> => {
    const name = params.get("name");
    const tool = tools.find((one) => one.name === name);
    if (!tool) return { status: 200, body: failure(id, BAD_PARAMS, "there is no such tool") };
    const refused = whyNot();
    if (refused) {
      log.warn("mcpCall", { tool: tool.name, outcome: refused });
      return success(id, toolResult(JSON.stringify({ error: refused }), true));
    }
    const startedMs = clock.elapsedMs();
    recent.push(startedMs);
    waiting += 1;
    const argumentsJson = JSON.stringify(params.get("arguments") ?? {});
    const running = last.then(() =>
      gateToolCall(
        { id: String(id), name: tool.name, argumentsJson },
        tools,
        toolContext,
        log,
        clock,
      ),
    );
    last = running.catch(() => undefined);
    try {
      const json = await running;
      const error = errorIn(json);
      const ms = Math.round(clock.elapsedMs() - startedMs);
      log.info("mcpCall", { tool: tool.name, ms, outcome: error ?? "answered" });
      return success(id, toolResult(json, error !== null));
    } finally {
      waiting -= 1;
    }
  };
}

function hello(params: Fields) {
  const asked = params.get("protocolVersion");
  return {
    protocolVersion: MCP_VERSIONS.find((one) => one === asked) ?? MCP_VERSIONS[0],
    capabilities: { tools: {} },
    serverInfo: { name: "hedgerow", version: "1" },
    instructions: INSTRUCTIONS,
  };
}

/** What a client may rely on follows from the tool's effect alone. */
function describe({ name, description, inputSchema, effect }: AgentTool) {
  const reads = effect === "reads";
  return {
    ...{ name, description, inputSchema },
    annotations: {
      readOnlyHint: reads,
      destructiveHint: false,
      // Proposed again, the same card is sent again.
      idempotentHint: true,
      openWorldHint: true,
    },
  };
}

function toolResult(json: string, isError: boolean) {
  return { content: [{ type: "text", text: json }], isError };
}

function errorIn(json: string): string | null {
  const error = fieldsOf(JSON.parse(json)).get("error");
  return typeof error === "string" ? error : null;
}

function success(id: Id, result: unknown): McpAnswer {
  return { status: 200, body: { jsonrpc: "2.0", id, result } };
}

function failure(id: Id | null, code: number, message: string) {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

function isId(value: unknown): value is Id {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

/** Null when it is not JSON; without fields when it is something else than an object. */
function parseMessage(text: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(isObject ? Object.entries(value) : []);
}
