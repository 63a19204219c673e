/** How `kv` chooses, opens and prepares its file, and what it says when that fails. */

import { messageOf } from "../reason.ts";
import { DatabaseSync } from "node:sqlite";
import { LockWait } from "./kv_lock.ts";

/** The environment variable that names the file, if the handler may read it. */
const FILE_VARIABLE = "HSHA_KV_FILE";

/** The file where none is named, in the current folder. */
const DEFAULT_FILE = "hsha-kv.sqlite";

const SCHEMA =
  "CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY NOT NULL, v BLOB NOT NULL) STRICT";

/**
 * The file that the user has chosen.
 *
 * @param args The words after `--` on the command line: the file, or none
 * @throws {Error} if there are more words, or an empty one
 */
export function storeFile(args: readonly string[]): string {
  const [file, ...others] = args;
  if (others.length > 0 || file === "") throw new Error("its only argument is its database file");
  if (file !== undefined) return file;
  const { state } = Deno.permissions.querySync({ name: "env", variable: FILE_VARIABLE });
  return (state === "granted" ? Deno.env.get(FILE_VARIABLE) : undefined) || DEFAULT_FILE;
}

/**
 * Opens a file as the store needs it. No job waits for this, so it may wait longer for a lock.
 *
 * @param busyTimeout Milliseconds that SQLite itself waits for a lock
 * @throws {Error} if that fails, with the reason
 */
export function openDatabase(file: string, busyTimeout: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    new LockWait(0).run(() => prepare(database!));
    return database;
  } catch (error) {
    database?.close();
    if (!isGranted(file)) {
      throw new Error(
        `it keeps its keys in ${file} and needs --allow-read=${file} --allow-write=${file}; ` +
          `an argument after -- names another file, and so does the variable ${FILE_VARIABLE} ` +
          `with --allow-env=${FILE_VARIABLE}`,
      );
    }
    const reason = messageOf(error);
    throw new Error(`its database file ${file} cannot be used: ${reason}`);
  }
}

/** Whether the handler may use the file; SQLite may then use the files beside it, too. */
function isGranted(path: string): boolean {
  return (["read", "write"] as const)
    .every((name) => Deno.permissions.querySync({ name, path }).state === "granted");
}

/** Prepares the file, unless another worker has done so. */
function prepare(database: DatabaseSync): void {
  const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
  if (mode !== "wal") throw new Error("it cannot be put into WAL mode");
  database.exec("PRAGMA synchronous = FULL");
  database.prepare(SCHEMA).run();
}
