/** Lingering close by itself. */

import { assert } from "@std/assert";
import { Activity } from "../lib/half_async/activity.ts";
import { Linger } from "../lib/half_async/linger.ts";

Deno.test("Linger waits for a client that still sends, although others ask for its activity too", async () => {
  const client = { activity: new Activity(), atEnd: false, busy: false };
  const { promise, resolve } = Promise.withResolvers<void>();
  let closed = false;
  const linger = new Linger(client, () => {
    closed = true;
    resolve();
  });
  linger.begin(60_000);
  for (let byte = 0; byte < 20; byte++) {
    client.activity.note();
    client.activity.quietFor(); // as the rounds of a ConnectionSet do
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert(!closed, `closed at byte ${byte}`);
  }
  await promise;
});
