/**
 * Run header: the first line of each run that goes to a worker. It says what the run is and whose, so that a
 * job learns of its connection from its run alone.
 */

import type { Origin, RunKind } from "../../queueing/executor.ts";

/** The common part of the headers of an origin's runs: made once for a connection, not for each run. */
const origins = new WeakMap<Origin, string>();

/** The header of a run: ASCII without line ends. */
export function headerOf(kind: RunKind, origin: Origin): string {
  let text = origins.get(origin);
  if (text === undefined) {
    const { number, process, addr } = origin;
    const connection = process === undefined ? number : `${process}-${number}`;
    origins.set(origin, text = ` ${connection} ${addressText(addr)}`);
  }
  return kind + text;
}

/** A run on its way to a worker: its header, and its lines parted by `\n`. */
export interface HeadedRun {
  readonly header: string;
  readonly text: string;
}

/** Runs as one text: that of a batch. */
export function textOf(runs: readonly HeadedRun[]): string {
  return runs.map(({ header, text }) => `${header}\n${text}`).join("\r");
}

/** A header that was read. Most jobs never ask for most of it, so it is parsed only when asked for. */
export class RunHeader {
  readonly kind: RunKind;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    // `headerOf` has written it.
    this.kind = text.startsWith("l") ? "lines" : text.slice(0, text.indexOf(" ")) as RunKind;
  }

  /** The connection's number; after its process and a `-`, if another process has it. */
  get connection(): string {
    return this.#text.split(" ", 2)[1];
  }

  /** Its client's address. */
  get addr(): Deno.Addr {
    return readAddress(this.#text.slice(this.#text.indexOf(" ", this.#text.indexOf(" ") + 1) + 1));
  }
}

/** Reads the text of an address. */
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
