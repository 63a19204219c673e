/**
 * Telnet as a stage in front of a connection: takes commands out of what comes in, refuses options between
 * two replies, and doubles each byte 255 that goes out.
 */

import { escapeTelnet, TelnetDecoder } from "./telnet.ts";
import { type Transport, writeAll } from "./transport.ts";

/** Most bytes of refusals that wait for a client to read: those of all options, and 64 timing marks. */
const MAX_WAITING = 2 * 256 * 3 + 64 * 3;

/** Most bytes of replies that are escaped at once: the copy may be twice as long. */
const MAX_DOUBLED = 16 * 1024;

/**
 * Bytes of commands until the event loop turns: reads that are ready at once do not let it turn, and the
 * reader of this transport counts only the text.
 */
const MAX_COMMANDS = 16 * 1024;

const LF = 10;

/** Options of a {@linkcode TelnetTransport}. */
export interface TelnetOptions {
  /** Whether to refuse options; if not, nothing is said about them. @default {true} */
  answers?: boolean;
}

/** A Telnet client's connection. */
export class TelnetTransport implements Transport {
  readonly #conn: Transport;
  readonly #decoder: TelnetDecoder;
  /** Refusals that wait. */
  #waiting: number[] = [];
  /** Refusals that leave. */
  #leaving: Promise<void> | undefined;
  #writing = false;
  /** Bytes of commands since the event loop last turned. */
  #commands = 0;
  /** Whether the bytes written so far end with a whole line. */
  #betweenReplies = true;
  #ended = false;

  /** @param conn What the client's bytes come from */
  constructor(conn: Transport, { answers = true }: TelnetOptions = {}) {
    this.#conn = conn;
    this.#decoder = new TelnetDecoder((refusal) => {
      if (answers && this.#waiting.length < MAX_WAITING) this.#waiting.push(...refusal);
    });
  }

  get remoteAddr(): Deno.Addr {
    return this.#conn.remoteAddr;
  }

  async read(bytes: Uint8Array): Promise<number | null> {
    const start = this.#decoder.held;
    const count = await this.#conn.read(start === 0 ? bytes : bytes.subarray(start));
    if (count === null) return null; // a command without its end is no text
    const length = this.#decoder.decode(bytes, start, start + count);
    this.#refuse();
    this.#commands += count - length;
    if (this.#commands >= MAX_COMMANDS) {
      this.#commands = 0;
      await new Promise((resolve) => setTimeout(resolve));
    }
    return length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.#writing = true;
    try {
      while (this.#leaving !== undefined) await this.#leaving;
      const count = await this.#writeSome(bytes);
      if (count > 0) this.#betweenReplies = bytes[count - 1] === LF;
      return count;
    } finally {
      this.#writing = false;
      this.#refuse();
    }
  }

  closeWrite(): Promise<void> {
    this.#ended = true;
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#ended = true;
    this.#conn.close();
  }

  async #writeSome(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, MAX_DOUBLED);
    const escaped = escapeTelnet(part);
    if (escaped === part) return await this.#conn.write(bytes);
    await writeAll(this.#conn, escaped);
    return part.length;
  }

  /** Lets the refusals leave, if they would not stand within a reply. */
  #refuse(): void {
    if (this.#waiting.length === 0 || this.#leaving !== undefined || this.#ended) return;
    if (this.#writing || !this.#betweenReplies) return; // they leave after that reply
    const refusals = Uint8Array.from(this.#waiting);
    this.#waiting = [];
    this.#leaving = writeAll(this.#conn, refusals).catch(() => {
      this.#ended = true; // reading and writing will say why
    }).finally(() => {
      this.#leaving = undefined;
      if (!this.#writing) this.#refuse();
    });
  }
}
