// Exercise 2. The framer of step 2 with a longest line.

/** Stands for a line that is too long. */
export const TOO_LONG = Symbol("a line that is too long");

/** A connection's lines of up to `most` characters; a longer one is reported at once, as `TOO_LONG`. */
export async function* limited(
  conn: Pick<Deno.Conn, "read">,
  most: number,
): AsyncGenerator<string | typeof TOO_LONG> {
  const buffer = new Uint8Array(4096), utf8 = new TextDecoder();
  let rest = "", cr = false;
  let skipping = false; // the line under way has been reported, and its end has not come yet
  for (let n; (n = await conn.read(buffer)) !== null;) {
    const text = utf8.decode(buffer.subarray(0, n), { stream: true });
    const parts = text.slice(cr && text[0] === "\n" ? 1 : 0).split(/\r\n?|\n/);
    cr = text.endsWith("\r");
    parts[0] = rest + parts[0];
    rest = parts.pop()!;
    for (const part of parts) {
      if (!skipping) yield part.length > most ? TOO_LONG : part;
      skipping = false;
    }
    if (!skipping && rest.length > most) {
      yield TOO_LONG;
      skipping = true;
    }
    if (skipping) rest = ""; // this is what bounds the memory
  }
  if (rest) yield rest;
}
