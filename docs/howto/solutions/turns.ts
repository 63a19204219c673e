// Exercise 6. A queue in which connections take turns.

/** Jobs by the connection that they come from. The order of a Map is the order of the turns. */
export class Turns<Connection, Job> {
  readonly #waiting = new Map<Connection, Job[]>();

  /** Puts a job behind the others of its connection. */
  push(connection: Connection, job: Job): void {
    const own = this.#waiting.get(connection);
    if (own === undefined) this.#waiting.set(connection, [job]);
    else own.push(job);
  }

  /** The first job of the connection whose turn it is; `undefined` if no job waits. */
  shift(): Job | undefined {
    for (const [connection, own] of this.#waiting) {
      const job = own.shift();
      this.#waiting.delete(connection);
      if (own.length > 0) this.#waiting.set(connection, own); // to the end: all others come first
      return job;
    }
  }
}
