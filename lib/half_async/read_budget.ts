/**
 * Read budget of the reactor: for how long the bytes of busy clients may keep it before it looks at its
 * other sockets. The cooperative scheduling of an event loop that cannot interrupt anybody.
 *
 * A read of a socket that has more is done at once, and its promise resolves as a microtask. So a client
 * whose lines need no worker would keep the event loop from turning; so would connections that wait to be
 * accepted. Turning alone is not enough: a loop
 * that always has work asks the system for ready sockets at every 61st turn only (Tokio's event_interval).
 * So what is over the budget waits, first come first, for as many turns, which are short meanwhile. It
 * need not wait as long as reads show that the system has been asked.
 */

import timers from "node:timers";

/** Milliseconds of work without a look at the sockets after which the rest waits. */
const LIMIT = 5;

/** Turns of the event loop in which it looks at its sockets. */
const TURNS = 61;

/** Milliseconds after which that is enough; the loop of Deno 2.4 sleeps at each turn, and looks then. */
const ENOUGH = 20;

/**
 * What a connection may bring in one round without a look at the budget, in bytes: lines of a client that
 * sends a few now and then wait for nobody.
 */
const LIGHT = 4096;

/** What a read counts for beside its bytes. */
const PER_READ = 64;

/** Work of one event loop, shared by all connections. */
export class ReadBudget {
  /** Grows each time that the reactor has looked at its sockets, as far as is known. */
  round = 0;
  readonly #waiting: (() => Promise<void>)[] = [];
  #readers = 0;
  /** The next of the turns that the rest waits for. */
  #turn: ReturnType<typeof timers.setImmediate> | undefined;
  /** Whether the rest has its turn. */
  #serving = false;
  /** When it was found to have looked, by `performance.now()`; and whether it has since. */
  #since = 0;
  #looked = false;

  /** Somebody begins to read. */
  enter(): void {
    this.#readers++;
  }

  /** A reader reads no more; with the last one, whatever still waits is nobody's. */
  leave(): void {
    if (--this.#readers > 0) return;
    this.#waiting.length = 0;
    timers.clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  /** A read that had to wait is done: the reactor has looked at its sockets. */
  looked(): void {
    this.#looked = true;
  }

  /** Whether work may be done now; else it is to be handed to {@linkcode run}. */
  get open(): boolean {
    return this.#waiting.length === 0 && !this.#spent();
  }

  /** Does the work when its turn has come. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push(async () => {
      try {
        resolve(await work());
      } catch (error) {
        reject(error);
      }
    });
    if (this.#turn === undefined && !this.#serving) this.#await();
    return promise;
  }

  #spent(): boolean {
    if (this.#turn !== undefined) return true;
    if (this.#looked) this.#begin();
    if (performance.now() - this.#since <= LIMIT) return false;
    this.#await();
    return true;
  }

  /** Waits for the turns in which the loop looks at its sockets. */
  #await(turns = 1, begun = performance.now()): void {
    this.#turn = timers.setImmediate(() => {
      const over = turns === TURNS || performance.now() - begun > ENOUGH;
      if (!this.#looked && !over) return this.#await(turns + 1, begun);
      this.#turn = undefined;
      this.#begin();
      void this.#serve();
    });
  }

  #begin(): void {
    this.#looked = false;
    this.round++;
    this.#since = performance.now();
  }

  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    while (this.#waiting.length > 0 && !this.#spent()) await this.#waiting.shift()!();
    this.#serving = false;
  }
}

/** The budget of this thread's event loop. */
export const readBudget = new ReadBudget();

/** What one connection has brought. */
export class ReadAllowance {
  #bytes = 0;
  #round = 0;

  /** Whether so many bytes may be used now; else a turn is to be asked for. */
  covers(bytes: number): boolean {
    if (this.#round !== readBudget.round) {
      this.#round = readBudget.round;
      this.#bytes = 0;
    }
    this.#bytes += bytes + PER_READ;
    return this.#bytes <= LIGHT || readBudget.open;
  }
}
