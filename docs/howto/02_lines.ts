// Step 2. Bytes become lines on the way in, and lines become bytes on the way out.
import { accept, listen } from "./01_echo.ts";

/** A connection's lines. Any of `\n`, `\r\n` and `\r` ends one, and a `\r` does so at once. */
export async function* lines(conn: Pick<Deno.Conn, "read">): AsyncGenerator<string> {
  const buffer = new Uint8Array(4096), utf8 = new TextDecoder();
  let rest = "", cr = false; // cr: the last chunk ended with \r, so a \n now is the rest of it
  for (let n; (n = await conn.read(buffer)) !== null;) {
    const text = utf8.decode(buffer.subarray(0, n), { stream: true });
    const parts = text.slice(cr && text[0] === "\n" ? 1 : 0).split(/\r\n?|\n/);
    cr = text.endsWith("\r");
    parts[0] = rest + parts[0];
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest) yield rest; // the client has half-closed: what it sent last is a line too
}

/** What writes a connection's replies: each whole, one after another, ended by `\n`. */
export function replies(conn: Pick<Deno.Conn, "writable">): (text: string) => Promise<void> {
  const out = conn.writable.getWriter(), utf8 = new TextEncoder();
  return (text) => out.write(utf8.encode(text + "\n"));
}

/** The service handler: shows each line in brackets, as proof of where it begins and ends. */
async function bracket(conn: Deno.Conn) {
  const reply = replies(conn);
  for await (const line of lines(conn)) await reply(`[${line}]`);
}

if (import.meta.main) accept(listen(7102), bracket);
