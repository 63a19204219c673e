/**
 * The store of the handler `kv`: one worker's connection to a SQLite file that several workers share.
 *
 * In WAL mode readers never wait, and writers wait for each other. With `synchronous=FULL` a commit
 * returns when the disk has it: what was committed outlives the worker, the process and the machine.
 * See https://www.sqlite.org/wal.html and https://www.sqlite.org/pragma.html#pragma_synchronous.
 */

import { Buffer } from "node:buffer";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { decode, encode } from "../half_sync/text.ts";

/** The environment variable that names the file, where the handler may read it. */
const FILE_VARIABLE = "HSHA_KV_FILE";

/** The file otherwise, in the current folder. */
const DEFAULT_FILE = "hsha-kv.sqlite";

/** Seconds that a write waits for those of others; a job may run longer than that by default. */
const BUSY_TIMEOUT = 20;

/** Seconds that a search for keys may take; a job may run longer than that by default. */
const SEARCH_TIMEOUT = 5;

/** Milliseconds before a file that is locked is tried again, while it is opened. */
const RETRY = 5;

/** Nothing wakes who waits here: it is a way to sleep. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** SQLite's result code for "another connection writes". */
const SQLITE_BUSY = 5;

const SCHEMA =
  "CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY NOT NULL, v BLOB NOT NULL) STRICT";

/** The file that the user has chosen. */
export function storeFile(): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable: FILE_VARIABLE });
  return (state === "granted" ? Deno.env.get(FILE_VARIABLE) : undefined) || DEFAULT_FILE;
}

/** Values by key, in a file. Keys are text; values are any bytes, as handlers see them. */
export class KvStore {
  /** Deno 2.4 closes a database that is garbage, though statements of it are not. */
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;
  readonly #keys: StatementSync;
  /** When the search under way has to end, in milliseconds of `performance.now()`. */
  #deadline = Infinity;

  /** Opens the file, or makes it. @throws {Error} if that cannot be, with the reason */
  constructor(file: string) {
    const database = this.#database = open(file);
    this.#get = database.prepare("SELECT v FROM kv WHERE k = ?");
    this.#set = database.prepare(
      "INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
    );
    this.#delete = database.prepare("DELETE FROM kv WHERE k = ?");
    // No exception at the deadline: Deno 2.9.6 does not end a statement by one. 2.4 has no functions.
    const timed = "function" in database;
    if (timed) database.function("in_time", () => this.#inTime() ? 1 : 0);
    this.#keys = database.prepare(
      `SELECT k FROM kv WHERE ${timed ? "in_time() AND " : ""}k GLOB ? ORDER BY k LIMIT ?`,
    );
  }

  /** The value of a key. */
  get(key: string): string | undefined {
    const value = explain(() => this.#get.get(key))?.v;
    return value instanceof Uint8Array ? decode(Buffer.from(value).toString("latin1")) : undefined;
  }

  /** Gives a key a value. It is on the disk when this returns. */
  set(key: string, value: string): void {
    const bytes = encode(value);
    explain(() => this.#set.run(key, bytes));
  }

  /** Removes a key, on the disk too. @returns whether it was there */
  delete(key: string): boolean {
    return explain(() => this.#delete.run(key)).changes > 0;
  }

  /**
   * The first `most` keys that match a GLOB pattern, in the order of their code points.
   *
   * @throws {Error} if the search takes longer than 5 seconds
   */
  keys(pattern: string, most: number): string[] {
    this.#deadline = performance.now() + SEARCH_TIMEOUT * 1000;
    const rows = explain(() => this.#keys.all(pattern, most));
    if (!this.#inTime()) {
      throw new Error(`the search took longer than ${SEARCH_TIMEOUT} seconds; narrow the pattern`);
    }
    return rows.map(({ k }) => String(k));
  }

  /** Asked before each comparison of a search. */
  #inTime(): boolean {
    return performance.now() < this.#deadline;
  }
}

function open(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT * 1000}`);
    prepare(database);
    return database;
  } catch (error) {
    if (!isGranted(file)) {
      throw new Error(
        `it keeps its keys in ${file} and needs --allow-read=${file} --allow-write=${file}; ` +
          `with --allow-env=${FILE_VARIABLE} that variable names another file`,
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`its database file ${file} cannot be used: ${reason}`);
  }
}

/** Whether the handler may use the file; so may SQLite then use those that belong to it. */
function isGranted(path: string): boolean {
  return (["read", "write"] as const)
    .every((name) => Deno.permissions.querySync({ name, path }).state === "granted");
}

/** Makes the file what the store needs, if no other worker has done so. */
function prepare(database: DatabaseSync): void {
  const deadline = performance.now() + BUSY_TIMEOUT * 1000;
  for (;;) {
    try {
      const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
      if (mode !== "wal") throw new Error("it cannot be put into WAL mode");
      database.exec("PRAGMA synchronous = FULL");
      database.prepare(SCHEMA).run();
      return;
    } catch (error) {
      // Who puts a file into WAL mode while another one writes is refused without any wait.
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    Atomics.wait(NEVER, 0, 0, RETRY);
  }
}

/** Runs a statement; says in whose way it was when it has waited in vain. */
function explain<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new Error(`the database was locked for ${BUSY_TIMEOUT} seconds; nothing was changed`);
  }
}

function isBusy(error: unknown): boolean {
  // The result code's low byte; the others tell more of the same.
  return error instanceof Error && "errcode" in error &&
    (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
