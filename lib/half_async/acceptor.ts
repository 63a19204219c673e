/**
 * Acceptor of Acceptor-Connector: takes each new connection from the listener and hands it on to be
 * served. Nothing that a client does, and no lack of descriptors, ends it.
 */

import type { EventListener } from "../observe/events.ts";
import { closeQuietly } from "./listener.ts";
import { ReadAllowance, readBudget } from "./read_budget.ts";

/** What connections come from: a {@linkcode Listener}, or a fake one in a test. */
export interface Acceptable {
  accept(): Promise<Deno.Conn>;
}

/** Options of {@linkcode acceptLoop}. */
export interface AcceptorOptions {
  /** Makes a connection ready and serves it; rejects if its client is gone, or does not do its part. */
  serve: (conn: Deno.Conn) => Promise<void>;
  onEvent: EventListener;
  /** Whether to take none for now: the descriptors that are free have been lent for another purpose. */
  lent?: () => boolean;
  /** Whether to wait on, after a lack of resources: what has become free is for another purpose. */
  hold?: () => boolean;
  /** Ends each of these waits. */
  signal: AbortSignal;
}

/** Milliseconds to wait when the machine has no descriptor or memory left; ranch waits as long. */
const BACK_OFF = 100;

/** What a connection counts for in the read budget, in bytes: about as long as it takes to handle so many. */
const COST = 512;

/** Milliseconds between two reports of accepting that failed. */
const REPORT_INTERVAL = 5000;

/** Errors that stand for the listener, not for one client: it is closed. */
function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}

/**
 * Errors that stand for one client, gone before it was accepted or its handshake done, as a load
 * balancer's probes are; the next one may be there already.
 */
function isClient(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.UnexpectedEof;
}

/** Accepts connections until the listener is closed. */
export async function acceptLoop(listener: Acceptable, options: AcceptorOptions): Promise<void> {
  const { serve, onEvent, lent = () => false, hold = () => false, signal } = options;
  let failures = 0;
  let reportedAt = -Infinity;
  let reason = "";
  const report = () => {
    onEvent({ type: "accept_failed", reason, times: failures });
    failures = 0;
    reportedAt = performance.now();
  };
  const failed = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (isClient(error)) onEvent({ type: "connection_aborted", reason: message, times: 1 });
    if (isClient(error)) return;
    failures++;
    reason = message;
    if (performance.now() - reportedAt >= REPORT_INTERVAL) report();
  };
  // Accepting those that wait already never lets the event loop turn; clients that are there want to be served.
  const allowance = new ReadAllowance();
  const takeTurn = () => allowance.covers(COST) ? undefined : readBudget.run(() => {});
  readBudget.enter();
  while (!signal.aborted) {
    if (lent()) {
      await pause(signal);
      continue;
    }
    let conn: Deno.Conn;
    try {
      conn = await listener.accept();
    } catch (error) {
      if (isEnd(error)) break;
      failed(error);
      // EMFILE, ENFILE, ENOBUFS, ENOMEM and the like pass when others give something back.
      if (isClient(error)) {
        await takeTurn();
        continue;
      }
      do await pause(signal); while (hold() && !signal.aborted);
      continue;
    }
    serve(conn).catch((error) => {
      closeQuietly(conn);
      if (!signal.aborted) failed(error);
    });
    await takeTurn();
  }
  readBudget.leave();
  if (failures > 0) report();
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, BACK_OFF);
    signal.addEventListener("abort", end);
  });
}
