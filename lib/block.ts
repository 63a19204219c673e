/** A sleep that blocks its thread: for workers and for programs that have nothing else to do. */

/** Never notified: a wait on it is a sleep. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** Blocks for so many milliseconds, and for the 50 µs or so that the system takes to wake. */
export function block(millis: number): void {
  Atomics.wait(NEVER, 0, 0, millis);
}
