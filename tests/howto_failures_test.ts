/** What the howto's programs say when they cannot begin: one line, and no stack trace. */

import { assertEquals, assertMatch } from "@std/assert";
import { HOWTO } from "../scripts/howto/pages.ts";
import { freePort } from "./helpers/free_port.ts";

const STEPS = [...Deno.readDirSync(HOWTO)].map(({ name }) => name)
  .filter((name) => /^\d\d[a-z]?_\w+\.ts$/.test(name)).sort();

/** Runs a program of the howto to its end. */
async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...args],
    cwd: HOWTO,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

for (const name of STEPS) {
  Deno.test(`howto/${name} says in one line that its port is taken`, async () => {
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { code, said } = await run(name, `${other.addr.port}`);
    assertMatch(said, /^cannot listen\b.*\n$/);
    assertEquals(code, 1);
  });
}

Deno.test("howto/race.ts says in one line that no server is there", async () => {
  const port = freePort();
  const { code, said } = await run("race.ts", `${port}`, "1", "2");
  assertMatch(said, new RegExp(`^cannot connect to port ${port}: .*\n$`));
  assertEquals(code, 1);
});

Deno.test("howto steps leave the port of the README's server alone", () => {
  for (const name of STEPS) {
    const source = Deno.readTextFileSync(new URL(name, HOWTO));
    assertEquals(/\b70\d\d\b/.exec(source)?.[0], undefined, name);
  }
});
