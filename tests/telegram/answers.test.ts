import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { openChatDoor, until } from "#tests/support/chat-door.ts";
import { SPEC_PATH } from "#tests/support/telegram-spec.ts";

let open: ReturnType<typeof openChatDoor>;
afterEach(() => open.stop());

const LONG = Array.from({ length: 300 }, (_, index) => `line ${index} ${"x".repeat(30)}`).join(
  "\n",
);
const LATER = Number.MAX_SAFE_INTEGER;

async function asked(answer: string): Promise<void> {
  await open.say("tell me");
  await open.agent.answer(answer);
}

async function fromBot(): Promise<readonly string[]> {
  return (await open.chat.messages()).filter((one) => one.from === "bot").map((one) => one.text);
}

const isDone = () => open.store.dueOutbox(LATER, 9).length === 0;

describe("an answer", () => {
  test("comes in pieces that Telegram takes, with nothing lost and no preview of a link", async () => {
    open = openChatDoor({ judged: existsSync(SPEC_PATH) });
    await asked(`${LONG}\n\n**end** of [it](https://evil.example)`);
    await until(isDone, "the delivery");

    const parts = await fromBot();
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.every((text) => text.length <= 4096)).toBe(true);
    expect(parts.join("\n")).toBe(`${LONG}\n\nend of it`.replaceAll("\n\n", "\n\n"));
    const sent = open.chat.calls.filter(({ method }) => method === "sendMessage");
    for (const { body } of sent) {
      expect(body["link_preview_options"]).toEqual({ is_disabled: true });
      expect(body["parse_mode"]).toBeUndefined();
    }
    expect(open.spec?.violations ?? []).toEqual([]);
  });

  test("continues with the piece that failed, and what comes after it in the chat waits", async () => {
    open = openChatDoor();
    open.chat.fail("sendMessage", { after: 1, code: 429, description: "slow", retryAfter: 3 });
    await asked(LONG);
    await until(() => open.chat.calls.filter(isMessage).length === 2, "the failure");
    await asked("second answer");
    open.alert("an alert");
    await until(isDone, "the delivery");

    const texts = await fromBot();
    const answers = texts.filter((text) => text.startsWith("line") || text === "second answer");
    expect(answers.join("\n")).toBe(`${LONG}\nsecond answer`);
    expect(texts.indexOf("ℹ️ an alert")).toBe(1);
  });

  test("continues with the piece that failed after a restart", async () => {
    open = openChatDoor();
    open.chat.fail("sendMessage", { after: 1, code: 500, description: "oops" });
    await asked(LONG);
    await until(() => open.chat.calls.filter(isMessage).length === 2, "the failure");
    await open.restart();
    await until(isDone, "the delivery");

    expect((await fromBot()).join("\n")).toBe(LONG);
  });

  test("is sent plain when Telegram does not take its entities, and still nothing can be tapped", async () => {
    open = openChatDoor();
    open.chat.fail("sendMessage", { code: 400, description: "Bad Request: can't parse entities" });
    await asked("**Send** /kill or look at `evil.com`");
    await until(isDone, "the delivery");

    expect(await fromBot()).toEqual(["Send [/]kill or look at evil[.]com"]);
    const [, plain] = open.chat.calls.filter(isMessage);
    expect(plain?.body["entities"]).toBeUndefined();
  });

  test("that has nothing to show says so", async () => {
    open = openChatDoor();
    await asked("![](https://evil.example/x.png)");
    await open.chat.waitFor((line) => line.text.startsWith("The answer had no text."));
  });

  test("is tried again rarely when its owner blocked the bot", async () => {
    open = openChatDoor();
    const blocked = { code: 403, description: "Forbidden: bot was blocked by the user" };
    open.chat.fail("sendMessage", { ...blocked, times: 99 });
    await asked("words");
    await until(() => open.chat.calls.some(isMessage), "the try");
    await Bun.sleep(100);

    expect(open.chat.calls.filter(isMessage)).toHaveLength(1);
    const inFourMinutes = open.clock.wallNow() + 240_000;
    expect(open.store.dueOutbox(inFourMinutes, 9)).toEqual([]);
    expect(open.store.dueOutbox(LATER, 9)).toHaveLength(1);
  });
});

test("an alert that cannot be delivered is an error to be tried again, not a loss", async () => {
  open = openChatDoor();
  const item = { id: 1, severity: "critical", chatId: 5, attempts: 0 } as const;
  const thrown = await open
    .deliver({ ...item, content: { type: "alert", text: "x" } })
    .catch((error: unknown) => error);
  expect(thrown).toMatchObject({ name: "RetryableError" });
});

function isMessage({ method }: { readonly method: string }): boolean {
  return method === "sendMessage";
}
