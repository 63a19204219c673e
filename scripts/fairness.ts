/**
 * Measures fairness: `deno run -A scripts/fairness.ts`. Prints what a polite client, which waits for each
 * reply, feels of others, each figure with its bound; exits with 1 when one is broken.
 */

import { handlerFile } from "../tests/helpers/fault_files.ts";
import { FaultServer } from "../tests/helpers/fault_server.ts";
import type { LineClient } from "../tests/helpers/client.ts";
import { describe, type Finding, holds, pause } from "./limits/check.ts";
import { PoliteClient } from "./limits/polite_client.ts";

const SECONDS = 5;
const TROUBLE = ["--workers", "2", "--handler", handlerFile("trouble")];

/** One situation: how the server is started, and what the others do until they are told to stop. */
interface Situation {
  title: string;
  args?: string[];
  /** Most milliseconds of the polite client's 95th percentile. */
  bound: number;
  others(server: FaultServer): Promise<LineClient[]>;
}

/** A client that sends this text again and again, and reads its replies. */
async function flooder(server: FaultServer, text: string): Promise<LineClient> {
  const client = await server.connect();
  const buffer = new Uint8Array(256 * 1024);
  const reads = async () => {
    while (await client.conn.read(buffer) !== null);
  };
  const sends = async () => {
    for (;;) await client.send(text);
  };
  void Promise.allSettled([reads(), sends()]);
  return client;
}

/** Several of them. */
function flooders(count: number, text: string): Situation["others"] {
  return (server) => Promise.all(Array.from({ length: count }, () => flooder(server, text)));
}

const SITUATIONS: Situation[] = [
  { title: "nobody else", bound: 100, others: () => Promise.resolve([]) },
  {
    title: "two clients flood with pipelined lines",
    bound: 100,
    others: flooders(2, "flood\n".repeat(10_000)),
  },
  {
    title: "another client has sent 1 000 jobs of 20 ms",
    bound: 300,
    others: async (server) => {
      const client = await server.connect();
      await client.send("sleep 20\n".repeat(1000));
      return [client];
    },
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
  const clients = await others(server);
  await pause(500);
  polite.times.length = 0; // from now on it counts
  await pause(SECONDS * 1000);
  const findings = await polite.stop(bound);
  for (const client of clients) client.close();
  return findings;
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
