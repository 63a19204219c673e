/** The access log: a listener that writes one JSON line to a file for each connection, at its end. */

import type { ConnectionClosed, EventListener, ServerEvent } from "./events.ts";
import { reason } from "../reason.ts";
import { LineQueue } from "./line_queue.ts";

/** An access log: a listener for `onEvent`. */
export interface AccessLog {
  /** Takes an event. */
  (event: ServerEvent): void;
  /**
   * Opens the file again, for example after it was renamed. Never rejects: if that fails, the old file stays
   * in use, and an event says so.
   */
  reopen(): Promise<void>;
  /** Waits up to a second until all lines are written, reports how many are not, and closes the file. */
  close(): Promise<void>;
}

/** Milliseconds that closing waits for unwritten lines: a stuck file must not hold up the exit. */
const FLUSH = 1000;

/**
 * Opens an access log; lines are appended. The server never waits for the disk or a reader: lines that cannot
 * be written are lost, and counted.
 *
 * @param path The file; created if there is none.
 * @param tell Gets an event when lines are lost, or the file cannot be opened again.
 * @throws whatever opening the file throws
 */
export async function openAccessLog(path: string, tell: EventListener): Promise<AccessLog> {
  let file = await open(path);
  const lost = (times: number, why: string) =>
    tell({ type: "log_lines_lost", file: path, reason: why, times });
  const queue = new LineQueue({ sink: () => file, lost });
  const log = (event: ServerEvent) => {
    if (event.type === "connection_closed") queue.write(`${JSON.stringify(entry(event))}\n`);
  };
  const reopen = async () => {
    try {
      const old = file;
      file = await open(path);
      await queue.flush(FLUSH); // a write under way goes to the old file
      old.close();
    } catch (error) {
      tell({ type: "log_reopen_failed", file: path, reason: reason(error) });
    }
  };
  const close = async () => {
    const left = await queue.flush(FLUSH);
    if (left > 0) lost(left, "nobody took them before the end");
    file.close();
  };
  return Object.assign(log, { reopen, close });
}

/** What a line of the file says; docs/operations.md explains each field. */
function entry({ type: _, peer, ...account }: ConnectionClosed): object {
  return { time: new Date().toISOString(), address: peer, ...account };
}

/** Opens a file to append to it. A named pipe is opened for reading too, so as not to wait for a reader. */
async function open(path: string): Promise<Deno.FsFile> {
  const fifo = await Deno.stat(path).then(({ isFifo }) => isFifo === true, () => false);
  return await Deno.open(path, { append: true, create: !fifo, read: fifo });
}
