export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: "NOT_JSON" | "DUPLICATE_KEYS" | "TOO_DEEP" };

/** Deeper than any input of ours. */
const DEEPEST = 4;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** JSON that means one thing only: no key twice, shallow, no half letters. */
export function readStrictJson(text: string): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, error: "NOT_JSON" };
  }
  // Half a letter is written back as an escape, a whole one as itself.
  if (/\\ud[89a-f]/.test(JSON.stringify(value))) return { ok: false, error: "NOT_JSON" };
  const error = faultOf(text);
  return error ? { ok: false, error } : { ok: true, value };
}

/** Of text that is JSON: JSON.parse lets the last of two equal keys win, and others the first. */
function faultOf(text: string): "DUPLICATE_KEYS" | "TOO_DEEP" | null {
  const open: Set<string>[] = [];
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      open.push(new Set());
      if (open.length > DEEPEST) return "TOO_DEEP";
    } else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const keys = open.at(-1);
      const key: unknown = JSON.parse(last);
      if (keys?.has(String(key))) return "DUPLICATE_KEYS";
      keys?.add(String(key));
    }
    last = token;
  }
  return null;
}
