/** Real clients of lookups and stores at the examples: whois, finger, netcat, socat, memcached's. */

import { assertEquals, assertMatch } from "@std/assert";
import { ExampleServer } from "./helpers/example_server.ts";
import { realTest, runProgram } from "./helpers/real_program.ts";

const PYTHON = "/usr/bin/python3";
const TEA = "Domain: tea.example\nOwner: Earl Grey\nStatus: hot\n";

/** Programs that ask a whois server for tea.example on a port. */
const WHOIS:
  readonly (readonly [name: string, args: (port: number) => string[], input?: string])[] = [
    ["whois", (port) => ["-h", "127.0.0.1", "-p", String(port), "tea.example"]],
    ["nc", (port) => ["-w", "15", "127.0.0.1", String(port)], "tea.example\r\n"],
    ["socat", (port) => ["-t", "15", "-", `TCP:127.0.0.1:${port}`], "tea.example\n"],
    ["curl", (port) => ["-sS", "-m", "15", `telnet://127.0.0.1:${port}`], "tea.example\r\n"],
  ];

realTest(
  "whois.ts answers whois, netcat, socat and curl, and hangs up",
  WHOIS.map(([name]) => name),
  async () => {
    await using server = await ExampleServer.start("whois.ts");
    for (const [name, args, input] of WHOIS) {
      const { stdout, stderr, code } = await runProgram(name, { args: args(server.port), input });
      assertEquals([stdout.replaceAll("\r", ""), stderr, code], [TEA, "", 0], name);
    }
  },
);

/** finger knows one port only; an address of its own keeps the test out of others' way. */
const FINGER_HOST = `127.${[1, 2, 3].map(() => 1 + Math.floor(Math.random() * 250)).join(".")}`;

function mayListen(port: number): boolean {
  try {
    Deno.listen({ hostname: FINGER_HOST, port }).close();
    return true;
  } catch {
    return false;
  }
}

realTest(
  "finger.ts answers finger",
  ["finger", ...(mayListen(79) ? [] : [`right to listen on port 79 of ${FINGER_HOST}`])],
  async () => {
    await using _server = await ExampleServer.start("finger.ts", { host: FINGER_HOST, port: 79 });
    const ask = async (what: string) => {
      const { stdout } = await runProgram("finger", { args: [`${what}@${FINGER_HOST}`] });
      return stdout.replaceAll("\r", "");
    };
    assertMatch(await ask("ada"), /^Login: ada +Name: Ada Lovelace\nPlan:\nBernoulli numbers/);
    assertEquals(await ask(""), "ada       Ada Lovelace\ngrace     Grace Hopper\n");
    assertEquals(await ask("nobody"), "nobody: no such user.\n");
    assertEquals(await ask("ada@elsewhere"), "Finger forwarding service denied.\n");
  },
);

realTest(
  "memcached.ts serves libmemcached's memccp, memccat and memcrm",
  ["memccp", "memccat", "memcrm"],
  async () => {
    await using server = await ExampleServer.start("memcached.ts");
    const run = async (name: string) => {
      const args = [`--servers=127.0.0.1:${server.port}`, "tea"];
      const { code, stdout } = await runProgram(name, { args, files: { tea: "Earl Grey, hot" } });
      return [code, stdout.trimEnd()];
    };
    assertEquals(await run("memccp"), [0, ""]);
    assertEquals(await run("memccat"), [0, "Earl Grey, hot"]);
    assertEquals(await run("memcrm"), [0, ""]);
    assertEquals(await run("memccat"), [1, ""]);
  },
);

realTest(
  "memcached.ts serves pymemcache",
  [PYTHON, "/usr/lib/python3/dist-packages/pymemcache/__init__.py"],
  async () => {
    await using server = await ExampleServer.start("memcached.ts");
    const script = `
from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheClientError
one, other = [Client(("127.0.0.1", ${server.port}), timeout=15) for _ in range(2)]
print(one.set("bytes", b"\\xff\\x00 \\xe2\\x82\\xac", noreply=False))
print(other.get("bytes"), other.get("none"))
for number in range(300):
    one.set("key%d" % number, "value%d" % number)
print(one.get("key299"), len(other.get_many(["key%d" % number for number in range(-5, 300)])))
print(one.delete("key1", noreply=False), other.delete("key1", noreply=False), other.delete("key2"))
print(other.get_many(["key1", "key2", "key3"]))
try:
    one.set("two", b"lines\\r\\ndelete key3", noreply=False)
except MemcacheClientError as error:
    print("refused")
print(other.get("two"), other.get("key3"))
other.quit()
`;
    const { stdout, stderr } = await runProgram(PYTHON, { args: ["-c", script] });
    assertEquals(stderr, "");
    assertEquals(stdout.split("\n"), [
      "True",
      String.raw`b'\xff\x00 \xe2\x82\xac' None`,
      "b'value299' 300",
      "True False True",
      "{'key3': b'value3'}",
      "refused",
      "None b'value3'",
      "",
    ]);
  },
);
