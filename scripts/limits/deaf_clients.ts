/** Clients that send without ever reading a reply. */

import type { LineClient } from "../tools/line_client.ts";
import { FaultServer } from "../tools/fault_server.ts";
import { forgetPeak } from "../tools/usage.ts";
import type { Check } from "./check.ts";
import { pause } from "../tools/pause.ts";
import { PoliteClient } from "./polite_client.ts";

/** The check: so many clients, for so many seconds; `writeTimeout` ends them. */
export function deafClients(clients = 1, seconds = 5): Check {
  return {
    name: clients === 1 ? "deaf-client" : "deaf-clients",
    title: `${clients} client${
      clients === 1 ? " sends" : "s send"
    } for ${seconds} s, reading nothing`,
    async run() {
      const writeTimeout = seconds;
      const most = clients === 1 ? 64 : 1.5 * clients; // MiB; see docs/guarantees.md, "Bounds"
      const args = ["--workers", "2", "--write-timeout", String(writeTimeout)];
      await using server = await FaultServer.start(args);
      const polite = await PoliteClient.start(server.addr);
      await pause(300);
      const before = forgetPeak(server.pid);
      const deaf = await Promise.all(Array.from({ length: clients }, () => server.connect()));
      const floods = deaf.map(flood);
      const closed = server.event("connection_timed_out", { within: (seconds + 30) * 1000 });
      const sent = (await Promise.all(floods)).reduce((sum, bytes) => sum + bytes, 0);
      const { reason } = await closed;
      const { peak } = server.usage();
      const timedOut = () =>
        server.log.filter(({ type }) => type === "connection_timed_out")
          .reduce((sum, { times = 1 }) => sum + Number(times), 0);
      // The log joins the events of a second.
      for (let looks = 0; looks < 40 && timedOut() < clients; looks++) await pause(50);
      for (const client of deaf) client.close();
      return [
        { what: "sent before the server closed", value: sent / 2 ** 20, unit: "MiB" },
        { what: "more memory", value: peak - before, unit: "MiB", atMost: most },
        {
          what: `closed because "${reason}"`,
          value: timedOut(),
          unit: "clients",
          atLeast: clients,
        },
        ...await polite.stop(100),
      ];
    },
  };
}

/** Sends until the server closes. @returns bytes sent */
async function flood(client: LineClient): Promise<number> {
  const lines = new TextEncoder().encode(`${"x".repeat(99)}\n`.repeat(640));
  let sent = 0;
  try {
    for (;;) sent += await client.conn.write(lines);
  } catch {
    return sent;
  }
}
