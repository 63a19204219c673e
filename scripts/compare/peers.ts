/**
 * The servers that are compared: how each is found on this machine, made ready and started. Each
 * peer is a small program in scripts/peers/, in the manner its own users would write it.
 */

import { fileURLToPath } from "node:url";
import type { Command } from "../tools/server_process.ts";
import type { Job } from "./modes.ts";
import { capture, exists, findAll } from "./programs.ts";

/** How a peer is started. */
export interface StartOptions {
  workers: number;
  job: Job;
}

/** One server of the comparison. */
export interface Peer {
  /** Its short name: in `--peers`, in tables. */
  name: string;
  /** What it is, in half a sentence. */
  description: string;
  /**
   * Makes it ready: installs or builds what it needs.
   *
   * @param options `install: false` leaves out what would fetch a package; `say` is told what is
   *   being done.
   * @returns What is ready to start, or why it cannot run on this machine.
   */
  prepare(options: PrepareOptions): Promise<ReadyPeer | { missing: string }>;
}

/** Options of {@linkcode Peer.prepare}. */
export interface PrepareOptions {
  install: boolean;
  say: (text: string) => void;
}

/** A peer that can be started here. */
export interface ReadyPeer {
  /** Versions of what it is made of. */
  version: string;
  command(options: StartOptions): Command;
}

const FOLDER = new URL("../peers/", import.meta.url);
const file = (path: string) => fileURLToPath(new URL(path, FOLDER));

const hsha: Peer = {
  name: "hsha",
  description: "this server, with its default options and all its guarantees",
  prepare() {
    return Promise.resolve({
      version: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
      command: ({ workers, job }) => ({
        program: Deno.execPath(),
        args: [
          ...["run", "-A", file("../../main.ts"), "--port", "0", "--workers", String(workers)],
          ...["--handler", job === "echo" ? "echo" : file("hsha/cpu.ts")],
        ],
      }),
    });
  },
};

const node: Peer = {
  name: "node",
  description: "Node: node:net, a Piscina pool, one task per line",
  async prepare({ install, say }) {
    const found = await findNode();
    if (found === undefined) return { missing: "Node is not installed" };
    const { program, version } = found;
    const [major, minor] = version.split(".").map(Number);
    if (major < 20 || major === 20 && minor < 12) {
      return { missing: `Node ${version} is older than 20.12, which has crypto.hash` };
    }
    const folder = new URL("node_piscina/", FOLDER);
    const installed = new URL("node_modules/piscina/package.json", folder);
    if (!await exists(installed)) {
      if (!install) return { missing: "Piscina is not installed: scripts/compare.ts installs it" };
      say("node: installs Piscina with npm into scripts/peers/node_piscina/node_modules");
      const args = ["install", "--no-audit", "--no-fund", "--no-package-lock"];
      const npm = await capture("npm", { args, cwd: folder });
      if (!npm.ok) return { missing: `npm could not install Piscina (${lastLine(npm.output)})` };
    }
    const piscina = JSON.parse(await Deno.readTextFile(installed));
    return {
      version: `Node ${version}, Piscina ${piscina.version}`,
      command: ({ workers, job }) => ({
        program,
        args: [file("node_piscina/server.cjs"), "0", String(workers), job],
      }),
    };
  },
};

/** A real Node: where there is none, Deno puts itself on the PATH under that name. */
async function findNode(): Promise<{ program: string; version: string } | undefined> {
  for (const program of await findAll("node")) {
    const { output } = await capture(program, { args: ["--version"] });
    if (/^v\d/.test(output)) return { program, version: output.slice(1) };
  }
  return undefined;
}

const twisted: Peer = {
  name: "twisted",
  description: "Twisted: LineReceiver, deferToThreadPool for each line (the seed)",
  async prepare() {
    const print = "import platform, twisted; " +
      "print(f'Twisted {twisted.__version__}, CPython {platform.python_version()}')";
    const candidates = [...await findAll("python3"), ...await findAll("python")];
    for (const program of candidates) {
      const { ok, output } = await capture(program, { args: ["-c", print] });
      if (!ok) continue;
      return {
        version: output,
        command: ({ workers, job }) => ({
          program,
          args: [file("twisted/server.py"), "0", String(workers), job],
        }),
      };
    }
    const missing = candidates.length === 0
      ? "Python is not installed"
      : "no Python on the PATH has Twisted";
    return { missing };
  },
};

const go: Peer = {
  name: "go",
  description: "Go: goroutines for each connection, workers behind a channel",
  async prepare() {
    const { ok, output } = await capture("go", { args: ["version"] });
    if (!ok) return { missing: "Go is not installed" };
    // Go keeps what it compiled: a second build takes a fraction of a second.
    const built = file(Deno.build.os === "windows" ? "go/build/server.exe" : "go/build/server");
    const build = await capture("go", {
      args: ["build", "-o", built, "."],
      cwd: new URL("go/", FOLDER),
    });
    if (!build.ok) return { missing: `go build failed (${lastLine(build.output)})` };
    return {
      version: output.replace(/^go version go(\S+).*$/, "Go $1"),
      command: ({ workers, job }) => ({ program: built, args: ["0", String(workers), job] }),
    };
  },
};

/** All peers, this server first: the others are measured against it. */
export const PEERS: readonly Peer[] = [hsha, go, node, twisted];

function lastLine(output: string): string {
  return output.split("\n").at(-1) ?? "";
}
