/**
 * Wrapper Facade of one child process, on the reactor's side: starts it, hears its standard error and its
 * end, and kills it with everything that it has started. Lines and answers are the worker's business: once
 * the worker has opened the pipes, the reactor closes its own ends.
 */

import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import type { Command } from "./command.ts";
import { Said } from "./said.ts";

/** Milliseconds that its standard error may stay open after its end. */
const LAST_WORDS = 100;

/** Milliseconds that a program may take to end after it has closed a pipe. */
const PATIENCE = 100;

/** Hears of a program. */
export interface ProgramListener {
  /** It wrote a line to its standard error; `unsaid` lines before it were left out. */
  said(line: string, unsaid: number): void;
  /** It has ended, for this reason; told once. */
  ended(reason: string): void;
}

/** A child process. */
export class Program {
  /** The reactor's descriptors of its input and its output, until they are released. */
  readonly pipes: { input: number; output: number };
  readonly begun = performance.now();
  readonly #child: ChildProcess;
  readonly #command: Command;
  readonly #said: Said;
  readonly #ended: (reason: string) => void;
  /** Why it was killed. */
  #verdict: string | undefined;
  #killer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isReleased = false;
  #isIntact = true;

  /** @throws {Error} if the system cannot start it */
  constructor(command: Command, listener: ProgramListener) {
    this.#command = command;
    this.#said = new Said((line, unsaid) => listener.said(line, unsaid));
    this.#ended = (reason) => listener.ended(reason);
    const { file, args, env } = command;
    // A group of its own: Ctrl-C is for the server alone, and the group can be killed as a whole.
    const child = this.#child = spawn(file, args, { env, detached: true, stdio: "pipe" });
    child.on("error", (error) => this.#end(`cannot be started: ${error.message}`));
    child.on("exit", (code, signal) => this.#exited(code, signal));
    child.stderr?.on("data", (chunk: Uint8Array) => this.#said.take(chunk));
    // A program that writes before its first line would answer each line with the answer to the one before.
    // Deno 2.4 cannot stop reading once it has begun, and would take the first answer away.
    if (handleOf(child, 1) !== undefined) {
      child.stdout?.on("data", (chunk: Uint8Array) => this.#unasked(chunk));
    }
    for (const stream of [child.stdin, child.stdout]) {
      stream?.on("error", () => {});
      stream?.on("close", () => this.#isIntact = false);
    }
    this.pipes = pipesOf(child);
  }

  /** The worker has opened the pipes. @returns whether they were this program's all the time */
  release(): boolean {
    const wasIntact = this.#isIntact && !this.#isOver;
    this.#isReleased = true;
    const { stdin, stdout } = this.#child;
    if (handleOf(this.#child, 0) !== undefined) stdin?.destroy();
    else stdin?.end(); // Deno 2.4 closes nothing that is destroyed
    stdout?.destroy();
    return wasIntact;
  }

  /** It has closed a pipe: it may still end by itself and say how; if it does not, it is killed. */
  expectEnd(): void {
    this.#killer ??= setTimeout(() => this.kill("closed its input or its output"), PATIENCE);
  }

  /** Kills it, with its process group. @param verdict What it did, to stand after its name */
  kill(verdict: string): void {
    if (this.#isOver) return;
    this.#verdict ??= verdict;
    this.#killGroup();
    this.#child.kill("SIGKILL");
  }

  #killGroup(): void {
    try {
      Deno.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // the group is empty, or hsha may only kill its own children
    }
  }

  #unasked(chunk: Uint8Array): void {
    if (this.#isReleased) return;
    const words = new TextDecoder().decode(chunk.subarray(0, 80)).split(/[\r\n]/)[0];
    this.kill(`wrote ${JSON.stringify(words)} before it was given a line`);
  }

  #exited(code: number | null, signal: string | null): void {
    this.#killGroup(); // what it has started goes with it
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const finish = () => {
      clearTimeout(timer);
      const { last } = this.#said;
      const words = last === "" ? "" : `; its last words: ${last.slice(0, 200)}`;
      this.#end(this.#verdict === undefined ? `ended ${how}${words}` : this.#verdict);
    };
    const timer = setTimeout(finish, LAST_WORDS);
    this.#child.stderr?.on("close", finish);
    if (this.#child.stderr?.destroyed) finish();
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#killer);
    this.#said.end();
    this.release();
    this.#child.stderr?.destroy();
    this.#ended(`${this.#command.name} ${reason}`);
  }
}

/** The descriptors of a child's pipes in this process; -1 where there are none. */
function pipesOf(child: ChildProcess): { input: number; output: number } {
  return { input: descriptorOf(child, 0), output: descriptorOf(child, 1) };
}

/** A stream's descriptor: from Node's handle, or else from this process's end of the child's pipe. */
function descriptorOf(child: ChildProcess, which: 0 | 1): number {
  const descriptor = handleOf(child, which);
  if (descriptor !== undefined) return descriptor;
  const { pid } = child;
  try {
    const pipe = fs.readlinkSync(`/proc/${pid}/fd/${which}`);
    for (const { name } of Deno.readDirSync("/proc/self/fd")) {
      if (pipe === linkAt(`/proc/self/fd/${name}`)) return Number(name);
    }
  } catch {
    // it has ended already
  }
  return -1;
}

function handleOf({ stdio }: ChildProcess, which: 0 | 1): number | undefined {
  const { _handle: handle } = stdio[which] as unknown as { _handle?: { fd?: unknown } };
  return typeof handle?.fd === "number" ? handle.fd : undefined;
}

function linkAt(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return "";
  }
}
