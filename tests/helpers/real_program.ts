/**
 * Test tool: real programs of the system, each with files of its own in a folder of its own, on free ports
 * of the loopback device, and ended with its test.
 *
 * A test whose programs are missing is ignored and says so; with TEST_REAL_CLIENTS=required it fails.
 * The packages that hold them are named in scripts/real_clients/packages.txt.
 */

import type { Case } from "./at_once.ts";
import { STEP, until, within } from "../../scripts/tools/deadline.ts";
import { freeze, isFile, pathOf } from "../../scripts/tools/process.ts";
import { TemporaryFolder } from "../../scripts/tools/files.ts";
import { LONG } from "./long.ts";
import { Log } from "./program.ts";

const REQUIRED = Deno.env.get("TEST_REAL_CLIENTS") === "required";

/** Where programs for the administrator are. */
const FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Milliseconds that a program may take to end by itself after SIGTERM. */
const GRACE = 5000;

/** The path of a program, or of any file with a `/` in its name; `undefined` where it is missing. */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return isFile(name) ? name : undefined;
  return pathOf(name, ...FOLDERS);
}

/** A test that needs these programs, or files. */
export function realTest(...words: Parameters<typeof realCase>): void {
  Deno.test(realCase(...words));
}

/** A case that needs these programs, or files. */
export function realCase(name: string, programs: readonly string[], fn: () => Promise<void>): Case {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const isAbsent = missing.length > 0 && !REQUIRED;
  const ignore = isAbsent || LONG.ignore; // as a whole they take long
  const why = isAbsent ? `there is no ${missing.join(", no ")}` : "it runs in `deno task test`";
  return {
    name: ignore ? `${name} (skipped: ${why})` : name,
    ignore,
    fn() {
      if (missing.length === 0) return fn();
      throw new Error(`TEST_REAL_CLIENTS is "required", and there is no ${missing.join(", no ")}`);
    },
  };
}

/** Waits until some program listens on a port, without connecting to it. */
export function listens(port: number): boolean {
  const place = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/tcp", "/proc/net/tcp6"].some((table) =>
    Deno.readTextFileSync(table).split("\n").some((row) => {
      const [, local, , state] = row.trim().split(/\s+/);
      return local?.endsWith(place) && state === "0A";
    })
  );
}

/** How a program is started. */
export interface RealOptions {
  /** Its arguments. It runs in the folder of its files. */
  args: readonly string[];
  /** Its files, by name. */
  files?: Readonly<Record<string, string>>;
  /** Environment beside this process's own. */
  env?: Readonly<Record<string, string>>;
  /** What it reads. @default {nothing} */
  input?: string;
}

/** A program that serves until it is ended. */
export class RealProgram implements AsyncDisposable {
  /** Ends with the program. */
  readonly folder = new TemporaryFolder();
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #logs: Log[];
  #ended = false;

  private constructor(name: string, options: RealOptions) {
    this.#name = name;
    this.#child = spawn(name, options, this.folder);
    this.#child.status.then(() => this.#ended = true);
    this.#logs = [new Log(this.#child.stdout), new Log(this.#child.stderr)];
  }

  /**
   * Starts a program, and waits until it listens on each of these ports.
   *
   * @throws {Error} if it ends before, with what it wrote
   */
  static async start(name: string, options: RealOptions, ...ports: number[]): Promise<RealProgram> {
    const program = new RealProgram(name, options);
    try {
      await until(() => program.#ended || ports.every(listens), `${name} listens`);
      if (program.#ended) throw new Error(`${name} ended`);
      return program;
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw new Error(`${(error as Error).message}; it wrote:\n${program.output}`);
    }
  }

  /** What it has written so far. */
  get output(): string {
    return this.#logs.map(({ text }) => text).join("");
  }

  /** Waits until what it has written to its standard output matches. */
  says(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#logs[0].waitFor(pattern);
  }

  /** Waits until what it has written to its standard error matches. */
  logs(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#logs[1].waitFor(pattern);
  }

  /** Sends it a signal; does nothing once it has ended. */
  kill(signal: Deno.Signal): void {
    if (!this.#ended) this.#child.kill(signal);
  }

  /** Stops it until it gets SIGCONT. Resolves when it stands still. */
  freeze(): Promise<void> {
    return freeze(this.#child.pid);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGTERM");
    const killer = setTimeout(() => this.kill("SIGKILL"), GRACE);
    await within(this.#child.status, `the end of ${this.#name}`);
    clearTimeout(killer);
    await Promise.all(this.#logs.map(({ end }) => end));
    this.folder[Symbol.dispose]();
  }
}

/** What a program that has run to its end leaves. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. @throws {Error} if it does not end in time, with what it wrote */
export async function runProgram(name: string, options: RealOptions): Promise<Outcome> {
  using folder = new TemporaryFolder();
  const child = spawn(name, options, folder);
  const [out, err] = [new Log(child.stdout), new Log(child.stderr)];
  const killer = setTimeout(() => child.kill("SIGKILL"), STEP);
  const { code, signal } = await child.status;
  clearTimeout(killer);
  await Promise.all([out.end, err.end]);
  const [stdout, stderr] = [out.text, err.text];
  if (signal === "SIGKILL") throw new Error(`${name} did not end; it wrote:\n${stdout}${stderr}`);
  return { code, stdout, stderr };
}

function spawn(
  name: string,
  { args, files = {}, env = {}, input }: RealOptions,
  folder: TemporaryFolder,
): Deno.ChildProcess {
  for (const [file, text] of Object.entries(files)) {
    Deno.writeTextFileSync(folder.file(file), text);
  }
  const child = new Deno.Command(findProgram(name)!, {
    args: [...args],
    cwd: folder.path,
    env: { LC_ALL: "C", TERM: "dumb", ...env },
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  }
  return child;
}
