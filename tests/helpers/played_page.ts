/**
 * Test tool: plays a section of a page. Its ```ts blocks are files of a folder, its ```console blocks are
 * typed there, and what appears is held against the page, where `…` stands for any text. A time, the
 * number of workers and the ID of a worker may be others than on the page.
 */

import { assertMatch } from "@std/assert";
import { within } from "../../scripts/tools/deadline.ts";
import { ROOT, ServerProcess } from "./program.ts";

const PORT = "7007";
const SERVER = /^deno run -A main\.ts\b(?! connect)/;
const NPX = /\bnpx -y deno@[\d.]+/g;

/** A command of the page, and the lines that the page shows after it. */
interface Step {
  command: string;
  expected: string[];
}

/**
 * Plays the section under one heading of the second level.
 *
 * @param page The page's path below the repository's top folder.
 * @param title The heading.
 * @throws {Error} if something else appears than the page shows
 */
export async function playSection(page: string, title: string): Promise<void> {
  const section = Deno.readTextFileSync(ROOT + page).split(/^## /m)
    .find((text) => text.split("\n")[0].replaceAll("`", "") === title);
  if (section === undefined) throw new Error(`${page} has no section "${title}"`);
  const folder = Deno.makeTempDirSync({ prefix: "hsha-page-" });
  let server: ServerProcess | undefined;
  try {
    for (const [, language, text] of section.matchAll(/^```(ts|console)\n(.*?)^```$/gms)) {
      if (language === "ts") {
        Deno.writeTextFileSync(`${folder}/${text.match(/^\/\/ (\S+)\n/)![1]}`, text);
        continue;
      }
      for (const { command, expected } of steps(text)) {
        const listens = expected.length === 0 || expected.at(-1)!.includes(" listening on ");
        if (SERVER.test(command) && listens) {
          await server?.stop();
          server = await startServer(command, folder);
          const log = server.stderr.replaceAll(String(server.addr.port), PORT);
          if (expected.length > 0) assertMatch(log, asPattern(expected), command);
        } else {
          await type(command, { folder, expected, port: server?.addr.port });
        }
      }
    }
  } finally {
    await server?.[Symbol.asyncDispose]();
    Deno.removeSync(folder, { recursive: true });
  }
}

function steps(text: string): Step[] {
  return text.split(/^\$ /m).slice(1).map((step) => {
    const [command, ...expected] = step.replace(/\n$/, "").split("\n");
    return { command: command.replaceAll(NPX, "deno"), expected };
  });
}

function startServer(command: string, cwd: string): Promise<ServerProcess> {
  // Its words go where the page has none: `serve --port 0`.
  const script = `exec ${onThisMachine(command, '"$@"')}`;
  return ServerProcess.start([], { command: ["bash", "-c", script, "hsha"], cwd });
}

async function type(
  command: string,
  { folder, expected, port }: { folder: string; expected: string[]; port?: number },
): Promise<void> {
  const script = `exec 2>&1; ${onThisMachine(command).replaceAll(PORT, String(port))}`;
  const child = new Deno.Command("bash", {
    args: ["-c", script],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdout: "piped",
  }).spawn();
  const { stdout } = await within(child.output(), command);
  assertMatch(new TextDecoder().decode(stdout), asPattern(expected), command);
}

/** Lines of a page as a pattern. */
function asPattern(expected: readonly string[]): RegExp {
  const lines = [...expected, ""].join("\n").replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…").split(
    "…",
  );
  const pattern = lines.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+")
    .replaceAll(/\b\d+ workers?\b/g, "\\d+ workers?").replaceAll(/\bworker \d+\b/g, "worker \\d+")
    .replaceAll(/^\d+ (?=hello|how)/gm, "\\d+ ");
  return new RegExp(`^${pattern || "$"}$`);
}

function onThisMachine(command: string, words = "serve --port 0"): string {
  return command.replaceAll("deno run", `'${Deno.execPath()}' run`)
    .replaceAll("main.ts", `'${ROOT}main.ts' ${SERVER.test(command) ? words : ""}`);
}
