// Step 1. One thread serves everybody: every byte goes back to where it came from.
/** Listens on the loopback address, on the port of the command line or on the one given. */
export function listen(port: number): Deno.TcpListener {
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.args[0] ?? port) });
    console.log(`listening on 127.0.0.1:${listener.addr.port}`);
    return listener;
  } catch (error) { // mostly a port that another program has
    console.error(`cannot listen: ${(error as Error).message}`);
    Deno.exit(1);
  }
}

/** The acceptor: takes connections for as long as the listener is open, and starts their service. */
export async function accept(listener: Deno.TcpListener, serve: typeof echo) {
  for (;;) {
    try {
      begin(await listener.accept(), serve).catch(() => {}); // the end of one, not of the server
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return; // the listener was closed
    } // mostly a client that left before it was met; without free descriptors this loop spins
  }
}

async function begin(conn: Deno.TcpConn, serve: typeof echo) {
  using _closedAtTheEnd = conn;
  conn.setNoDelay(); // a short reply leaves at once
  await serve(conn);
}

/** The service handler: what this server does for a client. */
async function echo(conn: Deno.TcpConn) {
  const back = conn.writable.getWriter();
  for await (const chunk of conn.readable) {
    console.log(`${chunk.length} bytes`);
    await back.write(chunk);
  }
}

if (import.meta.main) accept(listen(7101), echo);
