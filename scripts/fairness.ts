/**
 * Measures fairness: `deno run -A scripts/fairness.ts`. Prints what a polite client, which waits for each
 * reply, feels of others, each figure with its bound; exits with 1 when one is broken.
 */

import { handlerFile } from "../tests/helpers/fault_files.ts";
import { FaultServer } from "../tests/helpers/fault_server.ts";
import type { LineClient } from "../tests/helpers/client.ts";
import { connectMany } from "./limits/attack.ts";
import { describe, type Finding, holds, pause } from "./limits/check.ts";
import { PoliteClient } from "./limits/polite_client.ts";

const SECONDS = 5;
const TROUBLE = ["--workers", "2", "--handler", handlerFile("trouble")];

/** What the others have done, and what of it matters: that they were there. */
interface Others {
  clients: LineClient[];
  findings(): Finding[];
}

/** One situation: how the server is started, and what the others do until they are told to stop. */
interface Situation {
  title: string;
  args?: string[];
  /** Most milliseconds of the polite client's 95th percentile. */
  bound: number;
  others(server: FaultServer): Promise<Others>;
}

/** Replies that a client has read, which it goes on doing. */
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

/** Clients that send this text again and again, and read its replies. */
function flooders(count: number, text: string): Situation["others"] {
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
        atLeast: 100,
      }],
    };
  };
}

async function flood(client: LineClient, text: string): Promise<void> {
  for (;;) await client.send(text);
}

/** One client that has sent these lines ahead, beside some that wait for the reply to each of theirs. */
function oneAhead(lines: string, waiting: number, line: string): Situation["others"] {
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

const SITUATIONS: Situation[] = [
  {
    title: "nobody else",
    bound: 100,
    others: () => Promise.resolve({ clients: [], findings: () => [] }),
  },
  {
    title: "two clients flood with pipelined lines",
    bound: 100,
    others: flooders(2, "flood\n".repeat(10_000)),
  },
  {
    title: "another client has sent 1 000 jobs of 20 ms",
    bound: 300,
    others: oneAhead("sleep 20\n".repeat(1000), 0, ""),
  },
  {
    title: "the same, and five clients wait for each reply to jobs of 20 ms",
    bound: 300,
    others: oneAhead("sleep 20\n".repeat(1000), 5, "sleep 20"),
  },
  {
    title: "twenty clients keep the queue full with jobs of 2 ms",
    bound: 300,
    others: flooders(20, "sleep 2\n".repeat(1000)),
  },
  {
    title: "two clients flood, and the queue's limit is 100",
    args: ["--queue-limit", "100"],
    bound: 100,
    others: flooders(2, "flood\n".repeat(10_000)),
  },
];

async function measure({ args = [], bound, others }: Situation): Promise<Finding[]> {
  await using server = await FaultServer.start([...TROUBLE, ...args]);
  const polite = await PoliteClient.start(server.addr, 2);
  await pause(300);
  const { clients, findings } = await others(server);
  await pause(500);
  polite.times.length = 0; // from now on it counts
  await pause(SECONDS * 1000);
  const felt = await polite.stop(bound);
  const own = findings();
  for (const client of clients) client.close();
  return [...own, ...felt];
}

if (Deno.args.length > 0) {
  console.error("This script takes no arguments");
  Deno.exit(2);
}
let broken = 0;
for (const situation of SITUATIONS) {
  console.log(`\n${situation.title}`);
  for (const finding of await measure(situation)) {
    if (!holds(finding)) broken++;
    console.log(`  ${holds(finding) ? "   " : "NOT"} ${describe(finding)}`);
  }
}
console.log(broken === 0 ? "\nEvery bound holds." : `\n${broken} broken.`);
Deno.exit(broken === 0 ? 0 : 1);
