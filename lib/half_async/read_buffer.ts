/**
 * What one connection reads into: small while it is idle, larger while it sends more than fits.
 *
 * Measured: 9 000 idle connections with 4 KiB each cost 125 MB, with 64 KiB each 600 MB.
 */

import { Buffer } from "node:buffer";

const MIN_SIZE = 4 * 1024;
const MAX_SIZE = 64 * 1024;

/** The read buffer of one connection. */
export class ReadBuffer {
  #bytes = Buffer.allocUnsafeSlow(MIN_SIZE);
  #last = 0;

  /**
   * Reads what is there, or waits for it.
   *
   * @returns the bytes as a byte string, one code unit per byte: nothing is lost, whatever they are;
   * `undefined` at the end
   */
  async readFrom(conn: Deno.Conn): Promise<string | undefined> {
    const size = this.#bytes.length;
    if (this.#last === size && size < MAX_SIZE) this.#bytes = Buffer.allocUnsafeSlow(4 * size);
    else if (this.#last < size / 4 && size > MIN_SIZE) {
      this.#bytes = Buffer.allocUnsafeSlow(size / 4);
    }
    const count = await conn.read(this.#bytes);
    if (count === null) return undefined;
    this.#last = count;
    return this.#bytes.toString("latin1", 0, count);
  }
}
