// Part of memcached's text protocol, over a file that all workers share; nothing expires. deno run -A
// main.ts --handler docs/examples/memcached.ts --allow-read=c.db --allow-write=c.db -- c.db
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import type { HandlerContext, Reply } from "../../lib/mod.ts";

/** The words of a `set`, whose data is the next line. */
type Context = HandlerContext<string[]>;

export const defaults = { order: "pinned", newline: "crlf", maxLine: 1_048_576 } as const;

let database: DatabaseSync | undefined;

/** Runs in the worker that will run all lines of the connection: it is pinned. */
export function open({ args: [file] }: Context): undefined {
  database ??= new DatabaseSync(file, { timeout: 5000 });
  database.exec("PRAGMA synchronous = OFF");
  database.exec("CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, flags, bytes, data)");
}

export default function memcached(line: string, context: Context): Reply {
  if (context.session !== undefined) return set(line, context);
  const [command, ...words] = line.split(" ");
  if (command === "get" && words.length > 0) return [...words.flatMap(get), "END"];
  if (command === "set" && words.length >= 4) {
    context.session = words;
    return undefined;
  }
  if (command === "delete" && words.length > 0) {
    const [key, noreply] = words;
    const { changes } = database!.prepare("DELETE FROM cache WHERE key = ?").run(key);
    if (noreply !== undefined) return undefined;
    return changes > 0 ? "DELETED" : "NOT_FOUND";
  }
  if (command !== "quit") return "ERROR";
  context.end();
  return undefined;
}

/** Data is stored as JSON. So bytes that are not UTF-8, lone surrogates here, survive. */
function get(key: string): string[] {
  const row = database!.prepare("SELECT flags, bytes, data FROM cache WHERE key = ?").get(key);
  return row ? [`VALUE ${key} ${row.flags} ${row.bytes}`, JSON.parse(String(row.data))] : [];
}

function set(data: string, context: Context): string | undefined {
  const [key, flags, _expires, bytes, noreply] = context.session!;
  context.session = undefined;
  const length = Buffer.byteLength(data) - 2 * (data.match(/[\udc80-\udcff]/gu) ?? []).length;
  if (length !== Number(bytes)) {
    context.end(); // the next line is the rest of the data, and no command
    return "CLIENT_ERROR bad data chunk: it holds a line end, or is not of that length";
  }
  const row = [key, flags, bytes, JSON.stringify(data)];
  database!.prepare("INSERT OR REPLACE INTO cache VALUES (?, ?, ?, ?)").run(...row);
  return noreply === undefined ? "STORED" : undefined;
}

export function dispose(): void {
  database?.close();
}
