/** A raw-socket client, which sends exactly what it is told and hides nothing that comes. */

import { Buffer } from "node:buffer";
import { within } from "./deadline.ts";

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text as UTF-8, bytes as they are. */
export type Data = string | Uint8Array;

/** The bytes of a byte string: `"\xff\n"` is 255, 10. */
export function bytesOf(byteString: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(byteString, (unit) => unit.charCodeAt(0));
}

/** One code unit per byte, for asserts that read well. */
export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** A client of one connection. */
export class LineClient implements Disposable {
  readonly conn: Deno.Conn;
  #received = Buffer.alloc(0);
  #ended = false;
  #closed = false;

  /** Takes over a connection, a TLS one say. */
  constructor(conn: Deno.Conn) {
    this.conn = conn;
  }

  /** Connects to where a server listens. Small sends leave at once, each as a packet of its own. */
  static async connect(addr: Deno.Addr): Promise<LineClient> {
    if ("path" in addr) {
      return new LineClient(await Deno.connect({ transport: "unix", path: addr.path! }));
    }
    const { hostname, port } = addr as Deno.NetAddr;
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    return new LineClient(conn);
  }

  /** Sends it all; waits while the server does not read. */
  async send(data: Data): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.conn.write(bytes.subarray(sent));
    }
  }

  /** Half-close: sends nothing more. */
  async finish(): Promise<void> {
    await this.conn.closeWrite();
  }

  /** Sends a line and waits for the next reply. */
  async ask(line: string): Promise<string> {
    await this.send(`${line}\n`);
    return await this.reply();
  }

  /** The next reply without its `\n`; it must be valid UTF-8. @throws {Error} if the server has closed */
  async reply(): Promise<string> {
    return strict.decode(await this.replyBytes());
  }

  /** As {@linkcode reply}, but `undefined` when the server has closed. */
  async nextReply(): Promise<string | undefined> {
    const bytes = await this.#nextLine();
    return bytes && strict.decode(bytes);
  }

  /** The next `count` replies. */
  async replies(count: number): Promise<string[]> {
    const replies: string[] = [];
    while (replies.length < count) replies.push(await this.reply());
    return replies;
  }

  /** The bytes of the next reply, without its `\n`. */
  async replyBytes(): Promise<Uint8Array> {
    const line = await this.#nextLine();
    if (line !== undefined) return line;
    const left = JSON.stringify(byteString(this.#received));
    throw new Error(`the server closed the connection, and no reply ended: ${left}`);
  }

  async #nextLine(): Promise<Uint8Array | undefined> {
    for (let from = 0;;) {
      const end = this.#received.indexOf(10, from);
      if (end >= 0) {
        const line = this.#received.subarray(0, end);
        this.#received = this.#received.subarray(end + 1);
        return line;
      }
      from = this.#received.length;
      if (!await this.#receive("a reply")) return undefined;
    }
  }

  /** Every byte that still comes, until the server closes. */
  async rest(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [this.#received];
    this.#received = Buffer.alloc(0);
    while (await this.#receive("the server's FIN")) {
      parts.push(this.#received);
      this.#received = Buffer.alloc(0);
    }
    return Buffer.concat(parts);
  }

  /** As {@linkcode rest}, as text; it must be valid UTF-8. */
  async restText(): Promise<string> {
    return strict.decode(await this.rest());
  }

  /** Closes the connection; twice does no harm. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #receive(what: string): Promise<boolean> {
    if (this.#ended) return false;
    const chunk = new Uint8Array(64 * 1024);
    const count = await within(this.conn.read(chunk), what);
    if (count === null) {
      this.#ended = true;
      return false;
    }
    const fresh = Buffer.from(chunk.buffer, 0, count);
    this.#received = this.#received.length === 0 ? fresh : Buffer.concat([this.#received, fresh]);
    return true;
  }
}

/** Sends it all and half-closes, reading all the while; every byte that came until the server's FIN. */
export async function exchange(addr: Deno.Addr, data: Data): Promise<Uint8Array> {
  using client = await LineClient.connect(addr);
  const [answer] = await Promise.all([
    client.rest(),
    client.send(data).then(() => client.finish()),
  ]);
  return answer;
}

/** As {@linkcode exchange}, as text; it must be valid UTF-8. */
export async function exchangeText(addr: Deno.Addr, data: Data): Promise<string> {
  return strict.decode(await exchange(addr, data));
}
