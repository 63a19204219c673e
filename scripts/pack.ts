/**
 * `deno task pack`: makes hsha-VERSION.tgz, a package for npm in which the server works, too. `deno pack`
 * alone leaves out modules that are loaded by their address (workers and built-in handlers), and keeps the
 * names of the import map. So those modules are exports here, and the names become npm's own. deno.json
 * cannot have these exports: JSR refuses the directives that give a worker its types.
 */

import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The modules that are loaded by their address. */
const LOADED = [
  "half_sync/worker/worker",
  "observe/web/web_worker",
  "cli/bench/load_worker",
  "cli/bench/pace_worker",
  "handlers/echo",
  "handlers/sha256",
  "handlers/kv",
  "handlers/exec",
];

/**
 * Makes the package.
 *
 * @param output The path of the file.
 * @throws {Error} If `deno pack` fails, or has anything to say.
 */
export async function pack(output: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hsha-pack-" });
  try {
    for (const name of config.publish.include) await copy(`${ROOT}${name}`, `${folder}/${name}`);
    const loaded = LOADED.map((path) => [`./internal/${path}`, `./lib/${path}.ts`]);
    const exports = { ...config.exports, "./cli": "./main.ts", ...Object.fromEntries(loaded) };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ ...config, exports }));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["pack", "--quiet", "--allow-dirty", "--output", output],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (!success || said !== "") throw new Error(`deno pack: ${said.trim()}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Copies a file, or a folder with all that is in it; imports get the names that npm knows. */
async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    let text = await Deno.readTextFile(from);
    if (from.endsWith(".ts")) {
      for (const [name, address] of Object.entries(config.imports)) {
        text = text.replaceAll(`from "${name}"`, `from "${address}"`)
          .replaceAll(`import("${name}")`, `import("${address}")`)
          .replaceAll(`declare module "${name}"`, `declare module "${address}"`);
      }
    }
    return await Deno.writeTextFile(to, text);
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

if (import.meta.main) {
  const output = `${Deno.cwd()}/hsha-${config.version}.tgz`;
  await pack(output);
  console.log(output);
}
