/**
 * The lines that one connection of a load sends. They are built before it begins and sent again and again,
 * yet no two are alike.
 */

/** The fewest bytes of a line: what makes it unique. */
export const LEAST_SIZE = 16;

/** Bytes of lines that a ring has at least, so that most writes are in one piece. */
const RING_BYTES = 16384;

const CONNECTION_DIGITS = 4;
const ROUND_DIGITS = 8;
const SLOT_DIGITS = 4;
const PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-";

const ZERO = 0x30;
const NINE = 0x39;

/** The most lines of a ring: what its digits can number. */
export const MOST_SLOTS = 36 ** SLOT_DIGITS;

/**
 * A ring of lines: each is a connection's number, a round and a slot, then padding. A slot's round
 * changes whenever it is sent again: a digit or two are written, and no line is built.
 */
export class LineRing {
  /** Lines in the ring. */
  readonly slots: number;
  /** Bytes of a line with its `\n`. */
  readonly stride: number;
  /** All lines, one after the other. */
  readonly bytes: Uint8Array;

  /**
   * @param size Bytes of a line without its end, at least {@linkcode LEAST_SIZE}.
   * @param options The connection's number, and how many lines may be under way at once.
   */
  constructor(size: number, { connection, window }: { connection: number; window: number }) {
    this.stride = size + 1;
    const roomy = Math.ceil(RING_BYTES / this.stride);
    this.slots = Math.min(Math.max(window, Math.min(roomy, 4 * window)), MOST_SLOTS);
    this.bytes = new Uint8Array(this.slots * this.stride);
    const encoder = new TextEncoder();
    const padding = encoder.encode(PADDING.repeat(Math.ceil((size + 64) / 64)));
    const number = connection.toString(36).padStart(CONNECTION_DIGITS, "0");
    for (let slot = 0; slot < this.slots; slot++) {
      const name = slot.toString(36).padStart(SLOT_DIGITS, "0");
      const head = encoder.encode(number + "9".repeat(ROUND_DIGITS) + name);
      const line = this.bytes.subarray(slot * this.stride, (slot + 1) * this.stride);
      line.set(padding.subarray(slot % 64, slot % 64 + size));
      line.set(head);
      line[size] = 10;
    }
  }

  /** The line in a slot, for messages. */
  text(slot: number): string {
    return new TextDecoder().decode(
      this.bytes.subarray(slot * this.stride, (slot + 1) * this.stride - 1),
    );
  }

  /** Gives the lines of some slots their next round. */
  renew(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      const first = slot * this.stride + CONNECTION_DIGITS;
      let at = first + ROUND_DIGITS - 1;
      while (at >= first && this.bytes[at] === NINE) this.bytes[at--] = ZERO;
      if (at >= first) this.bytes[at]++;
    }
  }
}
