/**
 * What a client is told of a failed job: one line, `ERR ` and a sentence; never a stack trace, never a path
 * of this machine.
 */

import { withoutAdvice } from "../../permission_hint.ts";
import { withoutPaths, withoutQuoted } from "./hidden_paths.ts";

/** Longest message of an error reply, in UTF-16 code units; the rest is cut. */
const MAX_MESSAGE = 500;

/** Errors of Deno's own that quote a name, but not that of a file. */
const NAMES_NO_FILE = /^Requires (?:env|net|sys) access\b/;

/** What a library below says of a file, unquoted, to the end: SQLite and the loader of native libraries. */
const UNQUOTED = /(unable to open database[^:]*:|Could not open library:)\s.*/s;

const DENO_ERRORS = Object.values(Deno.errors);

/**
 * The error reply for whatever a job has thrown, without its terminator.
 *
 * @param thrown Anything, even something that throws when it is looked at
 */
export function errorReply(thrown: unknown): string {
  try {
    // Deno's advice after a refused permission is for the operator, not for the client.
    const message = withoutAdvice(messageOf(thrown).slice(0, 4 * MAX_MESSAGE));
    const quotes = isOfSystem(thrown) && !NAMES_NO_FILE.test(message);
    return `ERR ${sentence(quotes ? withoutQuoted(message) : message)}`;
  } catch {
    return "ERR the job threw a value that cannot be shown";
  }
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  if (!(thrown instanceof Error)) return `the job threw ${Deno.inspect(thrown, { depth: 0 })}`;
  const message = String(thrown.message);
  if (message !== "") return message;
  const name: unknown = thrown.name;
  return typeof name === "string" ? name : "";
}

/** Whether it is an error of Deno's or Node's own: they quote the paths that they were given. */
function isOfSystem(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (DENO_ERRORS.some((kind) => thrown instanceof kind)) return true;
  try {
    // In a worker, Deno's own may be of no class known here.
    return thrown.name === "NotCapable" || "syscall" in thrown;
  } catch {
    return false;
  }
}

/** One line of the message: paths hidden, the lines of a stack trace and control characters gone. */
function sentence(message: string): string {
  const lines = message.split(/[\r\n]+/)
    .filter((line) => !/^\s+at\s/.test(line)).join(" ");
  const text = withoutPaths(lines.replace(UNQUOTED, "$1 a path"))
    // deno-lint-ignore no-control-regex -- they are what is to go
    .replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  if (text === "") return "the job failed without a message";
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE).toWellFormed()}…`;
}
