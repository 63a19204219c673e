/** Test tool: every string over an alphabet, and every way a string can arrive in pieces. */

/** Every string of `minLength` up to `maxLength` letters. */
export function* strings(alphabet: string, maxLength: number, minLength = 0): Generator<string> {
  let row = [""];
  for (let length = 0; length <= maxLength; length++) {
    if (length >= minLength) yield* row;
    row = row.flatMap((text) => [...alphabet].map((letter) => text + letter));
  }
}

/** Every way to cut a string into chunks that are not empty: 2ⁿ⁻¹ ways for n letters. */
export function* chunkings(text: string): Generator<string[]> {
  const places = Math.max(0, text.length - 1);
  for (let cuts = 0; cuts < 2 ** places; cuts++) {
    const chunks: string[] = [];
    let start = 0;
    for (let place = 0; place < places; place++) {
      if ((cuts >> place & 1) === 0) continue;
      chunks.push(text.slice(start, place + 1));
      start = place + 1;
    }
    if (start < text.length) chunks.push(text.slice(start));
    yield chunks;
  }
}

/** The lines of a byte string, by the contract's words: what every framing is held against. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop(); // what follows the last end is a line only if it is something
  return lines;
}
