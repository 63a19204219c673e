/**
 * What the server keeps in memory: for itself, for each worker, for each connection that is idle, and
 * for clients that send without reading.
 */

import type { Command } from "../tools/server_process.ts";
import { ServerProcess } from "../tools/server_process.ts";
import { pause } from "../tools/pause.ts";
import { Notes } from "./figures.ts";
import { hsha, inline, type Tuning } from "./servers.ts";

const WORKERS = [1, 2, 4, 8];
const IDLE = 2000;
const FLOODERS = [1, 16, 64];
const FLOOD_SECONDS = 2;

/** Reads that begin with 64 KiB for each connection, instead of 4 KiB that grow. */
const LARGE_BUFFERS: Tuning = { smallestRead: 64 * 1024 };

/** Resident memory, in MiB. */
export async function measureMemory(): Promise<Notes> {
  const notes = new Notes();
  notes.add("memory.inline", (await atRest(inline())).start, "MiB");
  for (const count of WORKERS) {
    const { start } = await atRest(hsha({ args: ["--workers", String(count)] }));
    notes.add(`memory.workers.${count}`, start, "MiB");
    notes.point("memory.workers", count, start);
  }
  const [few, many] = [WORKERS[0], WORKERS.at(-1)!].map((count) =>
    notes.figures[`memory.workers.${count}`].value
  );
  notes.add("memory.perWorker", (many - few) / (WORKERS.at(-1)! - WORKERS[0]), "MiB");
  notes.add("memory.idle.count", IDLE);
  const servers = { small: hsha(), large: hsha({ tuning: LARGE_BUFFERS }) };
  for (const [name, command] of Object.entries(servers)) {
    const { start, idle } = await atRest(command, IDLE);
    notes.add(`memory.idle.${name}`, (idle - start) * 1024 / IDLE, "KiB");
  }
  for (const clients of FLOODERS) {
    const { grown, sent } = await flood(clients);
    notes.add(`memory.flood.${clients}`, grown, "MiB");
    notes.add(`memory.flood.${clients}.sent`, sent, "MiB");
  }
  return notes;
}

/** Memory of a server that does nothing, without and with idle connections. */
async function atRest(command: Command, connections = 0) {
  await using server = await ServerProcess.spawn(command);
  await pause(300);
  const start = server.usage().rss;
  const conns: Deno.Conn[] = [];
  while (conns.length < connections) {
    conns.push(await Deno.connect({ hostname: "127.0.0.1", port: server.port }));
  }
  await pause(300);
  const idle = server.usage().rss;
  for (const conn of conns) conn.close();
  return { start, idle };
}

/** Clients that send lines of 1 KiB as fast as they can, and never read. */
async function flood(clients: number) {
  await using server = await ServerProcess.spawn(hsha());
  await pause(300);
  const start = server.usage().rss;
  const block = new TextEncoder().encode(`${"x".repeat(1023)}\n`.repeat(64));
  let sent = 0;
  const conns = await Promise.all(Array.from({ length: clients }, () => {
    return Deno.connect({ hostname: "127.0.0.1", port: server.port });
  }));
  const sending = conns.map(async (conn) => {
    try {
      for (;;) {
        const count = await conn.write(block);
        sent += count;
      }
    } catch { /* closed below */ }
  });
  await pause(FLOOD_SECONDS * 1000);
  const grown = server.usage().peak - start;
  for (const conn of conns) conn.close();
  await Promise.all(sending);
  return { grown, sent: sent / 2 ** 20 };
}
