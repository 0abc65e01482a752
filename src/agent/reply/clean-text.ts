const LINE_ENDS = /\r\n?|[\u2028\u2029]/g;
// Emoji need U+FE0F and only that one; everything else here shows nothing, or turns text around.
const UNSEEN =
  /(?![\n\t])[\p{Cc}\p{Cf}]|\u034F|[\u115F\u1160\u17B4\u17B5]|[\u180B-\u180F]|[\u2800\u3164\uFFA0]|[\uFE00-\uFE0D]|[\u{E0100}-\u{E01EF}]/gu;

/**
 * Takes out what nobody can see: text that looks like one thing must not be another. Composed characters
 * become one (NFC), halves of characters become a question mark.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(LINE_ENDS, "\n").replace(UNSEEN, "").normalize("NFC");
}
