// Collects syslog messages (RFC 3164, 5424) that senders forward by TCP, and stores them in SQLite:
// deno run -A main.ts --handler docs/examples/syslog.ts --allow-read=log.db --allow-write=log.db -- log.db
import { DatabaseSync } from "node:sqlite";
import type { HandlerContext } from "../../lib/mod.ts";

export const defaults = { order: "serial", replies: "none" } as const;

/** Each worker has a connection of its own to the file. */
let database: DatabaseSync | undefined;

function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    database.exec("PRAGMA journal_mode = WAL");
  } catch {
    // another worker is doing it now
  }
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec("CREATE TABLE IF NOT EXISTS log (time, sender, facility, severity, message)");
  return database;
}

export default function syslog(line: string, { args: [file], remoteAddr }: HandlerContext) {
  database ??= connect(file);
  // A message without a priority counts as a user's notice: RFC 3164, 4.3.3.
  const [, priority, message] = /^<(\d{1,3})>(.*)$/s.exec(line) ?? [line, "13", line];
  const sender = "hostname" in remoteAddr ? remoteAddr.hostname : "local";
  database.prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?)")
    .run(new Date().toISOString(), sender, Number(priority) >> 3, Number(priority) & 7, message);
  return undefined;
}

export function dispose(): void {
  database?.close();
}
