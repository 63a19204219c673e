/**
 * The yardstick: a line server without workers. It runs the same handler in the isolate that has
 * the sockets, as one would write it without a pool: `inline_server.ts [HANDLER]`.
 *
 * It answers a chunk's lines with one write, frames by `\n`, and has none of the guarantees.
 */

import type { Handler } from "../../lib/mod.ts";

const CONTEXT = {
  workerId: 1,
  connectionId: "1",
  remoteAddr: { transport: "unix", path: "" },
  args: [],
  session: undefined,
  end() {},
} as const;
const CHUNK = 64 * 1024;
const echo: Handler = (line, { workerId }) => `${workerId} ${line}`;

async function serve(conn: Deno.TcpConn, handler: Handler): Promise<void> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(CHUNK);
  let rest = "";
  try {
    conn.setNoDelay(true);
    for (;;) {
      const length = await conn.read(buffer);
      if (length === null) break;
      const text = decoder.decode(buffer.subarray(0, length), { stream: true });
      const end = text.lastIndexOf("\n");
      if (end < 0) {
        rest += text;
        continue;
      }
      const lines = (rest + text.slice(0, end)).split("\n");
      rest = text.slice(end + 1);
      let replies = "";
      for (const line of lines) replies += `${handler(line, CONTEXT)}\n`;
      let bytes = encoder.encode(replies);
      while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) console.error(String(error));
  } finally {
    conn.close();
  }
}

if (import.meta.main) {
  const [file] = Deno.args;
  const handler: Handler = file === undefined ? echo : (await import(file)).default;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log(`listening on 127.0.0.1:${listener.addr.port}`);
  for (;;) serve(await listener.accept(), handler);
}
