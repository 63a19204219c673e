/**
 * The store of the handler `kv`: one worker's connection to a SQLite file that several workers share.
 *
 * In WAL mode readers never wait, and writers wait for each other. With `synchronous=FULL` a commit
 * returns when the disk has it: it survives the end of the worker, of the process and of the machine.
 * See https://www.sqlite.org/wal.html and https://www.sqlite.org/pragma.html#pragma_synchronous.
 */

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decode, encode } from "../half_sync/memory/text.ts";
import { secondsText } from "../seconds_text.ts";
import { FileWatch } from "./kv_file.ts";
import { LockWait } from "./kv_lock.ts";
import { openDatabase } from "./kv_open.ts";

/** The most keys that one search returns, and the most bytes that they may have together. */
const MOST_KEYS = 10_000;
const MOST_KEY_BYTES = 1024 * 1024;

/** Longest key, in bytes: SQLite compares it with a pattern in native code that nothing can stop. */
export const LONGEST_KEY = 64 * 1024;

/** Seconds that a search for keys may take; less where a job has less. */
const SEARCH_TIMEOUT = 5;

/** Values by key, in a file. Keys are text; values are any bytes, as handlers see them. */
export class KvStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;
  readonly #keys: StatementSync;
  readonly #lock: LockWait;
  readonly #watch: FileWatch;
  readonly #searchTimeout: number;
  /** When the search under way has to end, in milliseconds of `performance.now()`. */
  #deadline = Infinity;

  /**
   * Opens the file, or creates it.
   *
   * @param jobTimeout Seconds that a job may run; 0: for ever. A command waits for a lock for two thirds of
   * them at most, and never for more than 20 seconds
   * @throws {Error} if the file cannot be used, with the reason
   */
  constructor(file: string, jobTimeout = 30) {
    this.#lock = new LockWait(jobTimeout);
    this.#searchTimeout = Math.min(SEARCH_TIMEOUT, this.#lock.seconds);
    const database = this.#database = openDatabase(file, this.#lock.step);
    this.#watch = new FileWatch(file);
    this.#get = database.prepare("SELECT v FROM kv WHERE k = ?");
    this.#set = database.prepare(
      "INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
    );
    this.#delete = database.prepare("DELETE FROM kv WHERE k = ?");
    // Once the time is over every key matches, so the statement returns at the next one. An exception in
    // the function would not end the statement (Deno 2.9.6). Deno 2.4 cannot give SQLite a function.
    const timed = "function" in database;
    if (timed) database.function("late", () => this.#late() ? 1 : 0);
    // The first comparison lets SQLite use its index: it finds the keys that begin as the pattern does.
    this.#keys = database.prepare(
      `SELECT k FROM kv WHERE k GLOB ?1 AND octet_length(k) <= ${LONGEST_KEY}
        AND (${timed ? "late() OR " : ""}k GLOB ?2) ORDER BY k`,
    );
  }

  /** The value of a key. */
  get(key: string): string | undefined {
    this.#watch.checkNowAndThen();
    const value = this.#lock.run(() => this.#get.get(key))?.v;
    return value instanceof Uint8Array ? decode(Buffer.from(value).toString("latin1")) : undefined;
  }

  /** Gives a key a value. It is on the disk when this returns. */
  set(key: string, value: string): void {
    this.#watch.check();
    const bytes = encode(value);
    this.#lock.run(() => this.#set.run(key, bytes));
  }

  /** Removes a key, on the disk too. @returns whether it was there */
  delete(key: string): boolean {
    this.#watch.check();
    return this.#lock.run(() => this.#delete.run(key)).changes > 0;
  }

  /**
   * The keys that match a GLOB pattern, in the order of their code points.
   *
   * @throws {Error} if there are more than 10 000, or 1 MiB of them, or the search takes too long
   */
  keys(pattern: string): string[] {
    this.#watch.checkNowAndThen();
    this.#deadline = performance.now() + this.#searchTimeout * 1000;
    return this.#lock.run(() => this.#search(pattern));
  }

  /** Closes the file. The last worker to do so leaves no `-wal` file beside it. */
  close(): void {
    try {
      // While another program has the file open, closing alone would leave the `-wal` file as it is.
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // then the `-wal` file keeps what was stored
    }
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #search(pattern: string): string[] {
    const keys: string[] = [];
    let bytes = 0;
    const beginning = /^[^*?[]*/.exec(pattern)![0];
    for (const { k } of this.#keys.iterate(`${beginning}*`, pattern)) {
      if (this.#late()) {
        throw new Error(
          `the search took longer than ${
            secondsText(this.#searchTimeout)
          }; give a narrower pattern`,
        );
      }
      const key = String(k);
      bytes += Buffer.byteLength(key) + 1;
      if (keys.length === MOST_KEYS) {
        throw new Error(`more than ${MOST_KEYS} keys match; give a narrower pattern`);
      }
      if (bytes > MOST_KEY_BYTES) {
        throw new Error("more than 1 MiB of keys match; give a narrower pattern");
      }
      keys.push(key);
    }
    return keys;
  }

  /** Whether the search's time is over; asked before each comparison. */
  #late(): boolean {
    return performance.now() >= this.#deadline;
  }
}
