/**
 * The worker's side of `exec`: asks the program that runs now, one line at a time. A program that does not
 * answer its line is killed, as its late answer would be taken for the answer to the next line.
 */

import { decode } from "../../half_sync/memory/text.ts";
import type { Launch } from "../../half_sync/worker/launch.ts";
import { lateAnswer } from "./hint.ts";
import { Broken, LinePipe } from "./line_pipe.ts";
import type { ExecMemory, ExecMessage } from "./memory.ts";
import { lineLimit } from "./time_limit.ts";

/** Longest wait for a program that is being started again, in milliseconds. */
const LONGEST_WAIT = 10_000;

/** A program that is lost after at least this share of its line's time counts as late. */
const LATE = 0.8;

/** Asks one program after the other. */
export class Conversation {
  readonly #memory: ExecMemory;
  readonly #launch: Launch;
  readonly #limit: number;
  readonly #post: (message: ExecMessage) => void;
  #pipe: LinePipe | undefined;
  #isBroken = false;
  /** That of the program that it talks to, or talked to last. */
  #generation = 0;
  /** Whether that program has answered a line. */
  #proven = false;

  /** @param post Sends a message to the reactor's side */
  constructor(
    memory: ExecMemory,
    { launch, post }: { launch: Launch; post: (message: ExecMessage) => void },
  ) {
    this.#memory = memory;
    this.#launch = launch;
    this.#limit = lineLimit(launch.jobTimeout);
    this.#post = post;
  }

  /**
   * The program's answer to a line.
   *
   * @throws {Broken} if there is none; then another program takes its place
   */
  ask(line: string): string {
    const pipe = this.#connected();
    const begun = performance.now();
    this.#memory.turn();
    try {
      const bytes = pipe.ask(line);
      const answer = decode(bytes.toString("latin1"));
      this.#proven = true;
      this.#memory.answered();
      return answer;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      throw this.#breakOff(error, performance.now() - begun);
    } finally {
      this.#memory.turn();
    }
  }

  /** Closes the program's input, and waits until the program has ended. */
  async dispose(): Promise<void> {
    this.#pipe?.close();
    this.#pipe = undefined;
    this.#post({ exec: "disposed" });
    await this.#memory.ended();
  }

  #breakOff(error: Broken, millis: number): Broken {
    this.#isBroken = true; // closed once it has a successor: SIGPIPE would hide why this one is killed
    this.#post({ exec: "broke", generation: this.#generation, sentence: error.message });
    const { jobTimeout, args } = this.#launch;
    if (millis < LATE * this.#limit) return error;
    return new Broken(lateAnswer(args, { jobTimeout, isFirst: !this.#proven }));
  }

  /** The pipes of the program that runs; waits for one, and opens its pipes if they are new. */
  #connected(): LinePipe {
    const memory = this.#memory;
    const end = performance.now() + Math.min(LONGEST_WAIT, this.#limit / 2);
    for (;;) {
      const { generation } = memory;
      if (generation === this.#generation) {
        if (this.#pipe !== undefined && !this.#isBroken) return this.#pipe;
      } else {
        this.#pipe?.close();
        this.#pipe = undefined;
      }
      const left = end - performance.now();
      if (left <= 0) throw new Error("the program is being started again; try again later");
      if (generation === 0) memory.awaitProgram(left);
      else if (generation === this.#generation) memory.awaitSuccessor(generation, left);
      else this.#open(generation, left);
    }
  }

  /** Opens the pipes of a program, and has the reactor close its own ends. */
  #open(generation: number, millis: number): void {
    let pipe: LinePipe;
    try {
      pipe = new LinePipe(this.#memory.pipes, this.#memory.maxReply);
    } catch {
      return void this.#memory.awaitSuccessor(generation, Math.min(millis, 5));
    }
    this.#post({ exec: "opened", generation });
    // If this program has ended meanwhile, the descriptors may be those of another one: then none comes.
    if (!this.#memory.awaitConfirmation(generation, millis)) return pipe.close();
    this.#pipe = pipe;
    this.#isBroken = false;
    this.#generation = generation;
    this.#proven = false;
  }
}
