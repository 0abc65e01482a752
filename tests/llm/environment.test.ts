import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startModelEndpoint } from "#tests/support/model-endpoint.ts";

const ours = startModelEndpoint();
const theirs = startModelEndpoint();
const home = mkdtempSync(join(tmpdir(), "hedgerow-home-"));
afterAll(async () => {
  await Promise.all([ours.stop(), theirs.stop()]);
  rmSync(home, { recursive: true, force: true });
});

/** Asks both libraries once, in a process whose environment is full of bait. */
const ASK = `
  import { createAnthropicModel } from "#src/llm/anthropic.ts";
  import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
  import { createSystemClock } from "#src/runtime/system-clock.ts";
  import { modelRequest } from "#tests/support/models.ts";
  const common = { model: "m", baseUrl: process.argv[1], clock: createSystemClock() };
  const models = [
    createAnthropicModel({ ...common, apiKey: "our-key-00001" }),
    createOpenAiCompatibleModel({ ...common, provider: "openai", apiKey: "our-key-00001" }),
    createOpenAiCompatibleModel({ ...common, provider: "ollama", apiKey: null }),
  ];
  for (const model of models) {
    await model.reply(modelRequest()).catch(() => undefined);
    await model.reply(modelRequest({ onText: () => undefined })).catch(() => undefined);
  }
`;

test("nothing in the environment or on the disk has any influence on what is sent, where to, or what is said", async () => {
  const bait = "bait-000000001";
  mkdirSync(join(home, "anthropic", "configs"), { recursive: true });
  const profile = { base_url: theirs.url, authentication: { type: "api_key", api_key: bait } };
  writeFileSync(join(home, "anthropic", "configs", "default.json"), JSON.stringify(profile));
  ours.json({ error: { type: "invalid_request_error", message: "no" } }, { status: 400 });
  const child = Bun.spawn([process.execPath, "-e", ASK, ours.url], {
    ...{ stdout: "pipe", stderr: "pipe" },
    env: {
      ...Bun.env,
      ...{ XDG_CONFIG_HOME: home, ANTHROPIC_CONFIG_DIR: join(home, "anthropic") },
      ...{ ANTHROPIC_PROFILE: "default", ANTHROPIC_API_KEY: bait, ANTHROPIC_AUTH_TOKEN: bait },
      ...{
        ANTHROPIC_BASE_URL: theirs.url,
        ANTHROPIC_LOG: "debug",
        ANTHROPIC_WEBHOOK_SIGNING_KEY: bait,
      },
      ANTHROPIC_CUSTOM_HEADERS: `x-bait: ${bait}\nAuthorization: Bearer ${bait}\nanthropic-version: 2000-01-01`,
      ...{ OPENAI_API_KEY: bait, OPENAI_ADMIN_KEY: bait, OPENAI_ORG_ID: bait, OPENAI_LOG: "debug" },
      ...{ OPENAI_PROJECT_ID: bait, OPENAI_BASE_URL: theirs.url, OPENAI_WEBHOOK_SECRET: bait },
      OPENAI_CUSTOM_HEADERS: `x-bait: ${bait}\nAuthorization: Bearer ${bait}`,
    },
  });
  const said = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);

  expect(said).toEqual(["", ""]);
  expect(theirs.asked).toEqual([]);
  expect(ours.asked.map(({ path }) => path)).toEqual([
    ...["/v1/messages", "/v1/messages", "/chat/completions", "/chat/completions"],
    ...["/chat/completions", "/chat/completions"],
  ]);
  for (const { headers } of ours.asked) {
    const sent = JSON.stringify([...headers]);
    expect(sent).not.toContain(bait);
    expect(sent).not.toContain("stainless");
  }
  const keys = ours.asked.map(({ headers }) => headers.get("authorization"));
  expect(keys).toEqual([...Array(4).fill("Bearer our-key-00001"), null, null]);
  expect(ours.asked[0]?.headers.get("anthropic-version")).toBe("2026-10-21");
});
