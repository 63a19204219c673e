/**
 * Last errors of sockets: the NATS client lets go of a socket that NATS closes, and listens no more, but the
 * system may still report that NATS has reset it. Unheard, that would end the process.
 */

/** Errors of a socket whose other end is gone. */
const CODES = new Set(["ECONNRESET", "EPIPE"]);

/**
 * Ignores such errors from now on, as nobody can do anything about them. It stays so for good: the system
 * may report one when the connection has long been given up.
 */
export function ignoreLastErrors(): void {
  globalThis.addEventListener("error", ignore); // the same listener is not added twice
}

function ignore(event: ErrorEvent): void {
  if (isLastError(event.error)) event.preventDefault();
}

function isLastError(error: unknown): boolean {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return false;
  return CODES.has(String(error.code));
}
