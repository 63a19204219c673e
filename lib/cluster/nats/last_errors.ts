/**
 * Last errors of sockets. When NATS closes a socket, its client no longer listens to that socket; but the
 * system may still report that it was reset. Such an error, heard by nobody, would end the process.
 */

/** Errors of a socket whose other end is gone. */
const CODES = new Set(["ECONNRESET", "EPIPE"]);

/**
 * Ignores such errors from now on, as nothing can be done about them. That is for good: the system may
 * report one long after the connection was given up.
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
