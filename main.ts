/**
 * The program: `deno run -A main.ts`. All it does is in lib/cli; the exit is explicit because a
 * worker that is stuck in a job would keep the process alive.
 */

import { main } from "./lib/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
