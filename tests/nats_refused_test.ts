/** A NATS server that refuses its clients, and resets them. */

import { assertEquals, assertRejects } from "@std/assert";
import { NatsBus } from "../lib/cluster/nats/nats_bus.ts";
import { firstLine, hasPython } from "./helpers/python.ts";

/** Refuses each client as NATS does, and resets the connection up to 6 ms later; prints its port. */
const REFUSING = `
import socket, struct, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
moment = 0
while True:
    client, _ = listener.accept()
    moment += 1
    try:
        client.sendall(b'INFO {"server_id":"X","version":"2.9.10","max_payload":1048576,"auth_required":true,"headers":true}\\r\\n')
        client.recv(16)
        client.sendall(b"-ERR 'Authorization Violation'\\r\\n")
        time.sleep(moment % 60 / 10000)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    client.close()
`;

Deno.test({
  name: "NatsBus ends no process when NATS resets a connection that it has refused",
  ignore: !hasPython,
  // The client's sockets and timers end a moment behind the refusal.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    // One refusal in seven was followed by "Uncaught Error: read ECONNRESET", behind the sentence of the start.
    const server = new Deno.Command("python3", {
      args: ["-c", REFUSING],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    let uncaught = 0;
    const note = (event: ErrorEvent) => {
      if (!event.defaultPrevented) uncaught++;
      event.preventDefault();
    };
    try {
      const url = `nats://127.0.0.1:${await firstLine(server.stdout)}`;
      const refused = () => assertRejects(() => NatsBus.connect({ url, name: "refused" }), Error);
      for (let round = 0; round < 40; round++) {
        await refused();
        globalThis.addEventListener("error", note); // behind the listener of the bus
      }
      assertEquals(uncaught, 0);
    } finally {
      globalThis.removeEventListener("error", note);
      server.kill("SIGKILL");
      await server.status;
    }
  },
});
