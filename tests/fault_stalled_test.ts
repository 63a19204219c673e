/** Clients that take nothing: whatever waits for one of them has a deadline. */

import { assert, assertEquals } from "@std/assert";
import type { ServerEvent } from "../lib/observe/events.ts";
import { connectionSet, StalledConn } from "./helpers/connection_set.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { LONG } from "./helpers/long.ts";

/** A client that half-closes behind one line that is too long. */
function impatient(): Partial<Deno.Conn> {
  const input = ["x".repeat(20) + "\n"];
  return {
    read(buffer) {
      const text = input.shift();
      if (text === undefined) return Promise.resolve(null);
      return Promise.resolve(new TextEncoder().encodeInto(text, buffer).written);
    },
    write: (bytes) => Promise.resolve(bytes.length),
  };
}

for (const [what, deeds] of [["its end", impatient()], ["a reply", { read: impatient().read }]]) {
  Deno.test(`ConnectionSet closes a client that does not take ${what} at --write-timeout`, async () => {
    // Half-closed, a TLS client that read nothing kept its place: the end it did not take had no deadline.
    const events: ServerEvent[] = [];
    const connections = connectionSet({
      writeTimeout: 0.1,
      onEvent: (event) => void events.push(event),
    });
    const client = new StalledConn(deeds as Partial<Deno.TlsConn>);
    await connections.add(client.conn);
    await until(() => client.closed, "the client's end");
    const told = events.find((event) => event.type === "connection_timed_out");
    assertEquals([told?.reason, told?.seconds], ["write timeout", 0.1]);
    await within(connections.end(), "the stop");
  });
}

Deno.test("ConnectionSet.abort ends a stop although nothing that it waits for does", async () => {
  const connections = connectionSet({ maxConnections: 1 });
  const clients = [new StalledConn(impatient() as Partial<Deno.TlsConn>), new StalledConn()];
  for (const { conn } of clients) await connections.add(conn); // the other one is refused
  const stop = connections.end();
  connections.abort("the server stops");
  await within(stop, "the stop");
  await until(() => clients.every(({ closed }) => closed), "their end");
});

Deno.test(
  "Refusals close a client that does not take the ERR line, a moment later",
  LONG,
  async () => {
    // A write that nobody takes kept the connection, if closing did not end the write.
    const connections = connectionSet({ maxConnections: 0 });
    const client = new StalledConn();
    await connections.add(client.conn);
    assert(!client.closed, "it has a moment");
    await until(() => client.closed, "its end");
    await within(connections.end(), "the stop");
  },
);
