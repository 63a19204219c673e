/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * Test tool: clients that connect while the test's own event loop stands still. Sent a port, their number
 * and a shared word, it connects, wakes the test, and tells how each connection ended.
 */

/** What the worker is sent. */
export interface Crowd {
  port: number;
  clients: number;
  connected: Int32Array;
}

self.onmessage = async ({ data }: MessageEvent<Crowd>) => {
  const { port, clients, connected } = data;
  const conns: Deno.TcpConn[] = [];
  for (let client = 0; client < clients; client++) conns.push(await Deno.connect({ port }));
  Atomics.store(connected, 0, 1);
  Atomics.notify(connected, 0);
  self.postMessage(await Promise.all(conns.map(end)));
};

async function end(conn: Deno.TcpConn): Promise<string> {
  try {
    return await conn.read(new Uint8Array(10)) === null ? "closed" : "answered";
  } catch (error) {
    return String(error);
  } finally {
    conn.close();
  }
}
