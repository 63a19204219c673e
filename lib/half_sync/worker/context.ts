/** The context of a job: what a handler sees of its line's connection. */

import type { HandlerContext } from "../handler.ts";
import type { RunHeader } from "../memory/run_header.ts";
import { LateUse } from "./late_use.ts";

/** What the contexts of a worker's jobs share. */
export interface ContextOptions {
  workerId: number;
  args: readonly string[];
  /** What the connections' IDs begin with; no other process has it. */
  processId: string;
  /** Whether connections have sessions here. */
  pinned: boolean;
  /** Told when a handler uses a context after the end of its job. */
  late: (use: LateUse) => void;
}

/** Makes contexts, and keeps the sessions of connections. */
export class ContextFactory {
  readonly options: ContextOptions;
  /** By their connections. */
  readonly sessions = new Map<string, unknown>();
  /** The context of the job under way. */
  current: HandlerContext | undefined;
  /** Whether that job has ended its connection. */
  ending = false;

  constructor(options: ContextOptions) {
    this.options = options;
  }

  /** The job under way has ended. */
  done(header: RunHeader): void {
    this.current = undefined;
    if (header.kind === "close") this.sessions.delete(header.connection);
  }

  /** The context of the next job, which is of this connection. */
  next(header: RunHeader): HandlerContext {
    this.ending = false;
    return this.current = new JobContext(this, header);
  }
}

/** One job's context. */
class JobContext implements HandlerContext {
  readonly #factory: ContextFactory;
  readonly #header: RunHeader;

  constructor(factory: ContextFactory, header: RunHeader) {
    this.#factory = factory;
    this.#header = header;
  }

  get workerId(): number {
    return this.#factory.options.workerId;
  }

  get connectionId(): string {
    const { connection } = this.#header;
    return connection.includes("-")
      ? connection
      : `${this.#factory.options.processId}-${connection}`;
  }

  get remoteAddr(): Deno.Addr {
    return this.#header.addr;
  }

  get args(): readonly string[] {
    return this.#factory.options.args;
  }

  get session(): unknown {
    return this.#factory.sessions.get(this.#header.connection);
  }

  set session(value: unknown) {
    if (!this.#factory.options.pinned) {
      throw new Error('a connection has a session only with the order "pinned"');
    }
    // The job has ended; its connection may be gone.
    if (this.#factory.current === this) this.#factory.sessions.set(this.#header.connection, value);
    else this.#factory.options.late(new LateUse("session"));
  }

  end(): void {
    if (this.#factory.current === this) this.#factory.ending = true;
    else this.#factory.options.late(new LateUse("end"));
  }
}
