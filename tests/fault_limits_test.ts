/** What one client can cost, in small: the checks of scripts/limits.ts, each with its bound. */

import { assertHolds } from "../scripts/limits/check.ts";
import { deafClients } from "../scripts/limits/deaf_clients.ts";
import { endlessLine } from "../scripts/limits/endless_line.ts";
import { idleConnections } from "../scripts/limits/idle_connections.ts";
import { LONG } from "./helpers/long.ts";

Deno.test("LengthLimiter keeps an endless line from costing memory", LONG, async () => {
  assertHolds(await endlessLine().run());
});

Deno.test(
  "Connection keeps a client that never reads from costing memory, and is closed",
  LONG,
  async () => {
    assertHolds(await deafClients(1, 2).run());
  },
);

Deno.test("ReadBuffer keeps idle connections cheap", LONG, async () => {
  assertHolds(await idleConnections(2000).run());
});
