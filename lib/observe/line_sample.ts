/** One line that was followed on its way through the three layers, for the page's slow motion. */

/** When a line was where. All times are in milliseconds since 1970, with fractions. */
export interface LineSample {
  /** Counts up by one; never used again. */
  id: number;
  /** With several processes: the number of the one that served it. */
  process?: number;
  /** A number of the line's connection alone. */
  connection: number;
  /** Bytes, without the terminator. */
  length: number;
  /** The worker that ran it; absent where none did. */
  worker?: number;
  /** The half-async side had the whole line, and gave it to the queue. */
  accepted: number;
  /** A worker began it; absent where none did. */
  started?: number;
  /** Its job was over. */
  ended?: number;
  /** Its reply was back, and had to wait for the reply of an earlier line; absent if it did not wait. */
  held?: number;
  /** Its reply was handed to the socket. */
  written?: number;
  /** What became of it. */
  outcome: "answered" | "failed" | "gone";
}
