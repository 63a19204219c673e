/**
 * Acceptor of Acceptor-Connector: takes each new connection from the listener and hands it on to be served.
 * No client can end it, and no lack of descriptors.
 */

import type { DescriptorReserve } from "../descriptors.ts";
import type { EventListener } from "../observe/events.ts";
import { reason as reasonOf } from "../reason.ts";
import type { Acceptable, FreshTransport } from "./entrance.ts";
import { closeQuietly } from "./listener.ts";
import { ReadAllowance, readBudget } from "./read_budget.ts";

/** Options of {@linkcode acceptLoop}. */
export interface AcceptorOptions {
  /** Makes a connection ready and serves it; rejects if the client is gone or does not do its part. */
  serve: (conn: FreshTransport) => Promise<void>;
  onEvent: EventListener;
  /** While it is lent, nothing is accepted; after a lack of resources, it is filled first. */
  descriptors: Pick<DescriptorReserve, "lent" | "wanting">;
  /** Ends each of these waits. */
  signal: AbortSignal;
}

/**
 * Milliseconds to wait when the machine has no descriptor or memory left. With less, the loop burns CPU; with
 * more, clients wait longer than they need.
 */
const BACK_OFF = 100;

/** What a connection counts for in the read budget, in bytes: to handle so many takes about as long. */
const COST = 512;

/** Milliseconds between two reports of failures to accept: a flood of them must not fill the log. */
const REPORT_INTERVAL = 5000;

/** Errors that mean the listener: it is closed. */
function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}

/**
 * Errors that mean one client: it was gone before it was accepted, or before the end of its handshake. A load
 * balancer's probes do that. The next client may be there already.
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
  const { serve, onEvent, descriptors, signal } = options;
  let failures = 0;
  let reportedAt = -Infinity;
  let reason = "";
  const report = () => {
    onEvent({ type: "accept_failed", reason, times: failures });
    failures = 0;
    reportedAt = performance.now();
  };
  const failed = (error: unknown) => {
    const why = reasonOf(error);
    if (isClient(error)) return onEvent({ type: "connection_aborted", reason: why, times: 1 });
    failures++;
    reason = why;
    if (performance.now() - reportedAt >= REPORT_INTERVAL) report();
  };
  // Accepting those that wait already never lets the event loop turn; clients that are there want to be served.
  const allowance = new ReadAllowance();
  const takeTurn = () => allowance.covers(COST) ? undefined : readBudget.run(() => {});
  readBudget.enter();
  while (!signal.aborted) {
    if (descriptors.lent) {
      await pause(signal);
      continue;
    }
    let conn: FreshTransport;
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
      do await pause(signal); while (descriptors.wanting && !signal.aborted);
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
