/** HAProxy's agent-check at agent_check.ts: the proxy takes the weight that the example tells. */

import { assertEquals } from "@std/assert";
import { exchangeText } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { ExampleServer } from "./helpers/example_server.ts";
import { freePort } from "./helpers/free_port.ts";
import { RealProgram, realTest } from "./helpers/real_program.ts";

/** One server's row of HAProxy's statistics, by their names. */
async function statistics(socket: string): Promise<Record<string, string>> {
  using conn = await Deno.connect({ transport: "unix", path: socket });
  await conn.write(new TextEncoder().encode("show stat\n"));
  const text = await new Response(conn.readable).text();
  const [names, ...rows] = text.replace(/^# /, "").split("\n").map((row) => row.split(","));
  const row = rows.find(([, server]) => server === "hsha")!;
  return Object.fromEntries(names.map((name, index) => [name, row[index]]));
}

/** HAProxy in front of a server whose weight an agent tells ten times a second. */
function haproxy(port: number, agent: number): string {
  return `
global
  stats socket unix@./haproxy.sock
defaults
  mode tcp
  timeout connect 20s
  timeout check 20s
  timeout client 60s
  timeout server 60s
listen it
  bind 127.0.0.1:${port}
  server hsha 127.0.0.1:${agent} weight 200 check inter 100ms agent-check agent-port ${agent} agent-inter 100ms
`;
}

realTest("agent_check.ts tells HAProxy how much the machine can take", ["haproxy"], async () => {
  await using agent = await ExampleServer.start("agent_check.ts");
  const port = freePort();
  const files = { "haproxy.cfg": haproxy(port, agent.port) };
  const args = ["-db", "-f", "haproxy.cfg"];
  await using proxy = await RealProgram.start("haproxy", { args, files }, port);
  const row = () => statistics(proxy.folder.file("haproxy.sock"));
  const agrees = async () => {
    for (;;) {
      const { agent_status, weight } = await row();
      const told = await exchangeText(agent.addr, "");
      const percent = Number(told.match(/^up (\d+)%\n$/)?.[1]);
      if (agent_status === "L7OK" && Number(weight) === 2 * percent) return;
    }
  };
  await within(agrees(), "the weight that the agent tells");
  assertEquals((await row()).status.split(" ")[0], "UP");
});
