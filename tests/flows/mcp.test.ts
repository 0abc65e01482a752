import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { loadSettings } from "#config/load.ts";
import { dec } from "#src/core/decimal.ts";
import { createDashboard } from "#src/dashboard/create-app.tsx";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import { openMcp } from "#src/main/models/open-mcp.ts";
import { readProof } from "#src/main/read-proof.ts";
import { startHttpServer } from "#src/runtime/http-server.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { createShiftedClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { TOOLS } from "#tools/registry.ts";

const TOKEN = "a-token-of-more-than-thirty-two-characters";

/** The bot's own page with the door open, over two paper venues. */
function openBot() {
  const clock = createShiftedClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  const feed = createSteadyMarket({ alpha: { rate: "0.0003" }, beta: { rate: "0.00001" } });
  const venues = ["alpha", "beta"].map((id) =>
    createPaperVenue({
      ...{ id, feed, clock, records: createMemoryRecords(), leverage: dec("3") },
      startingCashUsd: "100000",
    }),
  );
  const lines: string[] = [];
  const note = (event: string, fields?: object) =>
    void lines.push(JSON.stringify({ event, ...fields }));
  const log = { info: note, warn: note, error: note };
  const { settings, secrets } = loadSettings("operator");
  const pipeline = composePipeline({
    ...{ mode: "paper", settings, secrets, store, clock, log, shout: () => undefined },
    venues: new Map(venues.map((one) => [one.id, one])),
  });
  const dashboard = createDashboard({
    ...{ pipeline, clock, log, proof: readProof, redact: (text) => text },
    mcp: openMcp({ pipeline, clock, log, token: TOKEN }),
  });
  const server = startHttpServer({ host: "127.0.0.1", port: 0, fetch: dashboard.fetch });
  return { clock, store, pipeline, lines, server, url: `http://127.0.0.1:${server.port}/mcp` };
}

const bot = openBot();
beforeAll(() => bot.pipeline.recover());
afterAll(() => {
  bot.server.stop();
  bot.store.close();
});

async function connect(): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(bot.url), { requestInit }));
  return client;
}

/** What a tool said, and whether it counts as an error. */
async function call(client: Client, name: string, args: Record<string, unknown>) {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const [first] = Array.isArray(content) ? content : [];
  return { isError, text: String(first?.text), said: JSON.parse(String(first?.text)) };
}

describe("the official client", () => {
  test("finds every tool, with what it may do to the world", async () => {
    const client = await connect();
    expect(client.getServerVersion()?.name).toBe("hedgerow");
    await client.ping();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(TOOLS.map((tool) => tool.name));
    for (const { name, annotations } of tools) {
      expect(annotations?.destructiveHint).toBe(false);
      expect(annotations?.readOnlyHint).toBe(!name.startsWith("propose_"));
    }
    await client.close();
  });

  test("reads, and proposes a card that only the owner can tap", async () => {
    const client = await connect();
    const rates = await call(client, "get_rates", { asset: "BTC" });
    expect(rates).toMatchObject({ isError: false, said: { assets: [{ asset: "BTC" }] } });
    const proposed = await call(client, "propose_hedge", { asset: "BTC", candidateId: null });
    expect(proposed).toMatchObject({ isError: false, said: { status: "awaiting_owner" } });
    const [approval] = bot.store.listApprovals({ state: "pending" });
    expect(approval).toMatchObject({ subject: "open", subjectId: proposed.said.proposalId });
    expect(proposed.text).not.toContain(approval?.nonce ?? "?");
    expect(bot.store.dueOutbox(bot.clock.wallNow(), 9)).toMatchObject([
      { content: { type: "proposalCard", proposalId: proposed.said.proposalId } },
    ]);
    expect(bot.store.getProposal(proposed.said.proposalId)?.proposal.source).toBe("agent");
    expect(bot.store.listHedges()).toEqual([]);
    await client.close();
  });

  test("hears closed codes, never a raw error", async () => {
    const client = await connect();
    const sized = await call(client, "propose_hedge", { asset: "BTC", candidateId: null, size: 9 });
    expect(sized).toMatchObject({ isError: true, said: { error: "DOES_NOT_FIT_SCHEMA" } });
    for (const name of ["approve", "__proto__", "constructor", "propose_hedge "]) {
      const forged = client.callTool({ name, arguments: {} });
      expect(await forged.then(String, (error) => error.code)).toBe(-32_602);
    }
    await client.close();
  });

  test("leaves a line a call, without what was asked", () => {
    const calls = bot.lines.filter((line) => line.includes('"mcpCall"'));
    expect(
      calls.some((line) => /"tool":"propose_hedge","ms":\d+,"outcome":"answered"/.test(line)),
    ).toBe(true);
    expect(calls.join()).not.toContain("BTC");
  });
});

/** A request as anybody could send it; what is named replaces what a good one has. */
async function send(
  options: { headers?: Record<string, string>; method?: string; body?: string; url?: string } = {},
) {
  const method = options.method ?? "POST";
  const response = await fetch(options.url ?? bot.url, {
    method,
    headers: {
      ...{ authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      ...options.headers,
    },
    ...(method === "POST" ? { body: options.body ?? ask("ping") } : {}),
  });
  const text = await response.text();
  return { status: response.status, text, json: text === "" ? null : JSON.parse(text) };
}

function ask(method: string, params: object = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

describe("the door", () => {
  test.each([
    ["no token", 401, { headers: { authorization: "" } }],
    ["a wrong token", 401, { headers: { authorization: `Bearer ${TOKEN}x` } }],
    ["the token as a password", 401, { headers: { authorization: `Basic ${TOKEN}` } }],
    ["a website", 403, { headers: { origin: "https://evil.example" } }],
    ["a website of no origin", 403, { headers: { origin: "null" } }],
    ["a website whose name leads here", 403, { headers: { host: "evil.example" } }],
    ["a proxy", 403, { headers: { "x-forwarded-for": "203.0.113.9" } }],
    ["a form", 415, { headers: { "content-type": "text/plain" } }],
    ["a huge message", 413, { body: ask("ping", { filler: "x".repeat(70_000) }) }],
    ["a stream", 405, { method: "GET" }],
    ["the end of a session", 405, { method: "DELETE" }],
    ["an unknown version", 400, { headers: { "mcp-protocol-version": "1999-01-01" } }],
  ] as const)("refuses %s with %i and one line", async (_what, status, options) => {
    const answer = await send(options);
    expect(answer).toMatchObject({ status, json: { error: expect.any(String) } });
    expect(answer.text).not.toContain(TOKEN);
  });

  test("lets a local page and every known version in", async () => {
    expect((await send({ headers: { origin: "http://localhost:3000" } })).status).toBe(200);
    for (const version of ["2025-11-25", "2025-06-18", "2025-03-26"]) {
      const hello = await send({ body: ask("initialize", { protocolVersion: version }) });
      expect(hello.json.result.protocolVersion).toBe(version);
      expect((await send({ headers: { "mcp-protocol-version": version } })).status).toBe(200);
    }
    const other = await send({ body: ask("initialize", { protocolVersion: "2099-01-01" }) });
    expect(other.json.result.protocolVersion).toBe("2025-11-25");
  });

  test("answers as JSON-RPC says", async () => {
    const code = async (body: string) => (await send({ body })).json?.error?.code ?? null;
    expect(await code("{")).toBe(-32_700);
    expect(await code(`[${ask("ping")}]`)).toBe(-32_600);
    expect(await code('{"id":1,"method":"ping"}')).toBe(-32_600);
    expect(await code(ask("resources/list"))).toBe(-32_601);
    expect(await code(ask("ping"))).toBeNull();
    const note = await send({ body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' });
    expect(note).toMatchObject({ status: 202, text: "" });
  });

  test("is not there unless it was opened", async () => {
    const { pipeline, clock } = bot;
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const closed = createDashboard({
      ...{ pipeline, clock, log, proof: readProof, redact: (text: string) => text },
    });
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: ask("ping"),
    };
    expect((await closed.fetch(new Request(bot.url, init), "127.0.0.1")).status).toBe(405);
  });

  test("hears sixty calls a minute, and refuses the others with a closed code", async () => {
    bot.clock.jump(61_000);
    const body = ask("tools/call", { name: "explain_decision", arguments: { asset: null } });
    const said: string[] = [];
    for (let count = 0; count < 62; count += 1) {
      said.push((await send({ body })).json.result.content[0].text);
    }
    expect(said.filter((text) => text.includes("TOO_MANY_CALLS"))).toHaveLength(2);
    bot.clock.jump(61_000);
    expect((await send({ body })).text).not.toContain("TOO_MANY_CALLS");
  });
});
