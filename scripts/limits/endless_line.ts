/** A client sends 300 MiB without a line end. */

import { FaultServer } from "../tools/fault_server.ts";
import { forgetPeak } from "../tools/usage.ts";
import type { Check } from "./check.ts";
import { pause } from "../tools/pause.ts";
import { PoliteClient } from "./polite_client.ts";

const MIB = 1024 * 1024;

/** The check; `mebibytes` is how much it sends. */
export function endlessLine(mebibytes = 300): Check {
  return {
    name: "endless-line",
    title: `one client sends ${mebibytes} MiB without a line end`,
    async run() {
      await using server = await FaultServer.start(["--workers", "2"]);
      const polite = await PoliteClient.start(server.addr);
      using client = await server.connect();
      await client.ask("warm up");
      await pause(200);
      const before = forgetPeak(server.pid);
      const mebibyte = new Uint8Array(MIB).fill(120);
      for (let sent = 0; sent < mebibytes; sent++) await client.send(mebibyte);
      await client.send("\nafter\n");
      const [reply, next] = await client.replies(2);
      const { peak } = server.usage();
      const findings = await polite.stop(100);
      const errors = reply === "ERR line longer than the limit of 65536 bytes" ? 1 : 0;
      return [
        { what: "more memory", value: peak - before, unit: "MiB", atMost: 64 },
        { what: "error replies for that line", value: errors, unit: "", atLeast: 1 },
        { what: "lines answered after it", value: +/^\d after$/.test(next), unit: "", atLeast: 1 },
        ...findings,
      ];
    },
  };
}
