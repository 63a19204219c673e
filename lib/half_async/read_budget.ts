/**
 * Read budget of the reactor: how long busy clients may keep it before it looks at its other sockets. It is
 * the cooperative scheduling of an event loop that cannot interrupt anybody.
 *
 * A read of a socket with more bytes is done at once, and its promise resolves as a microtask. So a client
 * whose lines need no worker could keep the event loop from turning; so could connections that wait to be
 * accepted. Turning alone is not enough: a loop that always has work asks the system for ready sockets only at
 * every 61st turn (Tokio's event_interval). So work over the budget waits for as many turns, first come first
 * served; they are short meanwhile. It waits less if a read shows that the system has been asked.
 */

import timers from "node:timers";

/**
 * Milliseconds of work without a look at the sockets; more work waits. The larger, the later other clients
 * are heard; the smaller, the more often a busy one waits.
 */
const LIMIT = 5;

/** Turns of the event loop until it looks at its sockets. With fewer, it may not have looked. */
const TURNS = 61;

/**
 * Milliseconds after which no more turns are waited for: the loop of Deno 2.4 sleeps at each turn, and looks
 * then.
 */
const ENOUGH = 20;

/**
 * What a connection may bring in one round without a look at the budget, in bytes: a client that sends a few
 * lines now and then waits for nobody.
 */
const LIGHT = 4096;

/** What a read counts for beside its bytes, in bytes: many small reads are work, too. */
const PER_READ = 64;

/** Work of one event loop, shared by all connections. */
export class ReadBudget {
  /** Counts the looks of the reactor at its sockets, as far as it knows of them. */
  round = 0;
  readonly #waiting: (() => Promise<void>)[] = [];
  #readers = 0;
  /** The next turn that waiting work waits for. */
  #turn: ReturnType<typeof timers.setImmediate> | undefined;
  /** Whether waiting work is being done. */
  #serving = false;
  /** When the last known look at the sockets was, by `performance.now()`; and whether one came since. */
  #since = 0;
  #looked = false;

  /** Somebody begins to read. */
  enter(): void {
    this.#readers++;
  }

  /** A reader reads no more; with the last one, waiting work is dropped. */
  leave(): void {
    if (--this.#readers > 0) return;
    this.#waiting.length = 0;
    timers.clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  /** A read that had to wait is done: so the reactor has looked at its sockets. */
  looked(): void {
    this.#looked = true;
  }

  /** Whether work may be done now; if not, hand it to {@linkcode run}. */
  get open(): boolean {
    return this.#waiting.length === 0 && !this.#spent();
  }

  /** Does the work when its turn has come. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async () => await work();
      this.#waiting.push(() => run().then(resolve, reject));
      if (this.#turn === undefined && !this.#serving) this.#await();
    });
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

  /** Whether so many bytes may be used now; if not, ask for a turn. */
  covers(bytes: number): boolean {
    if (this.#round !== readBudget.round) {
      this.#round = readBudget.round;
      this.#bytes = 0;
    }
    this.#bytes += bytes + PER_READ;
    return this.#bytes <= LIGHT || readBudget.open;
  }
}
