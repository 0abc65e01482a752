import { InputFile, type Transformer } from "grammy";
import { breakLinksInText } from "#src/agent/reply/break-links.ts";

type Redact = (text: string) => string;

/** Cuts secrets out of every request to Telegram, whichever method it is: text, buttons, answers, edits. */
export function redactPayloads(redact: Redact): Transformer {
  return (call, method, payload, signal) => call(method, redactStrings(payload, redact), signal);
}

/** The same value with each of its strings redacted; files and their bytes stay as they are. */
function redactStrings<Value>(value: Value, redact: Redact): Value {
  return mapStrings(value, redact) as Value;
}

function mapStrings(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null || value instanceof InputFile) return value;
  if (Array.isArray(value)) return value.map((one) => mapStrings(one, redact));
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, mapStrings(one, redact)]),
  );
  const isCut = "text" in value && copy["text"] !== value.text;
  if (!isCut || !("entities" in copy)) return copy;
  // Entities count characters of a text that is not the same any more; some of them kept links apart.
  return { ...copy, text: breakLinksInText(String(copy["text"])), entities: [] };
}
