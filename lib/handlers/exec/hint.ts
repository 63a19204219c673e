/**
 * What is said about a program that has not answered in time. If it has not answered even its first line, it
 * most likely holds its output back: many programs write to a pipe only when they have some kilobytes.
 */

import { secondsText } from "../../seconds_text.ts";

/** What makes a program write each line at once, by the name of the program. */
const CURES: ReadonlyMap<string, string> = new Map([
  ["python", "python3 -u, or print(…, flush=True)"],
  ["pypy", "pypy3 -u, or print(…, flush=True)"],
  ["mawk", "mawk -W interactive"],
  ["awk", "mawk -W interactive, or gawk with fflush() after each print"],
  ["gawk", "fflush() after each print"],
  ["perl", "$| = 1 at its beginning"],
  ["ruby", "$stdout.sync = true at its beginning"],
  ["lua", 'io.stdout:setvbuf("line") at its beginning'],
  ["jq", "jq --unbuffered"],
  ["sed", "sed -u"],
  ["grep", "grep --line-buffered"],
]);

/** Programs that answer only when their input ends: here, never. */
const NEVER = ["sort", "tac", "wc", "tail", "shuf", "sum", "md5sum", "sha256sum", "xargs"];

/** Programs that only start another one: the advice is about that one. */
const WRAPPERS = ["nice", "env", "setpriv", "prlimit", "timeout", "ionice", "chrt", "taskset"];

/** What is known of an answer that did not come. */
export interface LateAnswer {
  /** Seconds that a job may run. */
  jobTimeout: number;
  /** Whether the program has answered no line at all. */
  isFirst: boolean;
}

/** The sentence about such an answer. @param command The program and its words */
export function lateAnswer(
  command: readonly string[],
  { jobTimeout, isFirst }: LateAnswer,
): string {
  const late = `the program did not answer within its share of the job timeout, ${
    secondsText(jobTimeout)
  }`;
  if (!isFirst) return late;
  const name = programOf(command);
  if (NEVER.includes(name)) return `${late}; ${name} answers only at the end of its input`;
  const cure = CURES.get(name) ?? (name === "" ? "stdbuf -oL" : `stdbuf -oL ${name}`);
  return `${late}, not even its first line; perhaps it holds its output back; if so, this helps: ${cure}`;
}

/** The name of a program, without folder and version; of a wrapper, that of the program it starts. */
function programOf(command: readonly string[]): string {
  const known = (name: string) => CURES.has(name) || NEVER.includes(name);
  const [first = "", ...rest] = command.map(nameOf);
  if (!WRAPPERS.includes(first)) return first;
  return rest.find(known) ?? "";
}

function nameOf(word: string): string {
  const name = word.split("/").at(-1)!;
  return CURES.has(name) ? name : name.replace(/[\d.]+$/, "") || name;
}
