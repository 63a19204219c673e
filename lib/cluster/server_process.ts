/**
 * Wrapper Facade of a server process, as its supervisor sees it: what it is told, what it says, and how it
 * ended. It ends when its supervisor does, because the channel between the two is closed then.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { LifeEvent, Order, Report } from "./messages.ts";
import type { CommandLine } from "./self_start.ts";

/** How a process ended. */
export interface End {
  /** In words, to stand behind "process 2 ended: ". */
  reason: string;
  /** The exit code that says so. */
  code: number;
}

/** What a {@linkcode Supervisor} needs of a process; a test may play one. */
export interface Watched {
  /** Whether it listens: `true` as soon as it does, `false` if it ended before. */
  readonly listening: Promise<boolean>;
  /** Settles, with the reason, when it takes connections no longer: it stops, or it has ended. */
  readonly leaving: Promise<string>;
  /** Settles when it has ended. */
  readonly ended: Promise<End>;
  /** Gives it an order; one that has ended does not hear it. */
  send(type: Order["type"]): void;
  /** Waits for the next event of one of these types; `undefined` if it ends without. */
  next(...types: LifeEvent["type"][]): Promise<LifeEvent | undefined>;
  /** Ends it at once. */
  kill(): void;
}

/** A process of this program. */
export class ServerProcess implements Watched {
  readonly listening: Promise<boolean>;
  readonly leaving: Promise<string>;
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #tell: (event: LifeEvent) => void;
  readonly #listens = Promise.withResolvers<boolean>();
  readonly #leaves = Promise.withResolvers<string>();
  readonly #end = Promise.withResolvers<End>();
  #waiting: { types: readonly string[]; resolve: (event?: LifeEvent) => void }[] = [];
  #failure: End | undefined;

  /**
   * Starts it.
   *
   * @param tell Told of the events of its life.
   */
  constructor({ program, words }: CommandLine, tell: (event: LifeEvent) => void) {
    this.#tell = tell;
    this.listening = this.#listens.promise;
    this.leaving = this.#leaves.promise;
    this.ended = this.#end.promise;
    // Its log goes where this one's goes. Detached: a terminal's Ctrl-C is for the supervisor alone.
    const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
    this.#child = spawn(program, words, { stdio: [...stdio], detached: true });
    this.#child.on("message", (message) => this.#hear(message as Report)); // sound: it is this program
    this.#child.on("error", ({ message }) => this.#finish({ reason: message, code: 1 }));
    this.#child.on("exit", (code, signal) => this.#finish(this.#failure ?? endOf(code, signal)));
  }

  send(type: Order["type"]): void {
    // The callback takes what goes wrong: a process that has ended.
    if (this.#child.connected) this.#child.send({ type } satisfies Order, () => {});
  }

  next(...types: LifeEvent["type"][]): Promise<LifeEvent | undefined> {
    return new Promise((resolve) => this.#waiting.push({ types, resolve }));
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #hear(message: Report): void {
    if (message.type === "failed") {
      this.#failure = message;
      return;
    }
    const { event } = message;
    this.#tell(event);
    if (event.type === "listening") this.#listens.resolve(true);
    if (event.type === "stopping") this.#leaves.resolve(event.reason ?? "it was told to stop");
    const due = this.#waiting.filter(({ types }) => types.includes(event.type));
    this.#waiting = this.#waiting.filter((it) => !due.includes(it));
    for (const { resolve } of due) resolve(event);
  }

  #finish(end: End): void {
    this.#listens.resolve(false);
    this.#leaves.resolve(end.reason);
    this.#end.resolve(end);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

function endOf(code: number | null, signal: string | null): End {
  const how = signal === null ? `it ended with exit code ${code}` : `it was killed by ${signal}`;
  return { reason: how, code: 1 };
}
