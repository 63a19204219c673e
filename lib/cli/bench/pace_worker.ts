/**
 * An alarm clock of a load: sleeps for as many milliseconds as it is told, and says when they are
 * over.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

/** Never notified: a wait on it is a sleep, to the 50 µs or so that the system takes to wake. */
const bed = new Int32Array(new SharedArrayBuffer(4));

self.onmessage = ({ data: milliseconds }: MessageEvent<number>) => {
  Atomics.wait(bed, 0, 0, milliseconds);
  self.postMessage("over");
};
