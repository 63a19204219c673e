/** Thousands of idle connections, from several loopback addresses. */

import { connect as connectFrom, type Socket } from "node:net";
import { once } from "node:events";
import { FaultServer } from "../tools/fault_server.ts";
import { forgetPeak } from "../tools/usage.ts";
import type { Check } from "./check.ts";

/** Descriptors that a process needs besides its connections. */
const OTHERS = 200;

/** The check, with so many connections. */
export function idleConnections(connections = 10_000): Check {
  return {
    name: "idle-connections",
    title: `${connections} idle connections`,
    async run() {
      const descriptors = connections + OTHERS;
      await using server = await FaultServer.start(
        ["--workers", "2", "--max-connections", String(connections + 1)],
        { descriptors },
      );
      const before = forgetPeak(server.pid);
      const sockets: Socket[] = [];
      const { port } = server.addr as Deno.NetAddr;
      while (sockets.length < connections) {
        const some = Array.from(
          { length: Math.min(100, connections - sockets.length) },
          (_, at) =>
            connectFrom({ host: "127.0.0.1", port, localAddress: `127.0.0.${2 + at % 8}` }),
        );
        await Promise.all(some.map((socket) => once(socket, "connect")));
        sockets.push(...some);
      }
      const begun = performance.now();
      using client = await server.connect();
      await client.ask("a new client");
      const answered = performance.now() - begun;
      const { rss, descriptors: open } = server.usage();
      for (const socket of sockets) socket.destroy();
      return [
        { what: "connections open at the server", value: open, unit: "", atLeast: connections },
        { what: "more memory", value: rss - before, unit: "MiB", atMost: 250 },
        { what: "a new client's first reply", value: answered, unit: "ms", atMost: 100 },
      ];
    },
  };
}
