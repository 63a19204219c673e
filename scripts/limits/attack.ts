/**
 * The frame of an attack: a server, a polite client whose replies are timed, and an attacker. Afterwards
 * the server must answer at once, its counters must balance, and its memory must be within the bound.
 */

import { FaultServer } from "../tools/fault_server.ts";
import { handlerFile } from "../tools/files.ts";
import { forgetPeak } from "../tools/usage.ts";
import type { LineClient } from "../tools/line_client.ts";
import type { Check, Finding } from "./check.ts";
import { pause } from "../tools/pause.ts";
import { PoliteClient } from "./polite_client.ts";

/** One attack. */
export interface Attack {
  name: string;
  title: string;
  /** Options of the server, besides two workers and the handler "trouble". */
  args?: string[];
  /** The most MiB by which the server's memory may grow. */
  memory: number;
  /** The most milliseconds of the polite client's 95th percentile. @default {100} */
  p95?: number;
  /** Does its worst. @returns figures of its own */
  run(server: FaultServer): Promise<Finding[] | void>;
}

/** The attack as a check. */
export function checkOf({ name, title, args = [], memory, p95 = 100, run }: Attack): Check {
  return {
    name,
    title,
    async run() {
      const common = ["--workers", "2", "--handler", handlerFile("trouble")];
      await using server = await FaultServer.start([...common, ...args]);
      const polite = await PoliteClient.start(server.addr);
      await pause(500);
      const before = forgetPeak(server.pid);
      const own = await run(server) ?? [];
      const { peak } = server.usage();
      const findings = await polite.stop(p95);
      using client = await server.connect();
      const begun = performance.now();
      await client.ask("still here");
      const answered = performance.now() - begun;
      client.close();
      const { code, counters } = await server.stop();
      const { accepted, answered: done, failed, gone } = counters;
      return [
        ...own,
        { what: "more memory at its peak", value: peak - before, unit: "MiB", atMost: memory },
        ...findings,
        {
          what: "a new client's first reply afterwards",
          value: answered,
          unit: "ms",
          atMost: 1000,
        },
        {
          what: "lines unaccounted for",
          value: Math.abs(accepted - done - failed - gone),
          unit: "",
          atMost: 0,
        },
        { what: "exit code of the stop", value: code, unit: "", atMost: 0 },
      ];
    },
  };
}

/** So many clients, connected a hundred at a time. */
export async function connectMany(server: FaultServer, count: number): Promise<LineClient[]> {
  const clients: LineClient[] = [];
  while (clients.length < count) {
    const some = Math.min(100, count - clients.length);
    clients.push(...await Promise.all(Array.from({ length: some }, () => server.connect())));
  }
  return clients;
}

/** Waves of clients, one after the other; each client does something, and goes. */
export async function waves(
  server: FaultServer,
  { count, clients }: { count: number; clients: number },
  act: (client: LineClient, index: number) => Promise<void>,
): Promise<void> {
  for (let wave = 0; wave < count; wave++) {
    const connected = await connectMany(server, clients);
    await Promise.all(connected.map(async (client, index) => {
      await act(client, index);
      client.close();
    }));
  }
}

/** An attack by so many clients that send a text, read nothing, and go after so many seconds. */
export function shovers(clients: number, text: string, seconds: number): Attack["run"] {
  return async (server) => {
    const connected = await connectMany(server, clients);
    for (const client of connected) shove(client, text);
    await pause(seconds * 1000);
    for (const client of connected) client.close();
  };
}

/** Sends what can be sent, without waiting for it; errors are the attacker's own affair. */
export function shove(client: LineClient, data: string | Uint8Array): void {
  client.send(data).catch(() => {});
}

/** Reads to the end, and throws everything away. @returns the number of bytes */
export async function swallow(client: LineClient): Promise<number> {
  const buffer = new Uint8Array(256 * 1024);
  let bytes = 0;
  try {
    for (let count = await client.conn.read(buffer); count !== null;) {
      bytes += count;
      count = await client.conn.read(buffer);
    }
  } catch {
    // closed
  }
  return bytes;
}
