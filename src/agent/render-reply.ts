import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { breakLinks } from "./reply/break-links.ts";
import { cleanText } from "./reply/clean-text.ts";
import { type PlainTable, renderTable, rowLines } from "./reply/render-table.ts";
import {
  isCode,
  type RenderedReply,
  type ReplyEntity,
  sliceReply,
  subtractSpans,
} from "./reply/rendered-reply.ts";

/** Longer than any answer; beyond it a text is shown as it is. */
const LONGEST_MARKDOWN = 20_000;
const BOXES: ReadonlySet<string> = new Set(["code", "blockquote", "table"]);
const NAMED: Readonly<Record<string, string>> = {
  ...{ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " " },
};

/**
 * What a model wrote, as text and entities that Telegram takes as they are: links lose their targets,
 * images vanish, HTML is shown letter by letter, and nothing in the text can become a link.
 */
export function renderReply(modelText: string): RenderedReply {
  const source = cleanText(modelText);
  const { text, entities } = breakLinks(draw(source));
  const codes = entities.filter(isCode);
  const settled = entities.flatMap((entity) =>
    isCode(entity) || entity.type === "blockquote"
      ? [entity]
      : subtractSpans(entity, codes).map((part) => ({ ...entity, ...part })),
  );
  return sliceReply({ text, entities: settled }, 0, text.length);
}

function draw(source: string): RenderedReply {
  if (source.length > LONGEST_MARKDOWN) return { text: source, entities: [] };
  try {
    const page = new Page();
    page.blocks(new Lexer({ gfm: true }).lex(source), "\n\n");
    return page;
  } catch {
    // Nested deeper than anybody reads: the words count, not their looks.
    return { text: source, entities: [] };
  }
}

/** Text and entities, as they grow. */
class Page implements RenderedReply {
  text = "";
  readonly entities: ReplyEntity[] = [];
  readonly #open = new Set<ReplyEntity["type"]>();

  blocks(tokens: readonly Token[], gap: string, indent = ""): void {
    let last: Token | null = null;
    for (const token of tokens) {
      const before = this.text.length;
      if (last) this.text += this.#endsInBox() ? "\n" : gapBetween(last, token, gap);
      const from = this.text.length;
      this.#block(token as MarkedToken, indent);
      if (this.text.length === from) this.text = this.text.slice(0, before);
      else last = token;
    }
  }

  #block(token: MarkedToken, indent: string): void {
    switch (token.type) {
      case "space":
      case "def":
        return;
      case "heading":
        this.#styled("bold", () => this.#inline(token.tokens));
        return;
      case "paragraph":
        this.#inline(token.tokens);
        return;
      case "blockquote":
        this.#styled("blockquote", () => this.blocks(token.tokens, "\n"));
        return;
      case "code":
        this.#fence(token);
        return;
      case "list":
        this.#list(token, indent);
        return;
      case "table":
        this.#table(token);
        return;
      case "hr":
        this.text += "———";
        return;
      default:
        this.#inline([token]);
        return;
    }
  }

  #fence({ lang = "", text }: Tokens.Code): void {
    const isLanguage = /^[\w+#-]{1,20}$/.test(lang) && text !== "";
    if (isLanguage) this.#code("pre", text, lang);
    else this.#code("pre", lang === "" ? text : `${lang}\n${text}`);
  }

  #list(list: Tokens.List, indent: string): void {
    let number = list.start === "" ? 1 : list.start;
    for (const [index, item] of list.items.entries()) {
      if (index > 0) this.text += "\n";
      this.text += `${indent}${list.ordered ? `${number}.` : "•"} `;
      number += 1;
      this.blocks(item.tokens, "\n", `${indent}  `);
    }
  }

  #table({ header, rows, align }: Tokens.Table): void {
    const table = {
      header: header.map(plainCell),
      rows: rows.map((row) => row.map(plainCell)),
      align,
    };
    const columns = renderTable(table);
    if (columns !== null) this.#code("pre", columns);
    else this.#rows(table);
  }

  #rows(table: PlainTable): void {
    if (this.text.endsWith("\n")) this.#write("\n");
    for (const [index, { title, lines }] of rowLines(table).entries()) {
      if (index > 0) this.text += "\n\n";
      this.#styled("bold", () => this.#write(title));
      this.#write([...(title === "" ? [] : [""]), ...lines].join("\n"));
    }
  }

  #inline(tokens: readonly Token[]): void {
    for (const token of tokens) this.#span(token as MarkedToken);
  }

  #span(token: MarkedToken): void {
    switch (token.type) {
      case "strong":
        this.#styled("bold", () => this.#inline(token.tokens));
        return;
      case "em":
        this.#styled("italic", () => this.#inline(token.tokens));
        return;
      case "del":
        this.#styled("strikethrough", () => this.#inline(token.tokens));
        return;
      case "codespan":
        this.#code("code", token.text);
        return;
      case "link":
        this.#inline(token.tokens);
        return;
      case "image":
        return;
      case "br":
        this.#write("\n");
        return;
      case "checkbox":
        this.#write(token.checked ? "☑ " : "☐ ");
        return;
      case "text":
        if (token.tokens) this.#inline(token.tokens);
        else this.#write(unescaped(token.text));
        return;
      case "escape":
        this.#write(token.text);
        return;
      default:
        this.#write(token.raw.trimEnd());
        return;
    }
  }

  #endsInBox(): boolean {
    const last = this.entities.at(-1);
    const isBox = last?.type === "pre" || last?.type === "blockquote";
    return isBox && last.offset + last.length === this.text.length;
  }

  #write(text: string): void {
    this.text += text;
  }

  #code(type: "code" | "pre", text: string, language?: string): void {
    const place = { type, offset: this.text.length, length: text.length };
    this.entities.push(language === undefined ? place : { ...place, language });
    this.#write(text);
  }

  /** Bold in bold is bold, and a quote in a quote is a quote. */
  #styled(type: ReplyEntity["type"], work: () => void): void {
    if (this.#open.has(type)) {
      work();
      return;
    }
    const offset = this.text.length;
    this.#open.add(type);
    work();
    this.#open.delete(type);
    this.entities.push({ type, offset, length: this.text.length - offset });
  }
}

/** What Telegram draws in a box of its own needs no empty line before it. */
function gapBetween(last: Token, next: Token, gap: string): string {
  if (last.type === "checkbox") return "";
  const isClose = last.type === "heading" || BOXES.has(next.type);
  return isClose ? "\n" : gap;
}

function plainCell({ tokens }: Tokens.TableCell): string {
  const page = new Page();
  page.blocks([{ type: "paragraph", raw: "", text: "", tokens }], "");
  return page.text.replace(/\s+/g, " ").trim();
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (name) => NAMED[name] ?? name);
}
