/**
 * Test tool: plays a section of docs/handlers.md. Its ```ts blocks are files of a folder, its ```console
 * blocks are typed there, and what appears is held against the page, where `…` stands for any text.
 */

import { assertMatch } from "@std/assert";
import { within } from "./deadline.ts";
import { ROOT, ServerProcess } from "./program.ts";

const PAGE = `${ROOT}docs/handlers.md`;
const PORT = "7007";
const SERVER = /^deno run -A main\.ts\b(?! connect)/;

/** A command of the page, and the lines that the page shows after it. */
interface Step {
  command: string;
  expected: string[];
}

/**
 * Plays the section under one heading of the second level.
 *
 * @throws {Error} if something else appears than the page shows
 */
export async function playSection(title: string): Promise<void> {
  const section = Deno.readTextFileSync(PAGE).split(/^## /m)
    .find((text) => text.split("\n")[0].replaceAll("`", "") === title);
  if (section === undefined) throw new Error(`docs/handlers.md has no section "${title}"`);
  const folder = Deno.makeTempDirSync({ prefix: "hsha-page-" });
  let server: ServerProcess | undefined;
  try {
    for (const [, language, text] of section.matchAll(/^```(ts|console)\n(.*?)^```$/gms)) {
      if (language === "ts") {
        Deno.writeTextFileSync(`${folder}/${text.match(/^\/\/ (\S+)\n/)![1]}`, text);
        continue;
      }
      for (const { command, expected } of steps(text)) {
        if (SERVER.test(command) && expected.length === 0) {
          await server?.stop();
          server = await startServer(command, folder);
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
    return { command, expected };
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
  const lines = [...expected, ""].join("\n").split("…");
  const pattern = lines.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+");
  assertMatch(new TextDecoder().decode(stdout), new RegExp(`^${pattern || "$"}$`), command);
}

function onThisMachine(command: string, words = "serve --port 0"): string {
  return command.replaceAll("deno run", `'${Deno.execPath()}' run`)
    .replaceAll("main.ts", `'${ROOT}main.ts' ${SERVER.test(command) ? words : ""}`);
}
