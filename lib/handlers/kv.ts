/**
 * Built-in handler `kv`: a small key-value store, kept in one SQLite file by all workers. A line is a
 * command; its reply comes after the commit. Why: blocking I/O.
 */

import { Buffer } from "node:buffer";
import { KvStore, storeFile } from "./kv_store.ts";

/** Most keys in the reply to `KEYS`. */
const MOST_KEYS = 10_000;

/**
 * Bytes of a pattern. SQLite compares it with a key at a cost of their product, in native code that nothing
 * can stop: a key of 64 KiB took seconds with a pattern as long, with one of these 34 ms at most.
 */
const LONGEST_PATTERN = 256;

/** What every error's reply begins with; so no other reply may. */
const ERROR = "ERR ";

/** What a key may not hold: the space that ends it, and what is not to be seen. */
// deno-lint-ignore no-control-regex -- they are what is not to be seen
const NOT_IN_KEYS = /[\x00-\x20\x7f]/;

/** A worker's own connection to the database. */
const store = new KvStore(storeFile());

/** Runs `GET key`, `SET key value`, `DEL key` or `KEYS pattern`. */
export default function kv(line: string): string {
  const [command, rest = ""] = cut(line);
  switch (command.toUpperCase()) {
    case "GET": {
      const value = store.get(keyOf(rest, "GET key")) ?? fail("there is no such key");
      // Other programs may write to the file, too.
      return value.startsWith(ERROR) ? fail(`the value begins with "${ERROR}"`) : value;
    }
    case "SET": {
      const [key, value] = cut(rest);
      if (value === undefined) return misused("SET key value");
      if (value.startsWith(ERROR)) return fail(`a value must not begin with "${ERROR}"`);
      // The reply to KEYS would begin so.
      if (`${key} ` === ERROR) return fail(`a key must not be "${key}"`);
      store.set(keyOf(key, "SET key value"), value);
      return "OK";
    }
    case "DEL":
      return store.delete(keyOf(rest, "DEL key")) ? "1" : "0";
    case "KEYS": {
      const keys = store.keys(patternOf(rest), MOST_KEYS + 1);
      if (keys.length > MOST_KEYS) {
        return fail(`more than ${MOST_KEYS} keys match; give a narrower pattern`);
      }
      const reply = keys.join(" ");
      if (reply.startsWith(ERROR)) return fail('the first key is "ERR"; DEL ERR removes it');
      return reply;
    }
    default:
      return misused("GET key, SET key value, DEL key or KEYS pattern");
  }
}

/** A text up to its first space, and what follows that; `undefined` where there is none. */
function cut(text: string): [head: string, rest: string | undefined] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, undefined] : [text.slice(0, space), text.slice(space + 1)];
}

/** The text, which must do as a pattern of keys. */
function patternOf(text: string): string {
  const pattern = keyOf(text, "KEYS pattern");
  if (Buffer.byteLength(pattern) <= LONGEST_PATTERN) return pattern;
  return fail(`a pattern may have up to ${LONGEST_PATTERN} bytes`);
}

/** The text, which must do as a key. */
function keyOf(text: string, form: string): string {
  if (text === "" || text.includes(" ")) return misused(form);
  if (text.isWellFormed() && !NOT_IN_KEYS.test(text)) return text;
  return fail("a key must be valid UTF-8 without control characters");
}

function misused(form: string): never {
  return fail(`the command must have the form ${form}`);
}

function fail(message: string): never {
  throw new Error(message);
}
