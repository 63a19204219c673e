/** Test tool: HTTP as bytes, for requests that `fetch` would not send. */

import { within } from "./deadline.ts";

/** An answer as it came, up to the end of its body, or of its head if it is a stream. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/** Where the server is. */
export interface Place {
  hostname: string;
  port: number;
}

/**
 * Sends a request on a connection of its own, which the server is asked to close.
 *
 * @param head The request line and headers; `Host` is added unless one is there or it is `null`.
 */
export async function ask(
  place: Place,
  requestLine: string,
  headers: Readonly<Record<string, string | null>> = {},
): Promise<RawAnswer> {
  const conn = await Deno.connect(place);
  try {
    const all = { host: `127.0.0.1:${place.port}`, connection: "close", ...headers };
    const lines = Object.entries(all).filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}: ${value}\r\n`);
    await conn.write(new TextEncoder().encode(`${requestLine} HTTP/1.1\r\n${lines.join("")}\r\n`));
    return parse(await within(readAll(conn), `the answer to ${requestLine}`));
  } finally {
    conn.close();
  }
}

/** An event stream that is open. */
export class RawStream implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #decoder = new TextDecoder();
  #text = "";

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Opens one; nothing of it is read yet. */
  static async open(place: Place, path = "/events"): Promise<RawStream> {
    const conn = await Deno.connect(place);
    const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${place.port}\r\n\r\n`;
    await conn.write(new TextEncoder().encode(request));
    return new RawStream(conn);
  }

  /** Reads until a text has come, and gives all before it; to the end where there is none. */
  async until(text: string): Promise<string> {
    const buffer = new Uint8Array(65_536);
    const read = async () => {
      while (!this.#text.includes(text)) {
        const length = await this.#conn.read(buffer);
        if (length === null) throw new Error(`the stream ended without ${JSON.stringify(text)}`);
        this.#text += this.#decoder.decode(buffer.subarray(0, length), { stream: true });
      }
      const end = this.#text.indexOf(text) + text.length;
      const found = this.#text.slice(0, end);
      this.#text = this.#text.slice(end);
      return found;
    };
    return await within(read(), `${JSON.stringify(text)} in the stream`);
  }

  /** Reads to the end; `undefined` if it broke. */
  async rest(): Promise<string | undefined> {
    try {
      return this.#text + await within(readAll(this.#conn), "the stream's end");
    } catch {
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) return text + decoder.decode();
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
}

function parse(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(first.split(" ")[1]),
    headers: new Headers(pairs),
    body: text.slice(end + 4),
  };
}
