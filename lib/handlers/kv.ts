/**
 * Built-in handler `kv`: a small key-value store in one SQLite file, which all workers share. A line is a
 * command; its reply comes after the commit. It stands for jobs that block on I/O.
 */

import { Buffer } from "node:buffer";
import { launched } from "../half_sync/worker/launch.ts";
import type { HandlerDefaults } from "../half_sync/handler.ts";
import { storeFile } from "./kv_open.ts";
import { KvStore, LONGEST_KEY } from "./kv_store.ts";

/**
 * Longest pattern, in bytes. To compare it with a key costs SQLite the product of their lengths, in native
 * code that nothing can stop. With a key of 64 KiB, a pattern as long took seconds, and one of this length
 * at most 34 ms.
 */
const LONGEST_PATTERN = 256;

/** How every error reply begins; no other reply may begin so. */
const ERROR = "ERR ";

/** What a key may not hold: control characters, and spaces of any kind. */
const NOT_IN_KEYS = /[\p{Cc}\p{Z}]/u;

/** This worker's own connection to the database. */
const store = openStore();

/** How it is meant to be served. */
export const defaults: HandlerDefaults = { order: "serial", refuseHttp: true };

/** Closes the store: its worker is about to end. */
export function dispose(): void {
  store.close();
}

/** Runs `GET key`, `SET key value`, `DEL key` or `KEYS pattern`. */
export default function kv(line: string): string {
  const [command, rest = ""] = cut(line);
  switch (command.toUpperCase()) {
    case "GET": {
      const value = store.get(keyOf(rest, "GET key")) ?? fail("there is no such key");
      // Other programs may write to the file too.
      return value.startsWith(ERROR) ? fail(`the value begins with "${ERROR}"`) : value;
    }
    case "SET": {
      const [key, value] = cut(rest);
      if (value === undefined) return misused("SET key value");
      if (value.startsWith(ERROR)) return fail(`a value must not begin with "${ERROR}"`);
      // A reply to KEYS could begin with it.
      if (`${key} ` === ERROR) return fail(`a key must not be "${key}"`);
      if (Buffer.byteLength(key) > LONGEST_KEY) {
        return fail(`a key may have up to ${LONGEST_KEY} bytes`);
      }
      store.set(keyOf(key, "SET key value"), value);
      return "OK";
    }
    case "DEL":
      return store.delete(keyOf(rest, "DEL key")) ? "1" : "0";
    case "KEYS": {
      const reply = store.keys(patternOf(rest)).join(" ");
      if (reply.startsWith(ERROR)) return fail('the first key is "ERR"; DEL ERR removes it');
      return reply;
    }
    default:
      return misused("GET key, SET key value, DEL key or KEYS pattern");
  }
}

function openStore(): KvStore {
  const { args, jobTimeout } = launched();
  return new KvStore(storeFile(args), jobTimeout);
}

/** A text up to its first space, and the rest after it; `undefined` if there is no space. */
function cut(text: string): [head: string, rest: string | undefined] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, undefined] : [text.slice(0, space), text.slice(space + 1)];
}

/** @returns the text, if it is a valid pattern of keys */
function patternOf(text: string): string {
  const pattern = keyOf(text, "KEYS pattern");
  if (Buffer.byteLength(pattern) <= LONGEST_PATTERN) return pattern;
  return fail(`a pattern may have up to ${LONGEST_PATTERN} bytes`);
}

/** @returns the text, if it is a valid key */
function keyOf(text: string, form: string): string {
  if (text === "" || text.includes(" ")) return misused(form);
  if (text.isWellFormed() && !NOT_IN_KEYS.test(text)) return text;
  return fail("a key must be valid UTF-8 without spaces or control characters");
}

function misused(form: string): never {
  return fail(`the command must have the form ${form}`);
}

function fail(message: string): never {
  throw new Error(message);
}
