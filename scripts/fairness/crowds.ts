/** What a polite client may have beside it: clients that flood, send ahead, wait, or come anew. */

import type { LineClient } from "../tools/line_client.ts";
import type { FaultServer } from "../tools/fault_server.ts";
import { connectMany } from "../limits/attack.ts";
import type { Finding } from "../limits/check.ts";
import { quantile } from "../tools/numbers.ts";

/** The others' clients, and figures which show that they were at work. */
export interface Others {
  clients: LineClient[];
  findings(): Finding[];
}

/** Clients that come to a server, and act until they are closed. */
export type Crowd = (server: FaultServer) => Promise<Others>;

/** Reads a client's replies all the time, and counts them. */
class Reader {
  lines = 0;
  readonly #client: LineClient;

  constructor(client: LineClient) {
    this.#client = client;
    void this.#read().catch(() => {}); // closed
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    for (;;) {
      const count = await this.#client.conn.read(buffer);
      if (count === null) return;
      for (const byte of buffer.subarray(0, count)) if (byte === 0x0a) this.lines++;
    }
  }
}

/** Clients that send this text again and again, and read the replies: each at least so many lines. */
export function flooders(count: number, text: string, fewest = 100): Crowd {
  return async (server) => {
    const clients = await connectMany(server, count);
    const readers = clients.map((client) => new Reader(client));
    for (const client of clients) void flood(client, text).catch(() => {}); // closed
    return {
      clients,
      findings: () => [{
        what: "fewest lines of one of the others",
        value: Math.min(...readers.map(({ lines }) => lines)),
        unit: "lines",
        atLeast: fewest,
      }],
    };
  };
}

async function flood(client: LineClient, text: string): Promise<void> {
  for (;;) await client.send(text);
}

/** One client that has sent these lines ahead, beside some that wait for the reply to each of theirs. */
export function oneAhead(lines: string, waiting: number, line: string): Crowd {
  return async (server) => {
    const clients = await connectMany(server, 1 + waiting);
    const [ahead, ...others] = clients;
    const reader = new Reader(ahead);
    await ahead.send(lines);
    let answered = 0;
    const wait = async (client: LineClient) => {
      for (;; answered++) await client.ask(line);
    };
    for (const client of others) void wait(client).catch(() => {}); // closed
    return {
      clients,
      findings: () => [
        {
          what: "lines of the one that sent ahead",
          value: reader.lines,
          unit: "lines",
          atLeast: 50,
        },
        ...(waiting === 0 ? [] : [{
          what: "the same, to those of each that waits",
          value: reader.lines * waiting / answered,
          unit: "",
          atLeast: 0.5,
          atMost: 2,
        }]),
      ],
    };
  };
}

/**
 * So many clients that open a connection for each line and wait for its reply: they are served in their
 * order, so nobody waits much longer than another.
 */
export function anew(count: number, line: string): Crowd {
  return (server) => {
    const lines: number[] = Array(count).fill(0);
    const waits: number[] = [];
    let done = false;
    const come = async (index: number) => {
      while (!done) {
        using client = await server.connect();
        const begun = performance.now();
        await client.ask(line);
        waits.push(performance.now() - begun);
        lines[index]++;
      }
    };
    for (const index of lines.keys()) void come(index).catch(() => {}); // closed
    return Promise.resolve({
      clients: [],
      findings: () => {
        done = true;
        const mean = lines.reduce((sum, each) => sum + each, 0) / count;
        return [
          { what: "lines of each that comes anew, in the mean", value: mean, unit: "", atLeast: 2 },
          {
            what: "the fewest of one, to that",
            value: Math.min(...lines) / mean,
            unit: "",
            atLeast: 0.5,
          },
          {
            what: "99th percentile of their waits, to the median",
            value: quantile(waits, 0.99) / quantile(waits, 0.5),
            unit: "",
            atMost: 10,
          },
        ];
      },
    });
  };
}

/** Both crowds at once. */
export function both(one: Crowd, other: Crowd): Crowd {
  return async (server) => {
    const crowds = [await one(server), await other(server)];
    return {
      clients: crowds.flatMap(({ clients }) => clients),
      findings: () => crowds.flatMap(({ findings }) => findings()),
    };
  };
}
