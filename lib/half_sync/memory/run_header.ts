/**
 * Run header: the first line of each run that goes to a worker. It says what the run is, and whose; so no
 * job needs more than its run to know its connection.
 */

import type { Origin, RunKind } from "../../queueing/executor.ts";

/** The header of a run: ASCII without line ends. */
export function headerOf(kind: RunKind, { number, process, addr }: Origin): string {
  const connection = process === undefined ? number : `${process}-${number}`;
  return `${kind} ${connection} ${addressText(addr)}`;
}

/** What a header says. */
export interface RunHeader {
  kind: RunKind;
  /** The connection's number; behind the process that has it and a `-`, where that is another one. */
  connection: string;
  /** Its client's address; read when it is asked for. */
  address: string;
}

/** Reads a header, but for the address in it. */
export function readHeader(header: string): RunHeader {
  const first = header.indexOf(" ");
  const second = header.indexOf(" ", first + 1);
  return {
    kind: header.slice(0, first) as RunKind, // which `headerOf` has written
    connection: header.slice(first + 1, second),
    address: header.slice(second + 1),
  };
}

/** Reads the address of a header. */
export function readAddress(text: string): Deno.Addr {
  const [transport, name, port] = text.split(" ");
  if (transport !== "tcp") return { transport: "unix", path: decodeURIComponent(name) };
  return { transport, hostname: decodeURIComponent(name), port: Number(port) };
}

/** The text of an address, as a header has it: ASCII. */
export function addressText(addr: Deno.Addr): string {
  if ("hostname" in addr) return `tcp ${encodeURIComponent(addr.hostname)} ${addr.port}`;
  return `unix ${"path" in addr ? encodeURIComponent(addr.path ?? "") : ""}`;
}
