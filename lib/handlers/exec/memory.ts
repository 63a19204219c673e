/**
 * The memory that both sides of `exec` see: which program runs, where its pipes are, and whether a line is
 * under way. The reactor's side starts and ends programs; the worker's side, which blocks, talks to them.
 */

/** The words. */
const GENERATION = 0;
const INPUT = 1;
const OUTPUT = 2;
const CONFIRMED = 3;
const LINE = 4;
const ANSWERS = 5;
const ENDED = 6;
const MAX_REPLY = 7;
const WORDS = 8;

/** Milliseconds between two looks at whether the last program has ended. */
const POLL = 5;

/** What the worker's side says: messages of the worker. */
export type ExecMessage =
  /** It has begun, with this memory. */
  | { exec: "begun"; memory: SharedArrayBuffer }
  /** It has opened the pipes of the program of this generation: the reactor may close its ends. */
  | { exec: "opened"; generation: number }
  /** This program cannot be used any more. */
  | { exec: "broke"; generation: number; sentence: string }
  /** No line will come, and its ends of the pipes are closed. */
  | { exec: "disposed" };

/** One worker's memory. */
export class ExecMemory {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * WORDS)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** The number of the program that runs, counted from 1; 0 while there is none. */
  get generation(): number {
    return Atomics.load(this.#words, GENERATION);
  }

  /** The reactor's descriptors of its input and its output, valid until the reactor confirms. */
  get pipes(): { input: number; output: number } {
    const [input, output] = [INPUT, OUTPUT].map((word) => Atomics.load(this.#words, word));
    return { input, output };
  }

  /** Longest answer, in bytes. */
  get maxReply(): number {
    return Atomics.load(this.#words, MAX_REPLY);
  }

  set maxReply(bytes: number) {
    Atomics.store(this.#words, MAX_REPLY, bytes);
  }

  /** A program runs, and its pipes are there. */
  started(generation: number, { input, output }: { input: number; output: number }): void {
    Atomics.store(this.#words, INPUT, input);
    Atomics.store(this.#words, OUTPUT, output);
    this.#tell(GENERATION, generation);
  }

  /** There is no program for now. */
  stopped(): void {
    Atomics.store(this.#words, GENERATION, 0);
  }

  /** Blocks until there is a program. @returns whether there is one in time */
  awaitProgram(millis: number): boolean {
    Atomics.wait(this.#words, GENERATION, 0, millis);
    return this.generation !== 0;
  }

  /** Blocks until another program has followed this one. @returns whether one has in time */
  awaitSuccessor(generation: number, millis: number): boolean {
    const end = performance.now() + millis;
    while (this.generation === generation && performance.now() < end) {
      Atomics.wait(this.#words, GENERATION, generation, 1); // nobody notifies when it becomes 0
    }
    return this.generation !== generation && this.awaitProgram(end - performance.now());
  }

  /** The reactor has closed its ends of this program's pipes: the worker alone has them. */
  confirm(generation: number): void {
    this.#tell(CONFIRMED, generation);
  }

  /** Blocks until the reactor has closed them. @returns whether it has in time */
  awaitConfirmation(generation: number, millis: number): boolean {
    const end = performance.now() + millis;
    for (;;) {
      const confirmed = Atomics.load(this.#words, CONFIRMED);
      if (confirmed === generation) return true;
      const left = end - performance.now();
      if (left <= 0 || this.generation !== generation) return false;
      Atomics.wait(this.#words, CONFIRMED, confirmed, Math.min(left, 20));
    }
  }

  /** A number that is odd while a line is under way; each line has its own. */
  get line(): number {
    return Atomics.load(this.#words, LINE);
  }

  /** A line begins, or ends. */
  turn(): void {
    Atomics.add(this.#words, LINE, 1);
  }

  /** How many lines have been answered, by all programs. */
  get answers(): number {
    return Atomics.load(this.#words, ANSWERS);
  }

  /** A line has been answered. */
  answered(): void {
    Atomics.add(this.#words, ANSWERS, 1);
  }

  /** The last program has ended. */
  end(): void {
    this.#tell(ENDED, 1);
  }

  /** Resolves when the last program has ended. */
  async ended(): Promise<void> {
    while (Atomics.load(this.#words, ENDED) === 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  #tell(word: number, value: number): void {
    Atomics.store(this.#words, word, value);
    Atomics.notify(this.#words, word);
  }
}
