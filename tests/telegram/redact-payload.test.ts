import { expect, test } from "bun:test";
import { Api, InlineKeyboard, InputFile } from "grammy";
import { redactPayloads } from "#src/telegram/redact-payload.ts";

const redact = (text: string) => text.replaceAll("canary", "[redacted]");

/** What would be sent to Telegram for this call. */
async function sent(call: (api: Api) => Promise<unknown>): Promise<unknown> {
  const api = new Api("4200000001:sandbox");
  const { promise, resolve } = Promise.withResolvers<unknown>();
  api.config.use(async (_prev, _method, payload) => {
    resolve(payload);
    throw new Error("nothing is sent in this test");
  });
  api.config.use(redactPayloads(redact));
  await call(api).catch(() => undefined);
  return promise;
}

test("entities of a text that was cut are left out: their places are wrong now", async () => {
  const entities = [{ type: "bold" as const, offset: 0, length: 3 }];

  const cut = await sent((api) => api.sendMessage(1, "a canary", { entities }));
  const whole = await sent((api) => api.sendMessage(1, "a bird", { entities }));

  expect(cut).toMatchObject({ text: "a [redacted]", entities: [] });
  expect(whole).toMatchObject({ text: "a bird", entities });
});

test("a text that loses its entities has nothing that can be tapped either", async () => {
  const entities = [{ type: "code" as const, offset: 7, length: 5 }];
  const cut = await sent((api) => api.sendMessage(1, "canary /kill evil.example", { entities }));
  expect(cut).toMatchObject({ text: "[redacted] [/]kill evil[.]example", entities: [] });
});

test("buttons, captions and list items are cut too, and a file stays a file", async () => {
  const file = new InputFile(new Uint8Array([1, 2, 3]));
  const keyboard = new InlineKeyboard().text("canary", "a:canary");

  const payload = await sent((api) =>
    api.sendPhoto(1, file, { caption: "canary", reply_markup: keyboard }),
  );

  expect(payload).toMatchObject({
    photo: file,
    caption: "[redacted]",
    reply_markup: { inline_keyboard: [[{ text: "[redacted]", callback_data: "a:[redacted]" }]] },
  });
});
