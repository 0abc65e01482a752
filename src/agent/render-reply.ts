/** Entities that we computed: the model's text itself is never read as markup by anybody else. */
export interface RenderedReply {
  readonly text: string;
  readonly entities: {
    readonly type: "bold" | "code" | "pre";
    readonly offset: number;
    readonly length: number;
  }[];
}

// Bidirectional and invisible characters can make text look like something that it is not.
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
const MARKS = /```(?:\w*\n)?([\s\S]*?)```|`([^`\n]+)`|\*\*([^*\n]+)\*\*/g;

/** The few marks that models write become entities; links lose their targets, images vanish. */
export function renderReply(modelText: string): RenderedReply {
  const source = modelText
    .replace(INVISIBLE, "")
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replace(/^#{1,6}\s+/gm, "")
    .trim();
  const entities: RenderedReply["entities"] = [];
  let text = "";
  let at = 0;
  for (const match of source.matchAll(MARKS)) {
    text += source.slice(at, match.index);
    const [whole, block, code, bold] = match;
    const inner = (block ?? code ?? bold ?? "").replace(/\n$/, "");
    if (inner.length > 0) {
      const type = block !== undefined ? "pre" : code !== undefined ? "code" : "bold";
      entities.push({ type, offset: text.length, length: inner.length });
      text += inner;
    }
    at = match.index + whole.length;
  }
  text += source.slice(at);
  return { text, entities };
}
