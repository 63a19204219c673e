/**
 * Makes the text of others safe to show: characters that could move a terminal's cursor, or turn the reading
 * direction, are shown as symbols or numbers.
 */

/**
 * Controls but for the tab; line and paragraph separators; and format characters, among them those that
 * turn the reading direction, but for the joiners (U+200C, U+200D), which words and emoji are made with.
 */
const HARMFUL = /(?![\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text with harmful characters as JSON and JavaScript write them: `\u009b`. */
export function escaped(text: string): string {
  return text.replaceAll(HARMFUL, (char) => {
    const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

/** A text with harmful characters as pictures, `␛`, or by their numbers, `<U+202E>`. */
export function printable(text: string): string {
  return text.replaceAll(HARMFUL, (char) => {
    const code = char.codePointAt(0)!;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "␡" : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}
