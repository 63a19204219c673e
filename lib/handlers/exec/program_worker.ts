/**
 * The worker of `exec` with the program beside it, on the reactor's side: a Decorator of `Worker`. It starts a
 * program before the worker is ready, and another one whenever that ends. It kills a program that is late, or
 * whose worker is ended. The pool sees a worker like any other.
 */

import { NO_PERMISSIONS } from "../../no_permissions.ts";
import type { EventListener } from "../../observe/events.ts";
import { reason } from "../../reason.ts";
import type { Command } from "./command.ts";
import { ExecMemory, type ExecMessage } from "./memory.ts";
import { Program } from "./program.ts";
import { lineLimit, LOOKS } from "./time_limit.ts";

/** Milliseconds that the first program must live; if it ends earlier, the worker's start fails. */
const TRIAL = 500;

/** Wait before a program that has answered nothing is started again, in milliseconds; doubled each time. */
const FIRST_RETRY = 100;
const LONGEST_RETRY = 1600;

/** After so many programs in a row that end soon and unasked, the next one would as well: the worker fails. */
const MAX_FAILURES = 5;

/** Milliseconds within which an end is soon. */
const SOON = 10_000;

/** What Deno makes a worker with. */
type Making = NonNullable<ConstructorParameters<typeof Worker>[1]>;

/** Options of a {@linkcode ProgramWorker}. */
export interface ProgramWorkerOptions {
  workerId: number;
  command: Command;
  /** Seconds that a job may run; 0: for ever. */
  jobTimeout: number;
  /** Longest answer, in bytes. */
  maxReply: number;
  onEvent: EventListener;
}

/** A worker and its program. */
export class ProgramWorker extends Worker {
  readonly #options: ProgramWorkerOptions;
  /** Milliseconds that a line may take. */
  readonly #limit: number;
  readonly #watch: ReturnType<typeof setInterval> | undefined;
  #memory: ExecMemory | undefined;
  #program: Program | undefined;
  #generation = 0;
  /** The worker's message that it is ready, while the program is on trial. */
  #ready: unknown;
  #onTrial = true;
  #hasLived = false;
  /** The line under way at the last look, and when it was first seen. */
  #line = 0;
  #since = 0;
  /** Lines answered, and lines begun or answered, before the program started. */
  #answers = 0;
  #begun = 0;
  /** Programs in a row that answered nothing, and that ended soon and unasked. */
  #idle = 0;
  #failures = 0;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(entry: URL, { making, ...options }: ProgramWorkerOptions & { making: Making }) {
    // The worker opens pipes by their number, and needs nothing else: the user's grants are the program's.
    const pipes = ["/dev/fd"];
    const permissions = { ...NO_PERMISSIONS, read: pipes, write: pipes };
    super(entry, { ...making, deno: { permissions } });
    this.#options = options;
    this.addEventListener("message", (event) => this.#hear(event as MessageEvent));
    this.#limit = lineLimit(options.jobTimeout);
    if (options.jobTimeout > 0) {
      this.#watch = setInterval(() => this.#look(), Math.ceil(this.#limit / LOOKS));
    }
    this.#start();
    this.#timer = setTimeout(() => this.#pass(), TRIAL);
  }

  override terminate(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#program?.kill("was no longer needed");
    super.terminate();
  }

  #start(): void {
    const { command, onEvent, workerId: worker } = this.#options;
    this.#generation++;
    this.#answers = this.#memory?.answers ?? 0;
    this.#begun = this.#memory?.line ?? 0;
    try {
      const program = this.#program = new Program(command, {
        said: (text, unsaid) =>
          onEvent({ type: "program_said", worker, program: command.name, text, unsaid }),
        ended: (reason) => this.#ended(program, reason),
      });
      this.#memory?.started(this.#generation, program.pipes);
    } catch (error) {
      this.#program = undefined;
      const why = `${command.name} cannot be started: ${reason(error)}`;
      queueMicrotask(() => this.#ended(undefined, why));
    }
  }

  /** A program has ended, or could not be started: another one takes its place. */
  #ended(program: Program | undefined, why: string): void {
    if (program !== this.#program) return;
    this.#program = undefined;
    this.#memory?.stopped();
    if (this.#closed) return this.#memory?.end();
    if (this.#onTrial) return this.#fail(why);
    const { workerId: worker, onEvent, command: { name } } = this.#options;
    const didAnswer = this.#memory!.answers !== this.#answers;
    const wasAsked = this.#memory!.line !== this.#begun;
    const lived = program === undefined ? 0 : performance.now() - program.begun;
    this.#idle = didAnswer ? 0 : this.#idle + 1;
    const isFailure = program !== undefined && !wasAsked && lived < SOON;
    this.#failures = isFailure ? this.#failures + 1 : 0;
    if (this.#failures === MAX_FAILURES) return this.#fail(why);
    const wait = this.#idle < 2 ? 0 : Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (this.#idle - 2));
    onEvent({ type: "program_replaced", worker, program: name, reason: why });
    if (wait === 0) this.#start();
    else this.#timer = setTimeout(() => this.#start(), wait);
  }

  /** The program has lived long enough: its trial ends as soon as the worker is ready, too. */
  #pass(): void {
    this.#hasLived = true;
    if (this.#ready === undefined) return;
    this.#onTrial = false;
    this.#deliver(this.#ready);
  }

  /**
   * The worker cannot be used. At its start the pool is told this reason; later it tries another worker.
   */
  #fail(why: string): void {
    if (this.#onTrial) return this.#deliver({ hsha: "unfit", reason: why });
    const event = new ErrorEvent("error", { message: why, cancelable: true });
    this.dispatchEvent(event);
  }

  #deliver(data: unknown): void {
    this.#ready = undefined;
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  #hear(event: MessageEvent): void {
    const data = event.data as ExecMessage | { hsha?: unknown } | null;
    if (data !== null && typeof data === "object" && "exec" in data) {
      event.stopImmediatePropagation();
      this.#obey(data);
    } else if (this.#onTrial && (data as { hsha?: unknown })?.hsha === "ready") {
      event.stopImmediatePropagation();
      this.#ready = data;
      if (this.#hasLived) this.#pass();
    }
  }

  #obey(message: ExecMessage): void {
    switch (message.exec) {
      case "begun":
        this.#memory = new ExecMemory(message.memory);
        this.#memory.maxReply = this.#options.maxReply;
        if (this.#program) this.#memory.started(this.#generation, this.#program.pipes);
        return;
      case "opened":
        if (message.generation !== this.#generation || !this.#program?.release()) return;
        return this.#memory?.confirm(message.generation);
      case "broke": {
        const program = this.#program;
        if (message.generation !== this.#generation || program === undefined) return;
        const verdict = message.sentence.replace(/^the program /, "");
        return verdict.startsWith("ended") ? program.expectEnd() : program.kill(verdict);
      }
      case "disposed":
        this.#closed = true;
        if (this.#program === undefined) return this.#memory?.end();
        return void this.#program.release();
    }
  }

  /** Kills the program if a line has been under way for too long. */
  #look(): void {
    const line = this.#memory?.line ?? 0;
    const now = performance.now();
    if (line !== this.#line || line % 2 === 0) this.#since = now;
    this.#line = line;
    if (now - this.#since >= this.#limit * (1 - 1 / LOOKS)) {
      this.#program?.kill("did not answer in time");
    }
  }
}
