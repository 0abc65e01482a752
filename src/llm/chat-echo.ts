import { z } from "zod";
import type { Preset } from "./presets.ts";

const fields = z.record(z.string(), z.unknown());
const echo = z.object({ ofMessage: fields, ofCalls: z.record(z.string(), fields) });

/** What an endpoint wants back unchanged: beside the message, and beside each of its calls. */
export type ChatEcho = z.infer<typeof echo>;

type Raw = Readonly<Record<string, unknown>>;

/** Null when the endpoint wants nothing back, or sent nothing of it. */
export function takeChatEcho(
  preset: Preset,
  message: Raw,
  calls: readonly { readonly id: string; readonly raw: Raw }[],
): ChatEcho | null {
  const pick = (raw: Raw) =>
    Object.fromEntries(
      preset.echoes.filter((name) => raw[name] != null).map((name) => [name, raw[name]]),
    );
  const ofMessage = pick(message);
  const ofCalls = Object.fromEntries(calls.map(({ id, raw }) => [id, pick(raw)]));
  const isEmpty = [ofMessage, ...Object.values(ofCalls)].every(
    (one) => Object.keys(one).length === 0,
  );
  return isEmpty ? null : { ofMessage, ofCalls };
}

export function readChatEcho(payload: unknown): ChatEcho | null {
  return echo.safeParse(payload).data ?? null;
}
