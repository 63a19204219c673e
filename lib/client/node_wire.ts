/** An Adapter for Node: gives Node's sockets the interface of Deno's connections. */

import net from "node:net";
import tls from "node:tls";
import type { Endpoint, Wire } from "./endpoint.ts";

/** One of Node's sockets as a connection. */
class NodeWire implements Wire {
  readonly #socket: net.Socket;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    socket.on("error", () => {}); // the next read or write will report it
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#rest = value;
    }
    const chunk = this.#rest.subarray(0, into.length);
    into.set(chunk);
    this.#rest = this.#rest.subarray(chunk.length);
    return chunk.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Opens a connection. `keep` gets what has to be closed if the attempt is given up. */
export async function openInNode(
  { address, caCerts }: Endpoint,
  keep: (wire: Wire) => Wire,
): Promise<Wire> {
  const where = address.transport === "unix"
    ? { path: address.path }
    : { host: address.hostname, port: address.port };
  const options = { ...where, allowHalfOpen: true };
  const ca = [...tls.rootCertificates, ...caCerts ?? []];
  const servername = "host" in where && net.isIP(where.host ?? "") === 0 ? where.host : undefined;
  const socket = caCerts === undefined
    ? net.connect(options)
    : tls.connect({ ...options, ca, servername });
  const wire = keep(new NodeWire(socket));
  await new Promise((resolve, reject) => {
    socket.once(caCerts === undefined ? "connect" : "secureConnect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
  socket.setNoDelay(true);
  return wire;
}
