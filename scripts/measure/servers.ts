/**
 * The servers that are measured: how each is started. All are child processes that take a free port.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { PEERS } from "../compare/peers.ts";
import { ROOT } from "../tools/process.ts";
import type { Command } from "../tools/server_process.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Handlers for measurements, by name. */
export const HANDLERS = {
  timed: path("handlers/timed.ts"),
  trouble: path("handlers/trouble.ts"),
};

/** Values of constants, by their names. */
export type Tuning = Readonly<Record<string, number>>;

/** An import map that puts other constants in the place of those that stand in lib/. */
export function tunedMap(tuning: Tuning): string {
  const source = `const other = ${JSON.stringify(tuning)};
    export const tuned = (name, value) => other[name] ?? value;`;
  const module = pathToFileURL(`${ROOT}lib/tuning.ts`).href;
  const imports = {
    ...config.imports,
    [module]: `data:text/javascript,${encodeURIComponent(source)}`,
  };
  return `data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`;
}

/** What a server is started with, besides its defaults. */
export interface HshaOptions {
  /** Flags of `hsha serve`. */
  args?: readonly string[];
  /** Flags of `deno run`. */
  denoArgs?: readonly string[];
  /** Values in the place of constants of lib/, by the names that `tuned` has there. */
  tuning?: Tuning;
}

/** This server, with its default options but for the flags given; two workers. */
export function hsha({ args = [], denoArgs = [], tuning }: HshaOptions = {}): Command {
  const map = tuning === undefined ? [] : [`--import-map=${tunedMap(tuning)}`];
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", "--config", `${ROOT}deno.json`, ...map, ...denoArgs],
      ...[`${ROOT}main.ts`, "--port", "0"],
      ...args.includes("--workers") ? args : ["--workers", "2", ...args],
    ],
  };
}

/** The same handler, inline in one isolate; left out, the handler is echo. */
export function inline(handler?: string): Command {
  const args = handler === undefined ? [] : [handler];
  return { program: Deno.execPath(), args: ["run", "-A", path("inline_server.ts"), ...args] };
}

/** The Go server of scripts/peers with two workers; `undefined` where Go is not installed. */
export async function go(): Promise<Command | undefined> {
  const peer = PEERS.find(({ name }) => name === "go")!;
  const found = await peer.prepare({ install: false, say: () => {} });
  return "missing" in found ? undefined : found.command({ workers: 2, job: "echo" });
}

/** Servers by name, without those that cannot run here. */
export function present(
  servers: Record<string, Command | undefined>,
): Record<string, Command> {
  const entries = Object.entries(servers).flatMap(([name, command]) =>
    command === undefined ? [] : [[name, command] as const]
  );
  return Object.fromEntries(entries);
}
