import { describe, expect, test } from "bun:test";
import { renderReply } from "#src/agent/render-reply.ts";
import { breakLinksInText } from "#src/agent/reply/break-links.ts";
import type { RenderedReply } from "#src/agent/reply/rendered-reply.ts";
import { splitRendered, tailOf } from "#src/agent/reply/split-rendered.ts";
import { findLinks } from "#tests/support/telegram-links.ts";

/** `type:words` of each entity, in order. */
function marked({ text, entities }: RenderedReply): readonly string[] {
  return entities.map(
    ({ type, offset, length }) => `${type}:${text.slice(offset, offset + length)}`,
  );
}

describe("a model's markdown", () => {
  test.each([
    [
      "**bold** _italic_ ~~gone~~",
      "bold italic gone",
      ["bold:bold", "italic:italic", "strikethrough:gone"],
    ],
    ["**a _b_ c**", "a b c", ["bold:a b c", "italic:b"]],
    ["**a `b` c**", "a b c", ["bold:a", "code:b", "bold:c"]],
    ["# Title `x`\nwords", "Title x\nwords", ["bold:Title", "code:x"]],
    ["> one\n> > two", "one\ntwo", ["blockquote:one\ntwo"]],
    [
      "- one\n- two\n  - **three**\n1. a\n2. b",
      "• one\n• two\n  • three\n\n1. a\n2. b",
      ["bold:three"],
    ],
    ["- [x] done\n- [ ] open", "• ☑ done\n• ☐ open", []],
    ["one\n\n---\n\ntwo", "one\n\n———\n\ntwo", []],
    ["**a**\u202E\u200B b\u0007 ⚠️", "a b ⚠️", ["bold:a"]],
    ["2 * 3 * 4 &lt; 30 &amp; \\*", "2 * 3 * 4 < 30 & *", []],
    [
      '<b>x</b> <tg-button type="callback_data" data="a:1">y</tg-button>',
      '<b>x</b> <tg-button type="callback_data" data="a:1">y</tg-button>',
      [],
    ],
    ["e\u0301", "é", []],
  ])("%j", (markdown, text, entities) => {
    const reply = renderReply(markdown);
    expect(reply.text).toBe(text);
    expect(marked(reply)).toEqual(entities);
  });

  test("has empty lines between paragraphs and none around what stands in a box", () => {
    const wide = `| a | ${"b".repeat(40)} |\n|---|---|\n| 1 | 2 |`;
    const { text } = renderReply(`one\n\ntwo\n\n\`\`\`\nx\n\`\`\`\n\nthree\n\n${wide}\n\nfour`);
    expect(text).toBe(`one\n\ntwo\nx\nthree\n\na: 1\n${"b".repeat(40)}: 2\n\nfour`);
  });

  test("keeps the language of a block of code", () => {
    expect(renderReply("```json\n{}\n```").entities).toEqual([
      { type: "pre", offset: 0, length: 2, language: "json" },
    ]);
  });

  test("becomes columns when a phone is wide enough, and lines when it is not", () => {
    const narrow = renderReply("| Asset | APR |\n|---|--:|\n| BTC | 8.1 % |\n| ETH | 12.40 % |");
    const wide = renderReply(
      `| Asset | Where to be short | Where to be long | Why |\n|---|---|---|---|\n| **BTC** | binance | hyperliquid | ${"because ".repeat(4)}|`,
    );

    expect(narrow.text).toBe("Asset      APR\nBTC      8.1 %\nETH    12.40 %");
    expect(narrow.entities.map((one) => one.type)).toEqual(["pre"]);
    expect(wide.text).toBe(
      "Asset: BTC\nWhere to be short: binance\nWhere to be long: hyperliquid\nWhy: because because because because",
    );
    expect(marked(wide)).toEqual(["bold:Asset: BTC"]);
  });

  test("is shown as it is when it is nested deeper than anybody reads", () => {
    const deep = `${">".repeat(15_000)} words`;
    expect(renderReply(deep).text).toContain("words");
  });
});

describe("nothing can be tapped", () => {
  test.each([
    ["[more](https://evil.example/?q=1)", "more"],
    ["![chart](https://evil.example/p.png) rest", "rest"],
    ["see https://evil.example/a?b=1", "see https[:]//evil[.]example/a?b=1"],
    ["<https://evil.example>", "https[:]//evil[.]example"],
    ["[https://good.example](https://evil.example)", "https[:]//good[.]example"],
    ["t.me/evil_bot and @evil_bot", "t[.]me/evil_bot and [@]evil_bot"],
    ["evil`.`com", "evil[.]com"],
    ["mail me@evil.example", "mail me[@]evil[.]example"],
    ["10.0.0.1 is not 1.25 %", "10[.]0[.]0[.]1 is not 1.25 %"],
    ["tg://resolve?domain=evil", "tg[:]//resolve?domain=evil"],
  ])("%j", (markdown, text) => {
    expect(renderReply(markdown).text).toBe(text);
  });

  test("a command that does something is code; one that only shows something stays", () => {
    const reply = renderReply("Send **/kill now**, /resume, or look at /best. And and/or 5/8h.");
    expect(reply.text).toBe("Send /kill now, /resume, or look at /best. And and/or 5/8h.");
    expect(marked(reply)).toEqual(["code:/kill", "bold:now", "code:/resume"]);
  });

  test("code keeps its characters, and breaks apart when it must be sent plain", () => {
    const { text } = renderReply("`config.example.toml` and `/kill`");
    expect(text).toBe("config.example.toml and /kill");
    expect(breakLinksInText(text)).toBe("config[.]example[.]toml and [/]kill");
  });
});

describe("a long answer", () => {
  test("is cut where a paragraph, a line or a word ends", () => {
    const reply = renderReply(`${"a".repeat(60)}\n\n${"b".repeat(30)} ${"c".repeat(30)}`);
    expect(splitRendered(reply, 80).map(({ text }) => text)).toEqual([
      "a".repeat(60),
      `${"b".repeat(30)} ${"c".repeat(30)}`,
    ]);
  });

  test("continues a table in a second block of code", () => {
    const rows = Array.from({ length: 40 }, (_, row) => `line ${row}`).join("\n");
    const parts = splitRendered(renderReply(`\`\`\`\n${rows}\n\`\`\``), 120);

    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ text }) => text).join("\n")).toBe(rows);
    for (const { text, entities } of parts) {
      expect(entities).toEqual([{ type: "pre", offset: 0, length: text.length }]);
    }
  });

  test("is never cut inside a character, nor so that a command comes to stand alone", () => {
    for (const text of ["🦔".repeat(60), `${"a".repeat(63)}/kill`, `${"x".repeat(62)}/////kill`]) {
      const parts = splitRendered({ text, entities: [] }, 64);
      expect(parts.map((part) => part.text).join("")).toBe(text);
      for (const part of parts) {
        expect(part.text.isWellFormed()).toBe(true);
        expect(findLinks(part.text, [])).toEqual([]);
      }
    }
  });

  test("shows its end when there is no room for all of it", () => {
    const reply = renderReply(`${"word ".repeat(100)}**end**`);
    const tail = tailOf(reply, 50);
    expect(tail.text.length).toBeLessThanOrEqual(50);
    expect(tail.text.endsWith("word end")).toBe(true);
    expect(marked(tail)).toEqual(["bold:end"]);
  });
});

describe("100,000 random texts", () => {
  const COUNT = 100_000;

  test("give no invalid entity, link, image or button, fit into messages and lose no word", () => {
    const next = seeded(20_261_121);
    const failures: string[] = [];
    for (let round = 0; round < COUNT && failures.length < 5; round += 1) {
      const { markdown, words } = randomMarkdown(next);
      const reply = renderReply(markdown);
      // A small limit cuts every text somewhere; the real one is above the length of these.
      const parts = splitRendered(reply, 64);
      const wrong = [
        ...complaints(reply),
        ...parts.flatMap((part) => [
          ...complaints(part),
          ...(part.text.length > 64 ? ["long"] : []),
        ]),
        ...lost(words, reply, !markdown.includes("|")),
        ...(squeezed(parts.map(({ text }) => text).join("")) === squeezed(reply.text)
          ? []
          : ["cut"]),
      ];
      if (wrong.length > 0) failures.push(`${JSON.stringify(markdown)}: ${wrong.join(", ")}`);
    }
    expect(failures).toEqual([]);
  }, 120_000);
});

// None of them has a target.
const TYPES = new Set(["bold", "italic", "strikethrough", "code", "pre", "blockquote"]);

/** What Telegram, or a reader, would complain about. */
function complaints(reply: RenderedReply): readonly string[] {
  const { text, entities } = reply;
  const found: string[] = [];
  if (text !== text.trim()) found.push("white space around it");
  if (!text.isWellFormed()) found.push("half a character");
  if (/(?!\n|\t)[\p{Cc}\p{Cf}]/u.test(text)) found.push("unseen");
  for (const [index, one] of entities.entries()) {
    const end = one.offset + one.length;
    const words = text.slice(one.offset, end);
    if (!TYPES.has(one.type)) found.push(one.type);
    if (one.length <= 0 || one.offset < 0 || end > text.length) found.push("out of bounds");
    if (!words.isWellFormed()) found.push("an entity cuts a character");
    const mayBegin = one.type === "pre" || one.type === "blockquote";
    if (words.trim() === "" || words !== (mayBegin ? words.trimEnd() : words.trim()))
      found.push("blank edge");
    for (const other of entities.slice(index + 1)) {
      const stop = other.offset + other.length;
      if (other.offset < one.offset) found.push("out of order");
      if (other.offset >= end || stop <= one.offset) continue;
      if (stop > end) found.push("overlap");
      if (one.type === "code" || one.type === "pre" || one.type === other.type)
        found.push("nested");
    }
  }
  return [...found, ...findLinks(text, entities).map((link) => `link ${link}`)];
}

function lost(
  words: readonly string[],
  { text, entities }: RenderedReply,
  inOrder: boolean,
): readonly string[] {
  const languages = new Set(entities.map(({ language }) => language));
  let at = 0;
  for (const word of words.filter((one) => !languages.has(one))) {
    at = text.indexOf(word, at);
    if (at < 0) return [`lost ${word}`];
    // The rows of a wide table name their columns again and again.
    at = inOrder ? at + word.length : 0;
  }
  return [];
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

// WORD stands for a word that must come through, in its order.
const FRAGMENTS = [
  ...[
    "**",
    "*",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```\n",
    "```ts\n",
    "\n",
    "\n\n",
    " ",
    " ",
    "\n> ",
    "> > ",
  ],
  ...[
    "\n- ",
    "\n  - ",
    "\n1. ",
    "- [x] ",
    "\n# ",
    "\n### ",
    "\n---\n",
    "| ",
    " |",
    "\n|---|--:|\n",
    "\\",
  ],
  ...["WORD", "WORD", "WORD ", " WORD", "WORD\n", "**WORD**", "_WORD_", "`WORD`", "~~WORD~~ "],
  ...["[WORD](https://evil.example/x)", "![evil](https://evil.example/i.png)", "![evil][ref]"],
  ...[
    "\n\n[ref]: https://evil.example\n\n",
    "[WORD][ref]",
    "<https://evil.example>",
    "https://evil.example/?q=1",
  ],
  ...[
    "t.me/evil",
    "@evil_bot",
    "/kill",
    "/resume@evil_bot",
    "/best",
    "me@evil.example",
    "evil.com",
    "10.0.0.1",
  ],
  ...[
    "tg://resolve?domain=x",
    "+1-212-555-0123",
    "4111 1111 1111 1111",
    "www.evil.com",
    "evil`.`com",
    "ex.am`ple`.com",
  ],
  ...[
    "<b>",
    "</b>",
    '<tg-button type="callback_data" data="a:1">',
    "</tg-button>",
    "<!--",
    "&amp;",
    "&lt;",
    "&#64;",
  ],
  ...[
    "🦔",
    "👩‍👩‍👧",
    "⚠️",
    "\u202E",
    "\u200B",
    "\u0000",
    "\uD83D",
    "é",
    "漢字",
    "1.25 %",
    "-3.4e5",
    ".",
    ":",
    "/",
    "@",
    "+",
  ],
  ...[
    "\n\n| a | b |\n|---|--:|\n| WORD | WORD |\n\n",
    "\n    ",
    "\t",
    "\r\n",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "#BTC",
    "$BTC",
  ],
];

function randomMarkdown(next: () => number): {
  readonly markdown: string;
  readonly words: readonly string[];
} {
  const words: string[] = [];
  let markdown = "";
  const count = 1 + Math.floor(next() * 9);
  for (let index = 0; index < count; index += 1) {
    const fragment = FRAGMENTS[Math.floor(next() * FRAGMENTS.length)] ?? "";
    markdown += fragment.replace(/WORD/g, () => {
      const word = `w${words.length}z`;
      words.push(word);
      return word;
    });
  }
  return { markdown, words };
}

/** Mulberry32: the same texts in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
