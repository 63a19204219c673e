/**
 * How cost grows: with connections, with the length of a line, with workers.
 */

import { Notes } from "./figures.ts";
import { makeJob, nanosPerStep } from "./job.ts";
import { measureServers } from "./rounds.ts";
import { go, hsha, inline, present } from "./servers.ts";

const CONNECTIONS = [16, 64, 256, 1000, 4000];
const SIZES = [32, 256, 1024, 4096, 16384, 60_000];
const WORKERS = [1, 2, 4, 8];

/** Clients that wait for each reply, more and more of them. */
export async function measureConnections(): Promise<Notes> {
  const notes = new Notes();
  const servers = present({ inline: inline(), hsha: hsha(), go: await go() });
  for (const connections of CONNECTIONS) {
    const found = await measureServers(servers, { connections }, { rounds: 3 });
    for (const [name, summary] of Object.entries(found)) {
      notes.addServer(`connections.${connections}.${name}`, summary);
      notes.point(`connections.${name}`, connections, summary.linesPerSecond);
      notes.point(`connections.p99.${name}`, connections, summary.p99 / 1000);
    }
  }
  return notes;
}

/** Lines that get longer, 16 clients with 16 of them under way. */
export async function measureLength(): Promise<Notes> {
  const notes = new Notes();
  const servers = { inline: inline(), hsha: hsha() };
  for (const size of SIZES) {
    const load = { connections: 16, window: 16, size };
    const found = await measureServers(servers, load, { rounds: 3 });
    for (const [name, summary] of Object.entries(found)) {
      notes.addServer(`length.${size}.${name}`, summary);
      notes.add(`length.${size}.${name}.bytes`, summary.linesPerSecond * size / 1e6, "MB/s");
      notes.point(`length.${name}`, size, summary.linesPerSecond * size / 1e6);
    }
  }
  return notes;
}

/** More workers: for a job that blocks, one that computes, and one that does nothing. */
export async function measureWorkers(): Promise<Notes> {
  const notes = new Notes();
  const nanos = nanosPerStep();
  await using blocks = await makeJob({ blockMillis: 5 });
  await using computes = await makeJob({ steps: 200_000 / nanos });
  const jobs = { blocks: blocks.file, computes: computes.file, echo: "echo" };
  for (const [job, handler] of Object.entries(jobs)) {
    const servers = Object.fromEntries(WORKERS.map((count) => {
      const args = ["--workers", String(count), "--handler", handler];
      return [String(count), hsha({ args })];
    }));
    const load = { connections: 16, window: 16 };
    const found = await measureServers(servers, load, { rounds: 3 });
    for (const [count, summary] of Object.entries(found)) {
      notes.addServer(`workers.${job}.${count}`, summary);
      notes.point(`workers.${job}`, Number(count), summary.rateRatio);
    }
  }
  return notes;
}
