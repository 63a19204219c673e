/** Lines behind the end of their connection: where they come in order, none of them is run. */

import { assertEquals } from "@std/assert";
import { exchangeText } from "../scripts/tools/line_client.ts";
import { startServer } from "./helpers/server.ts";

/** Tells its one worker's count of the lines that were run; each way to answer may end the connection. */
const SOURCE = `
  let runs = 0;
  export default (line, context) => {
    if (line === "count") return String(runs);
    runs++;
    if (!line.startsWith("end")) return line;
    context.end();
    if (line === "end by a throw") throw new Error("the end");
    return line === "end later" ? Promise.resolve("the end") : "the end";
  };
`;

for (const order of ["serial", "pinned"] as const) {
  Deno.test(`serve runs no line behind the end that came with it in ${order} order`, async () => {
    await using server = await startServer({ source: SOURCE, order, workers: 1 });
    let runs = 0;
    for (const end of ["end", "end by a throw", "end later"]) {
      const sent = `a\n${end}\n${"behind\n".repeat(300)}`;
      const reply = end === "end by a throw" ? "ERR the end" : "the end";
      assertEquals(await exchangeText(server.addr, sent), `a\n${reply}\n`);
      runs += 2;
      assertEquals(await exchangeText(server.addr, "count\n"), `${runs}\n`, end);
    }
    const { accepted, answered, failed, gone } = server.server.counters;
    assertEquals(accepted, answered + failed + gone);
  });
}
