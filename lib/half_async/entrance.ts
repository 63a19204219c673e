/**
 * Port to the ways in: where connections come from, and what a fresh one may be. Sockets of Deno are one; a
 * further way in is a class here in half_async, which server.ts opens.
 */

import type { Transport } from "./transport.ts";

/** A connection that has just been accepted: what it may need before it carries lines. */
export interface FreshTransport extends Transport {
  /** Makes small writes leave at once, where they would be held back. */
  setNoDelay?(on: boolean): void;
  /** Does its handshake, where it begins with one. */
  handshake?(): Promise<unknown>;
}

/** Where connections come from: an {@linkcode Entrance}, or a fake one in a test. */
export interface Acceptable {
  accept(): Promise<FreshTransport>;
}

/** Port to a way for clients to come in. A {@linkcode Listener} is one, for TCP, TLS and Unix sockets. */
export interface Entrance extends Acceptable {
  readonly addr: Deno.Addr;
  /** Waits, while connections are being accepted, until it may close without harm to those that wait. */
  emptied(): Promise<void>;
  /** Takes no more connections; `accept` rejects with `BadResource` or `Interrupted`. */
  close(): void;
  /** Lets it keep the process alive. */
  ref(): void;
  /** Lets the process end while it is open. */
  unref(): void;
}
