/** Test tool: a program whose standard error is a pipe that is full, and that nobody reads until the test does. */

import { ROOT } from "./program.ts";
import { TemporaryFolder } from "../../scripts/tools/files.ts";
import { within } from "../../scripts/tools/deadline.ts";

/** What a pipe of Linux holds. */
const CAPACITY = 65536;

/** The program, and both ends of the pipe. */
export class DeafProgram implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly #pipe: Deno.FsFile;
  readonly #child: Deno.ChildProcess;
  #ended = false;

  private constructor(folder: TemporaryFolder, pipe: Deno.FsFile, args: string[]) {
    this.folder = folder;
    this.#pipe = pipe;
    this.#child = new Deno.Command("bash", {
      args: ["-c", `exec "$0" "$@" 2>"${folder.file("pipe")}"`, Deno.execPath(), ...args],
      stdin: "null",
      stdout: "null",
    }).spawn();
  }

  /** Starts main.ts with these arguments; `FOLDER` in them is a folder that goes with the program. */
  static async start(args: readonly string[]): Promise<DeafProgram> {
    const folder = new TemporaryFolder();
    const path = folder.file("pipe");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const pipe = await Deno.open(path, { read: true, write: true });
    for (let filled = 0; filled < CAPACITY;) {
      filled += await pipe.write(new Uint8Array(CAPACITY - filled).fill(0x2e));
    }
    const words = args.map((word) => word.replace("FOLDER", folder.path));
    return new DeafProgram(folder, pipe, ["run", "-A", `${ROOT}main.ts`, ...words]);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Its exit code, when it has ended. */
  async ended(): Promise<number> {
    const { code } = await within(this.#child.status, "the program's end");
    this.#ended = true;
    return code;
  }

  /** Reads the pipe until what it has read, without its filling, matches. */
  async read(pattern: RegExp): Promise<string> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(CAPACITY);
    for (let text = "";;) {
      const count = await within(this.#pipe.read(buffer), `${pattern} after ${text.slice(-500)}`);
      text = (text + decoder.decode(buffer.subarray(0, count ?? 0))).replace(/^\.+/, "");
      if (pattern.test(text)) return text;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.kill("SIGKILL");
    await this.#child.status;
    this.#pipe.close();
    this.folder[Symbol.dispose]();
  }
}
