/**
 * Ways to put one and the same program behind a port: this server's `exec`, and those that start a process
 * for each connection, or for each line.
 */

import { fileURLToPath } from "node:url";
import { MARK } from "./mark.ts";

/**
 * What each of them runs: a worker's ID, a space and the line, as `hsha bench` checks it; "hang" hangs. With
 * its own line end mawk would write each answer in two pieces, and on a socket the second one waits 40 ms for
 * the client's acknowledgement of the first.
 */
const SCRIPT = `BEGIN { ORS = "" } $0 == "hang" { while (1); } { print "1 " $0 "\\n" } ${MARK}`;
const PROGRAM = ["mawk", "-W", "interactive", SCRIPT];

/** One way. */
export interface Peer {
  name: string;
  /** How it is typed. */
  typed: string;
  /** Programs that it needs. */
  needs: readonly string[];
  /** Whether it runs the program, which then hangs on a line. */
  hangs: boolean;
  /** Its command line. @param port Where it is to listen @param file A file that runs the program */
  command(port: number, file: string): string[];
}

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const PER_LINE = fileURLToPath(new URL("per_line.ts", import.meta.url));

function hsha(port: number, ...more: string[]): string[] {
  const flags = ["--port", String(port), "--workers", "2", "--job-timeout", "1"];
  return [Deno.execPath(), "run", "-A", MAIN, ...flags, "--allow-run=mawk", ...more];
}

/** All of them. */
export const PEERS: readonly Peer[] = [
  {
    name: "hsha, `exec`",
    typed: "hsha --workers 2 --handler exec --allow-run=mawk -- mawk …",
    needs: ["mawk"],
    hangs: true,
    command: (port) => hsha(port, "--handler", "exec", "--", ...PROGRAM),
  },
  {
    name: "hsha, `echo`: no program",
    typed: "hsha --workers 2 --handler echo",
    needs: [],
    hangs: false,
    command: (port) => hsha(port, "--handler", "echo"),
  },
  {
    name: "`ncat`",
    typed: "ncat -l 127.0.0.1 7007 -k -e program",
    needs: ["mawk", "ncat"],
    hangs: true,
    command: (port, file) => ["ncat", "-l", "127.0.0.1", String(port), "-k", "-e", file],
  },
  {
    name: "`socat`",
    typed: "socat TCP-LISTEN:7007,bind=127.0.0.1,fork,backlog=128 EXEC:program",
    needs: ["mawk", "socat"],
    hangs: true,
    command: (
      port,
      file,
    ) => ["socat", `TCP-LISTEN:${port},bind=127.0.0.1,fork,backlog=128`, `EXEC:${file}`],
  },
  {
    name: "`tcpserver`",
    typed: "tcpserver -RHl0 -c 1000 127.0.0.1 7007 program",
    needs: ["mawk", "tcpserver"],
    hangs: true,
    command: (port, file) => ["tcpserver", "-RHl0", "-c", "1000", "127.0.0.1", String(port), file],
  },
  {
    name: "a process for each line",
    typed: "hsha --workers 2 --handler per_line.ts --allow-run=mawk",
    needs: ["mawk"],
    hangs: true,
    command: (port) => hsha(port, "--handler", PER_LINE),
  },
];

/** The text of a file that runs the program. */
export const PROGRAM_FILE = `#!/bin/sh\nexec mawk -W interactive '${SCRIPT}'\n`;
