/** Test tool: ports for programs that cannot take port 0, or must take a port again. */

/**
 * The first port, and the one behind the last. They lie below those that systems give to port 0 and to
 * outgoing connections: no test that runs beside takes one between this look and the program's start.
 */
const [FIRST, END] = [20_000, 32_768];

/** A free port. */
export function freePort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
