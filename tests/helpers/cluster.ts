/** Test tool: a service of several processes, and which process answers whom. */

import type { LineClient } from "../../scripts/tools/line_client.ts";
import { until } from "../../scripts/tools/deadline.ts";
import { FaultServer } from "../../scripts/tools/fault_server.ts";
import { HandlerFiles } from "./handler_files.ts";

/** A handler that tells its process; `sleep N` holds its worker for so many milliseconds first. */
export const WHO = `export default (line) => {
  const [deed, millis] = line.split(" ");
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  if (deed === "sleep") Atomics.wait(sleeper, 0, 0, Number(millis));
  return Deno.pid + " " + line;
};`;

/** A running service whose handler tells its process. */
export class Cluster implements AsyncDisposable {
  readonly server: FaultServer;
  readonly files: HandlerFiles;
  /** Lines that {@linkcode connect} has asked. */
  asked = 0;

  private constructor(server: FaultServer, files: HandlerFiles) {
    this.server = server;
    this.files = files;
  }

  /** Starts it; two processes of one worker unless `args` say otherwise. */
  static async start(args: string[] = [], source = WHO): Promise<Cluster> {
    const files = await HandlerFiles.write({ "who.js": source });
    const own = ["--processes", "2", "--workers", "1", "--handler", `${files.path}/who.js`];
    const kept = own.filter((_, index) => !args.includes(own[index - index % 2]));
    try {
      return new Cluster(await FaultServer.start([...kept, ...args]), files);
    } catch (error) {
      await files[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The processes that it has now, without its supervisor. */
  get pids(): number[] {
    return childrenOf(this.server.pid);
  }

  /** A client and the process that serves it. */
  async connect(): Promise<{ client: LineClient; pid: number }> {
    const client = await this.server.connect();
    this.asked++;
    return { client, pid: Number((await client.ask("who")).split(" ")[0]) };
  }

  /** One client of each process. */
  async oneOfEach(processes = 2): Promise<Map<number, LineClient>> {
    const clients = new Map<number, LineClient>();
    while (clients.size < processes) {
      const { client, pid } = await this.connect();
      if (clients.has(pid)) client.close();
      else clients.set(pid, client);
    }
    return clients;
  }

  /** Waits until so many lines have been read and not been answered. */
  async unanswered(lines: number): Promise<void> {
    await this.server.counted(({ unanswered }) => unanswered === lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.pids;
    await this.server[Symbol.asyncDispose]();
    await until(() => left.every((pid) => !isAlive(pid)), "the end of all processes");
    await this.files[Symbol.asyncDispose]();
  }
}

/** The processes that a process has started, and that have not ended. */
export function childrenOf(parent: number): number[] {
  const names = [...Deno.readDirSync("/proc")].map(({ name }) => name);
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => statOf(pid)?.parent === parent && isAlive(pid));
}

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state ?? "X";
  return state !== "Z" && state !== "X";
}

/** What Linux says of a process. */
export function statOf(pid: number): { state: string; parent: number; group: number } | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}
