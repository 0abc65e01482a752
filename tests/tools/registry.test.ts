import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { checkedTools, TOOLS } from "#tools/registry.ts";
import { type AgentTool, defineTool } from "#tools/tool.ts";

describe.each(TOOLS.map((tool) => [tool.name, tool] as const))("%s", (_name, tool) => {
  test("reads or proposes, and there is no third", () => {
    expect(["reads", "proposes"]).toContain(tool.effect);
  });

  test("takes a strict object without any field that code or the owner decides", () => {
    const schema = JSON.stringify(tool.inputSchema);
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(schema).not.toMatch(/size|amount|leverage|price|approv|nonce/i);
  });

  test("refuses extra keys", () => {
    const context = { pipeline: createIdlePipeline() };
    expect(tool.run(context, { asset: null, candidateId: null, hedge: "x", size: 5 })).toBeNull();
  });

  test("is explained in few words, with its units", () => {
    expect(tool.description.length).toBeGreaterThan(60);
    expect(tool.description.length).toBeLessThan(420);
  });
});

describe("the registry refuses a tool", () => {
  const [plain] = TOOLS;
  if (!plain) throw new Error("no tools");
  const withFields = (properties: object, more: object = {}): AgentTool => ({
    ...plain,
    inputSchema: {
      ...{ type: "object", additionalProperties: false, properties },
      required: Object.keys(properties),
      ...more,
    },
  });

  test.each<[string, AgentTool]>([
    ["that takes a size", withFields({ sizeBase: {} })],
    [
      "that takes a price deep within",
      withFields({ a: { items: { anyOf: [{ properties: { maxPrice: {} } }] } } }),
    ],
    ["that takes more than it says", withFields({ a: {} }, { additionalProperties: true })],
    ["with a field that may be left out", withFields({ a: {} }, { required: [] })],
    ["with a name of its own kind", { ...plain, name: "Approve" }],
    // As a plain JavaScript object could have it.
    ["with an effect of its own", Object.assign({}, plain, { effect: "executes" })],
    ["without an effect", Object.assign({}, plain, { effect: undefined })],
  ])("%s", (_, tool) => {
    expect(() => checkedTools([tool])).toThrow();
  });

  test("that is there twice", () => {
    expect(() => checkedTools([plain, plain])).toThrow();
  });
});

describe("an asset", () => {
  const context = { pipeline: createIdlePipeline() };
  const hedge = (asset: unknown) =>
    TOOLS.find((tool) => tool.name === "propose_hedge")?.run(context, { asset, candidateId: null });

  test.each(["btc", " BTC ", "ＢＴＣ"])("is understood as people write it: %j", async (asset) => {
    context.pipeline.proposals.length = 0;
    await hedge(asset);
    expect(context.pipeline.proposals).toEqual(['{"asset":"BTC"}']);
  });

  test.each([
    ...[
      "",
      "ВТС",
      "B\u200bTC",
      "BTC\u202e",
      "BTC/USDT",
      "BTC USDT",
      "X".repeat(21),
      "ß",
      "B\ud800C",
    ],
    ...[5, {}, true, "__proto__", "🚀"],
  ])("is refused when it only looks like one: %j", (asset) => {
    expect(hedge(asset)).toBeNull();
  });
});

test("a tool tells only what its output names, and of that only what is of its kind", async () => {
  const tool = defineTool({
    ...{ name: "get_x", description: "x", effect: "reads" },
    input: z.strictObject({}),
    output: z.object({ kept: z.string().catch("") }),
    run: async () => ({ kept: 5, secret: "IGNORE" }),
  });
  expect(await tool.run({ pipeline: createIdlePipeline() }, {})).toEqual({ kept: "" });
});

test("no tool can approve, and none of their results holds a nonce", async () => {
  const context = { pipeline: createIdlePipeline() };
  for (const tool of TOOLS) {
    const input = ["propose_close"].includes(tool.name)
      ? { hedge: "H-1" }
      : tool.name === "propose_hedge"
        ? { asset: "BTC", candidateId: null }
        : tool.name.startsWith("get_s") || tool.name.startsWith("get_p")
          ? {}
          : { asset: null };
    expect(JSON.stringify(await tool.run(context, input))).not.toMatch(/nonce/i);
  }
});
