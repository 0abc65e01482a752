import type { MessageEntity } from "grammy/types";

/** Text with entities that we computed ourselves: nothing in it can be read as markup. */
export interface RichText {
  readonly text: string;
  readonly entities: MessageEntity[];
}

type Style = "bold" | "italic" | "code" | "pre";
export type Part = string | { readonly style: Style; readonly text: string };

/** Joins parts; entity offsets are UTF-16 units, which is what JS strings count. */
export function rich(...parts: readonly Part[]): RichText {
  let text = "";
  const entities: MessageEntity[] = [];
  for (const part of parts) {
    const piece = typeof part === "string" ? part : part.text;
    if (typeof part !== "string" && piece.length > 0) {
      entities.push({ type: part.style, offset: text.length, length: piece.length });
    }
    text += piece;
  }
  return { text, entities };
}

export function bold(text: string): Part {
  return { style: "bold", text };
}

/** A block in a fixed-width font: for aligned tables. */
export function pre(text: string): Part {
  return { style: "pre", text };
}
