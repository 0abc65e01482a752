import { expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { chooseModel } from "#src/main/choose-model.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

test("whichever model is configured, what is sent to it was redacted", async () => {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      asked.push(await request.text());
      return Response.json({ error: { message: "no" } }, { status: 400 });
    },
  });
  for (const provider of ["anthropic", "openai-compatible"]) {
    const model = { provider, name: "m", baseUrl: `http://127.0.0.1:${server.port}` };
    const { settings } = loadSettings("operator", writeSettings({ model }));
    const secrets = { modelKey: "model-key-000001", telegramToken: null };
    const chosen = chooseModel(settings, secrets, (text) =>
      text.replaceAll("canary", "[redacted]"),
    );
    const calls = [{ id: "c", name: "get_status", argumentsJson: '{"a":"canary"}' }];
    const request = {
      system: "canary system",
      messages: [
        { role: "user", text: "canary question" },
        { role: "assistant", text: "canary answer", calls },
        { role: "tool", callId: "c", name: "get_status", json: '{"b":"canary"}' },
      ],
      ...{ tools: [], maxOutputTokens: 10, signal: new AbortController().signal },
    } as const;
    await chosen.reply(request).catch(() => undefined);
  }
  await server.stop(true);

  expect(asked).toHaveLength(2);
  for (const body of asked) {
    expect(body).not.toContain("canary");
    expect(body.match(/\[redacted\]/g)).toHaveLength(5);
  }
});
