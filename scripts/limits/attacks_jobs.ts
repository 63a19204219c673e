/** Attacks through the handler: lines that cost much, or that kill. */

import { type Attack, connectMany, shovers, swallow } from "./attack.ts";
import { pause } from "../tools/pause.ts";

export const JOB_ATTACKS: Attack[] = [
  {
    name: "bad-utf8",
    title: "4 clients flood with lines that are not valid UTF-8 for 4 s",
    memory: 128,
    async run(server) {
      const clients = await connectMany(server, 4);
      const lines = new Uint8Array(64 * 1024);
      for (let at = 0; at < lines.length; at++) lines[at] = at % 100 === 99 ? 10 : 0x80 + at % 0x7f;
      const end = performance.now() + 4000;
      const reads = clients.map(swallow);
      await Promise.all(clients.map(async (client) => {
        while (performance.now() < end) await client.send(lines);
        client.close();
      }));
      await Promise.all(reads);
    },
  },
  {
    name: "killers",
    title: "10 clients send nothing but lines that kill their worker, for 4 s",
    memory: 128,
    p95: 2000,
    async run(server) {
      const clients = await connectMany(server, 10);
      const end = performance.now() + 4000;
      await Promise.all(clients.map(async (client) => {
        while (performance.now() < end) await client.ask("die");
        client.close();
      }));
      const { counters } = await server.counters();
      return [{ what: "workers killed", value: counters.replaced, unit: "", atLeast: 20 }];
    },
  },
  {
    name: "sleepers",
    title: "20 clients send 500 jobs of 20 ms each",
    memory: 64,
    p95: 1000,
    run: shovers(20, "sleep 20\n".repeat(500), 5),
  },
  {
    name: "overtime",
    title: "a job that runs over its time, again and again, while others ask",
    args: ["--job-timeout", "0.5", "--max-abandoned", "50"],
    memory: 128,
    p95: 1000,
    async run(server) {
      const [client] = await connectMany(server, 1);
      for (let round = 0; round < 8; round++) await client.ask("sleep 1500");
      client.close();
      await pause(1700); // until they have come back
      const { counters } = await server.counters();
      return [{ what: "still abandoned", value: counters.abandoned, unit: "", atMost: 0 }];
    },
  },
];
