/** Processes that tests and scripts start: where the project is, what they inherit, what they write. */

import { fileURLToPath } from "node:url";
import { until, within } from "./deadline.ts";

/** The repository's top folder. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The environment of this process, without colours and without variables of hsha's options. */
export function environment(): Record<string, string> {
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("HSHA_"));
  return { ...Object.fromEntries(own), NO_COLOR: "1" };
}

/** Where a program is, in the folders of PATH and these; `undefined` where it is missing. */
export function pathOf(name: string, ...more: readonly string[]): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), ...more];
  return folders.map((folder) => `${folder}/${name}`).find(isFile);
}

/** Whether there is a file at a path. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Sends a signal; does nothing to a process that has ended. */
export function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // it has ended already
  }
}

/**
 * Stops a process until it gets SIGCONT. Resolves when none of its threads runs: on a busy machine that is a
 * while after the signal.
 */
export async function freeze(pid: number): Promise<void> {
  Deno.kill(pid, "SIGSTOP");
  if (Deno.build.os !== "linux") return;
  const tasks = `/proc/${pid}/task`;
  const isStopped = (task: string) =>
    /\) [TX]/.test(Deno.readTextFileSync(`${tasks}/${task}/stat`));
  await until(() => [...Deno.readDirSync(tasks)].every(({ name }) => isStopped(name)), "its stop");
}

/** What a process writes, as it grows. */
export class Log {
  text = "";
  /** Resolves at its end. */
  readonly end: Promise<void>;
  /** Whether there is no more to come. */
  ended = false;
  #grown = Promise.withResolvers<void>();

  /** @param streams What it reads, as if they were one. */
  constructor(...streams: ReadableStream<Uint8Array<ArrayBuffer>>[]) {
    this.end = this.#read(streams);
  }

  /** Waits until what was written matches. @throws {Error} if it ends first, or takes too long */
  waitFor(pattern: RegExp, millis?: number): Promise<RegExpMatchArray> {
    return this.waitUntil(() => this.text.match(pattern) ?? undefined, String(pattern), millis);
  }

  /** Waits until there is a result, looking again whenever something was written. */
  async waitUntil<T>(look: () => T | undefined, what: string, millis?: number): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const so = this.text.slice(-4000);
      if (this.ended) throw new Error(`the program ended without ${what}: ${so}`);
      await within(this.#grown.promise, `${what} in ${JSON.stringify(so)}`, millis);
    }
  }

  async #read(streams: readonly ReadableStream<Uint8Array<ArrayBuffer>>[]): Promise<void> {
    await Promise.all(streams.map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.text += text;
        this.#wake();
      }
    }));
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers<void>();
  }
}
