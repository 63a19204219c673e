// Step 9. The server of step 8 with a gauge on its queue.
import { accept, listen } from "./01_echo.ts";
import { employ, queue } from "./06_queue.ts";
import { serve } from "./08_order.ts";

let mark = 1000;

/** Tells when ten times as many lines wait as the last time. */
function gauge() {
  if (queue.length < mark) return;
  const megabytes = Math.round(Deno.memoryUsage().rss / 1e6);
  console.log(`more than ${mark} lines wait, the process takes ${megabytes} MB`);
  mark *= 10;
}

if (import.meta.main) {
  for (const id of [1, 2]) employ(id);
  setInterval(gauge, 10);
  accept(listen(7109), serve);
}
