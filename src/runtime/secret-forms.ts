const LEAST_WORDS = 12;
const SHORTEST_LINE = 16;

/** The ways in which a secret is written down between a venue's library and a message of ours. */
export function secretForms(secret: string): readonly string[] {
  const parts = mnemonicWords(secret) ? [] : [secret, ...linesOf(secret), ...numberForms(secret)];
  const encoded = [secret, ...linesOf(secret)].flatMap((one) => [
    ...base64Forms(one),
    Buffer.from(one).toString("hex"),
  ]);
  return [...new Set([...parts, ...encoded].flatMap(withEscapes))];
}

/** Null when it is no recovery phrase. Its words alone are ordinary English: three in a row are a find. */
export function mnemonicPattern(secret: string): RegExp | null {
  const words = mnemonicWords(secret);
  if (!words) return null;
  const one = `(?:${[...new Set(words)].toSorted((a, b) => b.length - a.length).join("|")})(?![a-z])`;
  const between = "(?:%[0-9a-f]{2}|\\\\[nrt]|&[a-z]{2,5};|[^a-z]){1,8}";
  return new RegExp(
    `(?:(?<![a-z])|(?<=\\\\[nrt]|%[0-9a-f]{2}))${one}(?:${between}${one}){2,}`,
    "gi",
  );
}

function mnemonicWords(secret: string): readonly string[] | null {
  const words = secret.trim().toLowerCase().split(/\s+/);
  return words.length >= LEAST_WORDS && words.every((word) => /^[a-z]+$/.test(word)) ? words : null;
}

/** A key of several lines (PEM) is also a secret line by line: log lines are joined and cut. */
function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\s*\n\s*/).filter((line) => !line.startsWith("-----"));
  return lines.length > 1 ? lines.filter((line) => line.length >= SHORTEST_LINE) : [];
}

/** Signers turn a hexadecimal key into one large number, or into bytes. */
function numberForms(secret: string): readonly string[] {
  const digits = /^(?:0x)?([0-9a-f]{32,})$/i.exec(secret)?.[1];
  if (!digits) return [];
  const bytes = [...Buffer.from(digits, "hex")];
  return [digits, BigInt(`0x${digits}`).toString(), bytes.join(","), bytes.join(", ")];
}

/** Whole, and as it stands inside a longer text that was encoded (key:secret), at all three alignments. */
function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const inside = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // The outermost characters depend on what stands beside it.
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [bytes.toString("base64"), ...inside].flatMap((form) => [
    form,
    form.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

/** A URL inside a URL, JSON inside JSON: each way of escaping, and each upon each. */
function withEscapes(text: string): readonly string[] {
  const once = ESCAPES.map((write) => write(text));
  return [text, ...once, ...once.flatMap((form) => ESCAPES.map((write) => write(form)))];
}

const ESCAPES: readonly ((text: string) => string)[] = [
  encodeURIComponent,
  (text) => encodeURIComponent(text).replaceAll("%20", "+"),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
];
