/**
 * Last errors of sockets: the NATS client lets go of a socket that NATS closes, and listens no more, but the
 * system may still report that NATS has reset it. Unheard, that would end the process.
 */

/** Errors of a socket whose other end is gone. */
const CODES = new Set(["ECONNRESET", "EPIPE"]);

/** Ignores such errors, as nobody can do anything about them. @returns what ends that */
export function ignoreLastErrors(): () => void {
  const ignore = (event: ErrorEvent) => {
    if (isLastError(event.error)) event.preventDefault();
  };
  globalThis.addEventListener("error", ignore);
  return () => globalThis.removeEventListener("error", ignore);
}

function isLastError(error: unknown): boolean {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return false;
  return CODES.has(String(error.code));
}
