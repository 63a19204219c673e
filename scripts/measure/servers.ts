/**
 * The servers that are measured: how each is started. All are child processes that take a free port.
 */

import { fileURLToPath } from "node:url";
import { PEERS } from "../compare/peers.ts";
import type { Command } from "../tools/server_process.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const FOLDER = new URL("../../", import.meta.url);

/** Handlers for measurements, by name. */
export const HANDLERS = {
  timed: path("handlers/timed.ts"),
  trouble: path("handlers/trouble.ts"),
};

/** What a server is started with, beside its defaults. */
export interface HshaOptions {
  /** Flags of `hsha serve`. */
  args?: readonly string[];
  /** Flags of `deno run`. */
  denoArgs?: readonly string[];
  /** Folder of another copy of the project. */
  folder?: string;
}

/** This server, with its default options but for the flags given; two workers. */
export function hsha({ args = [], denoArgs = [], folder }: HshaOptions = {}): Command {
  const root = folder ?? fileURLToPath(FOLDER);
  const config = ["--config", `${root}/deno.json`];
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", ...config, ...denoArgs, `${root}/main.ts`, "--port", "0"],
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

/** A constant of lib/ that a copy has another value for. */
export interface Change {
  /** File below lib/. */
  file: string;
  /** Text that stands in it exactly once. */
  from: string;
  to: string;
  /** What is changed beside it. */
  also?: Change;
}

/**
 * A copy of the project with one thing changed, to measure what cannot be switched by an option.
 *
 * @returns Its folder, which the caller removes.
 * @throws {Error} If the text to change is not there exactly once: then the code has moved on.
 */
export async function changedCopy(change: Change): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "hsha_measure_" });
  for (const name of ["deno.json", "deno.lock", "main.ts", "lib"]) {
    await copy(fileURLToPath(new URL(name, FOLDER)), `${folder}/${name}`);
  }
  try {
    for (let each: Change | undefined = change; each !== undefined; each = each.also) {
      await apply(each, `${folder}/lib`);
    }
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
  return folder;
}

async function apply({ file, from, to }: Change, lib: string): Promise<void> {
  const parts = (await Deno.readTextFile(`${lib}/${file}`)).split(from);
  if (parts.length !== 2) {
    throw new Error(`lib/${file} holds ${JSON.stringify(from)} ${parts.length - 1} times`);
  }
  await Deno.writeTextFile(`${lib}/${file}`, parts.join(to));
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}
