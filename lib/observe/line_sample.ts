/** One line that was followed through the three layers, for the page's slow motion. */

/** When a line passed each station. All times are in milliseconds since 1970, with fractions. */
export interface LineSample {
  /** Counts up by one. */
  id: number;
  /** With several processes: the number of the one that served the line. */
  process?: number;
  /** The number of the line's connection; no other one of its process has it. */
  connection: number;
  /** Bytes, without the terminator. */
  length: number;
  /** The ID of the worker that ran it; absent if none did. */
  worker?: number;
  /** The half-async layer had the whole line and gave it to the queue. */
  accepted: number;
  /** A worker began it; absent if none did. */
  started?: number;
  /** Its job ended. */
  ended?: number;
  /** Its reply was back, and had to wait for an earlier line's reply; absent if it did not wait. */
  held?: number;
  /** Its reply was handed to the socket. */
  written?: number;
  /** What became of it. */
  outcome: "answered" | "failed" | "gone";
}
