/**
 * Measures fairness: `deno run -A scripts/fairness.ts`. Prints how long a polite client, which waits for each
 * reply, waits beside others, each figure with its bound. Exits with 1 when a bound is broken.
 */

import { handlerFile } from "./tools/files.ts";
import { FaultServer } from "./tools/fault_server.ts";
import { anew, both, type Crowd, flooders, oneAhead } from "./fairness/crowds.ts";
import { describe, type Finding, holds } from "./limits/check.ts";
import { pause } from "./tools/pause.ts";
import { PoliteClient } from "./limits/polite_client.ts";

const SECONDS = 5;
const TROUBLE = ["--workers", "2", "--handler", handlerFile("trouble")];

/** One situation: how the server is started, and what the others do until they are told to stop. */
interface Situation {
  title: string;
  args?: string[];
  /** The most milliseconds of the polite client's 95th percentile. */
  bound: number;
  others: Crowd;
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
  ...["spin 0.02", "spin 0.2", "sleep 20"].flatMap((job) => ofCost(job)),
  {
    title: "256 clients come anew for each job of 0.2 ms",
    bound: 100,
    others: anew(256, "spin 0.2"),
  },
  {
    title: "a job of 2 s has ended, and 64 clients come anew for each job of 0.2 ms",
    bound: 100,
    async others(server) {
      using client = await server.connect();
      await client.ask("sleep 2000");
      return await anew(64, "spin 0.2")(server);
    },
  },
];

/** Situations that must not differ, whatever a job costs. */
function ofCost(job: string): Situation[] {
  const bound = job === "sleep 20" ? 300 : 100;
  const others = anew(64, job);
  return [
    { title: `64 clients come anew for each job "${job}"`, bound, others },
    {
      title: `20 clients keep the queue full with jobs "${job}"`,
      bound,
      others: flooders(20, `${job}\n`.repeat(1000), 10),
    },
    {
      title: `five clients come anew for each job "${job}", and one has sent ahead`,
      bound,
      others: both(anew(5, job), oneAhead(`${job}\n`.repeat(1000), 0, "")),
    },
  ];
}

async function measure({ args = [], bound, others }: Situation): Promise<Finding[]> {
  await using server = await FaultServer.start([...TROUBLE, ...args]);
  const polite = await PoliteClient.start(server.addr, 2);
  await pause(300);
  const { clients, findings } = await others(server);
  await pause(500);
  polite.forget();
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
