/**
 * What a client is told of a job that failed: one line, `ERR ` and a sentence, never a stack trace,
 * never a path of this machine.
 */

/** Longest message of an error reply, in UTF-16 code units. */
const MAX_MESSAGE = 500;

/** A file URL, a quoted or bare absolute path, of POSIX or Windows. */
const PATH = /file:\/\/[^\s"'`)]*|(?<![\w./\\:-])(?:[A-Za-z]:[\\/]|\\\\|\/)[^\s"'`()<>|]+/g;
const QUOTED_PATH = /(["'`])(?:file:\/\/|\/|[A-Za-z]:[\\/]|\\\\)[^"'`\n]*\1/g;

/** The error reply, without its terminator, for whatever a job has thrown. */
export function errorReply(thrown: unknown): string {
  return `ERR ${sentence(messageOf(thrown))}`;
}

/** Kind and place of whatever was thrown, without its message: that may quote a line, and is for no log. */
export function originOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return "a value that is no Error";
    const place = thrown.stack?.match(/^ +at .*?([^/\\() ]+:\d+:\d+)\)?$/m)?.[1];
    const kind = thrown.constructor.name;
    return place === undefined ? kind : `${kind} at ${place}`;
  } catch {
    return "a value that cannot be shown";
  }
}

function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.message) || thrown.name;
    return typeof thrown === "string"
      ? thrown
      : `the job threw ${Deno.inspect(thrown, { depth: 0 })}`;
  } catch {
    return "the job threw a value that cannot be shown";
  }
}

/** One line of the message: paths hidden, the lines of a stack trace and control characters gone. */
function sentence(message: string): string {
  const text = message.slice(0, 4 * MAX_MESSAGE).split(/[\r\n]+/)
    .filter((line) => !/^\s+at\s/.test(line)).join(" ")
    .replace(QUOTED_PATH, "a path").replace(PATH, "a path")
    // deno-lint-ignore no-control-regex -- they are what is to go
    .replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  if (text === "") return "the job failed without a message";
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE).toWellFormed()}…`;
}
