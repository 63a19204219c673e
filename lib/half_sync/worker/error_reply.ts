/**
 * What a client is told of a job that failed: one line, `ERR ` and a sentence, never a stack trace,
 * never a path of this machine.
 */

/** Longest message of an error reply, in UTF-16 code units. */
const MAX_MESSAGE = 500;

/**
 * A file URL, a bare or quoted absolute path, of POSIX or Windows; behind a colon too, as in
 * `sqlite:/x` and `unix:///x`, unless `//` and a host follow: that is a URL.
 */
const PATH =
  /file:\/\/[^\s"'`)]*|(?<![\w./\\-]|\w:(?=\/\/(?!\/)))(?:[A-Za-z]:[\\/]|\\\\|\/)[^\s"'`()<>|]+/g;
const QUOTED_PATH =
  /(["'`])(?:[\w+.-]+:(?!\/\/(?!\/)))?(?:file:\/\/|\/|[A-Za-z]:[\\/]|\\\\)[^"'`\n]*\1/g;

/** From the first quotation mark to the last, for names hold them too; an apostrophe is none. */
const QUOTED = /(["`]|(?<!\w)')(?:.*\1|.*)/gs;

/** What Deno's own errors say that quotes a name, but not of a file. */
const NAMES_NO_FILE = /^Requires (?:env|net|sys) access\b/;

const DENO_ERRORS = Object.values(Deno.errors);

/**
 * The error reply, without its terminator, for whatever a job has thrown.
 *
 * @param thrown Anything: it is no matter if it throws when it is looked at
 */
export function errorReply(thrown: unknown): string {
  try {
    const message = messageOf(thrown);
    const hidden = isDenos(thrown) && !NAMES_NO_FILE.test(message);
    return `ERR ${sentence(hidden ? message.replace(QUOTED, "a path") : message)}`;
  } catch {
    return "ERR the job threw a value that cannot be shown";
  }
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
  if (typeof thrown === "string") return thrown;
  if (!(thrown instanceof Error)) return `the job threw ${Deno.inspect(thrown, { depth: 0 })}`;
  const message = String(thrown.message);
  if (message !== "") return message;
  const name: unknown = thrown.name;
  return typeof name === "string" ? name : "";
}

/** Whether it is an error of Deno's own: they quote files by whatever path they were given. */
function isDenos(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (DENO_ERRORS.some((kind) => thrown instanceof kind)) return true;
  try {
    return thrown.name === "NotCapable"; // as one may come in a worker, of no class here
  } catch {
    return false;
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
