/**
 * Processes instead of workers: two processes that each serve half of the clients inline, against two
 * workers behind one reactor, by the job's cost; and whether a socket can be given to a worker at all.
 */

import { load } from "../compare/load.ts";
import { ServerProcess } from "../tools/server_process.ts";
import { median } from "../tools/numbers.ts";
import { Notes } from "./figures.ts";
import { makeJob, nanosPerStep } from "./job.ts";
import { hsha, inline } from "./servers.ts";

const COSTS = [0, 20, 200];
const ROUNDS = 3;

/** Two processes against two workers. */
export async function measureProcesses(): Promise<Notes> {
  const notes = new Notes();
  for (const cost of COSTS) {
    await using job = await makeJob({ steps: cost * 1000 / nanosPerStep() });
    await using pool = await ServerProcess.spawn(hsha({ args: ["--handler", job.file] }));
    await using first = await ServerProcess.spawn(inline(job.file));
    await using second = await ServerProcess.spawn(inline(job.file));
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const processes = await rate([first.port, second.port]);
      const workers = await rate([pool.port, pool.port]);
      ratios.push(processes / workers);
    }
    notes.add(`processes.${cost}`, median(ratios), "×");
    if (cost > 0) continue;
    const memory = [first, second].map((process) => process.usage().rss);
    notes.add("processes.memory", memory[0] + memory[1], "MiB");
    notes.add("processes.memory.pool", pool.usage().rss, "MiB");
  }
  notes.add("processes.socketsSent", await socketsSent());
  return notes;
}

/** Lines per second of two loads at the same time, each with half of the clients. */
async function rate(ports: readonly number[]): Promise<number> {
  const mode = { id: "", title: "", job: "echo" as const, connections: 8, window: 16, size: 32 };
  const loads = ports.map((port) => load({ port, mode, seconds: 1, warmUp: 0.5 }));
  return (await Promise.all(loads)).reduce((sum, { linesPerSecond }) => sum + linesPerSecond, 0);
}

/** How many of two sockets, a connection and a listener, still work once sent to another thread. */
async function socketsSent(): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using _accepted = await listener.accept();
  let sent = 0;
  for (const [socket, method] of [[conn, "read"], [listener, "accept"]] as const) {
    try {
      const { port1, port2 } = new MessageChannel();
      using _closed = { [Symbol.dispose]: () => (port1.close(), port2.close()) };
      port1.postMessage(socket);
      const { data } = await new Promise<MessageEvent>((resolve) => port2.onmessage = resolve);
      if (typeof data?.[method] === "function") sent++;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }
  return sent;
}
