/** A handler that tries to get at the machine, in the way that its line names. */

import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

const ATTEMPTS = {
  read: (path) => Deno.readTextFileSync(path),
  readAsync: (path) => Deno.readTextFile(path),
  readNode: (path) => readFileSync(path, "utf8"),
  readFetch: async (path) => await (await fetch(`file://${path}`)).text(),
  readJson: (path) => importFile(path, "json"),
  readText: (path) => importFile(path, "text"),
  list: (path) => [...Deno.readDirSync(path)].length,
  write: (path) => Deno.writeTextFileSync(path, "written"),
  env: (name) => Deno.env.get(name),
  envNode: (name) => process.env[name],
  run: (program) => new Deno.Command(program).outputSync().code,
  runNode: (program) => execSync(program).length,
  connect: async (port) => (await Deno.connect({ port: Number(port) })).close(),
  listen: () => Deno.listen({ port: 0 }).close(),
  fetch: async (url) => (await fetch(url)).status,
  dlopen: (path) => Deno.dlopen(path, {}),
  host: () => Deno.hostname(),
  ask: (name) => Deno.permissions.requestSync({ name }).state,
  escalate: (name) =>
    new Worker("data:text/javascript,", {
      type: "module",
      deno: { permissions: { [name]: true } },
    }),
};

function importFile(path, type) {
  return import(`file://${path}`, { with: { type } });
}

/** Makes the attempt: `read /etc/hostname`, say. */
export default async function snoop(line) {
  const [name, argument = ""] = line.split(" ");
  return `it could: ${JSON.stringify(await ATTEMPTS[name](argument)) ?? "done"}`.slice(0, 80);
}
