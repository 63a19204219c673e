/** The files of docs/deploy, held against the tools that read them, and against the program itself. */

import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { SERVE_TABLE } from "../lib/cli/serve_table.ts";
import { kebab } from "../lib/cli/flag_values.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { childrenOf, isAlive } from "./helpers/cluster.ts";
import { until } from "../scripts/tools/deadline.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { ROOT, ServerProcess } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";
import { pathOf } from "../scripts/tools/process.ts";
import { needs } from "./helpers/tools.ts";

const read = (name: string) => Deno.readTextFileSync(`${ROOT}docs/deploy/${name}`);

/** Runs a program to its end. */
async function run(program: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const command = new Deno.Command(program, { args, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const analyze = "systemd-analyze";

Deno.test({
  name: "docs/deploy/hsha.service is a unit that systemd takes, and lets it do little",
  ...needs(analyze),
  async fn() {
    using folder = new TemporaryFolder();
    // There is no hsha in /usr/local/bin here.
    const unit = read("hsha.service").replace("/usr/local/bin/hsha", Deno.execPath());
    const path = folder.file("hsha.service");
    Deno.writeTextFileSync(path, unit);
    assertEquals(await run(analyze, "verify", path), { code: 0, text: "" });
    const { text } = await run(analyze, "security", "--offline=true", "--no-pager", path);
    const [, exposure] = text.match(/Overall exposure level for \S+: ([\d.]+)/) ?? [text];
    assertLess(Number(exposure), 2);
  },
});

Deno.test("the options in docs/deploy are options of hsha", () => {
  const flags = Object.keys(SERVE_TABLE).map((name) => `--${kebab(name)}`);
  const start = read("hsha.service").match(/^ExecStart=.* serve (.*)$/m)![1];
  const entry = read("Containerfile").match(/"main.ts", "serve", (.*)\]/)![1];
  const args = read("kubernetes.yaml").match(/args: \[(.*)\]/)![1];
  const used = [start, entry, args].flatMap((text) => text.match(/--[a-z-]+/g) ?? []);
  assert(used.length > 5, "the options were not found");
  assertEquals(used.filter((flag) => !flags.includes(flag) && flag !== "--web"), []);
});

Deno.test(
  "docs/deploy/Containerfile puts all into the image that --web imports",
  LONG,
  async () => {
    const [, modules] = read("Containerfile").match(/RUN deno cache (.*?) &&/)!;
    assert(Deno.readTextFileSync(`${ROOT}docs/install.md`).includes(`\`deno cache ${modules}\``));
    using folder = new TemporaryFolder();
    const env = { DENO_DIR: folder.file("deno") };
    const cached = await new Deno.Command(Deno.execPath(), {
      args: ["cache", ...modules.split(" ")],
      cwd: ROOT,
      env,
      stderr: "inherit",
    }).output();
    assertEquals(cached.code, 0);
    const command = [Deno.execPath(), "run", "-A", "--cached-only", `${ROOT}main.ts`];
    await using server = await ServerProcess.start(["--web", "0"], { command, env });
    await server.waitForLog(/live page on/);
  },
);

Deno.test("docs/deploy/kubernetes.yaml gives a stop the time that it may take", () => {
  const yaml = read("kubernetes.yaml");
  const [, grace] = yaml.match(/terminationGracePeriodSeconds: (\d+)/)!;
  const [, pause] = yaml.match(/"sleep", "(\d+)"/)!;
  assertLess(Number(pause) + SERVE_TABLE.drainTimeout.default, Number(grace));
  assertMatch(yaml, /enableServiceLinks: false/);
});

/** Whether a process may have a PID namespace of its own here. */
async function canIsolate(): Promise<boolean> {
  if (pathOf("unshare") === undefined) return false;
  return (await run("unshare", "-pfr", "--mount-proc", "true")).code === 0;
}

for (const processes of [1, 2]) {
  Deno.test({
    name: `hsha as process 1, with ${processes} processes, stops at SIGTERM and reloads at SIGHUP`,
    ignore: !await canIsolate(),
    async fn() {
      const main = [Deno.execPath(), "run", "-A", `${ROOT}main.ts`];
      const command = ["unshare", "-pfr", "--mount-proc", ...main];
      const args = ["--workers", "1", ...processes > 1 ? ["--processes", "2"] : []];
      await using server = await ServerProcess.start(args, { command });
      const [pid] = childrenOf(server.pid); // it is process 1 to itself
      using client = await LineClient.connect(server.addr);
      assertEquals(await client.ask("hello"), "1 hello");
      Deno.kill(pid, "SIGHUP");
      await server.waitForLog(/has loaded the handler anew/);
      assertEquals(await client.ask("again"), "1 again");
      Deno.kill(pid, "SIGTERM");
      assertEquals(await client.restText(), "");
      assertEquals((await server.ended()).code, 0);
      await until(() => !isAlive(pid), "its end");
    },
  });
}
