/** Clients that ask for long replies, thousands at once, and read none: they must not own the queue. */

import { handlerFile } from "../tools/files.ts";
import { FaultServer } from "../tools/fault_server.ts";
import { forgetPeak } from "../tools/usage.ts";
import type { Check } from "./check.ts";
import { pause } from "../tools/pause.ts";
import { PoliteClient } from "./polite_client.ts";

/** The check, with so many clients. */
export function hoarders(clients = 8, seconds = 4): Check {
  return {
    name: "hoarders",
    title: `${clients} clients ask for 2 000 replies of 60 KB each, and read none`,
    async run() {
      const args = ["--workers", "2", "--handler", handlerFile("trouble")];
      await using server = await FaultServer.start([...args, "--write-timeout", "60"]);
      const polite = await PoliteClient.start(server.addr);
      await pause(300);
      const before = forgetPeak(server.pid);
      const hoarding = await Promise.all(Array.from({ length: clients }, () => server.connect()));
      const sent = hoarding.map((client) => client.send("big 60000\n".repeat(2000)));
      await pause(seconds * 1000);
      const { unanswered } = await server.counters();
      const { peak } = server.usage();
      const findings = await polite.stop(100);
      for (const client of hoarding) client.close();
      await Promise.allSettled(sent);
      return [
        { what: "lines that wait for ever", value: unanswered, unit: "lines" },
        { what: "more memory", value: peak - before, unit: "MiB", atMost: 128 },
        ...findings,
      ];
    },
  };
}
