import { describe, expect, test } from "bun:test";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { TOOLS } from "#tools/registry.ts";

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
