/** Test tool: the architecture as data. The gate may use it too: each function gives a list of faults. */

/** A module of lib: its path below lib, its source, and the modules of lib that it imports. */
export interface LibModule {
  path: string;
  source: string;
  imports: string[];
}

/**
 * The layers from the innermost to the outermost; a module may import its own and inner ones. The
 * synchronous half is called through the port that the queueing layer owns, and imports nothing else of it.
 */
const LAYERS = [
  "half_sync",
  "queueing",
  "half_async",
  "nodes",
  "start_runners",
  "line_server",
  "server",
  "cluster",
  "client",
  "cli",
];

/** Ports: what a layer that is called may import of the one that calls it. */
const PORTS = ["queueing/executor.ts"];

/** Modules beside the layers that all of them may use, and that use none of them but for types. */
const SHARED = ["observe/events.ts", "options.ts", "option_kinds.ts"];

/** Most lines of a file. */
const MAX_LINES = 250;

const LIB = new URL("../../lib/", import.meta.url);

/** Every module of lib, in the order of their paths. */
export async function libModules(): Promise<LibModule[]> {
  const modules: LibModule[] = [];
  for (const path of (await filesBelow(LIB)).sort()) {
    const source = await Deno.readTextFile(new URL(path, LIB));
    modules.push({ path, source, imports: importsOf(path, source) });
  }
  return modules;
}

/** Imports of a layer that calls the importing one. */
export function layerFaults(modules: readonly LibModule[]): string[] {
  return modules.flatMap(({ path, imports }) =>
    imports.filter((other) => {
      if (PORTS.includes(other)) return false;
      const [from, to] = [layerOf(path), layerOf(other)];
      return from !== undefined && to !== undefined && to > from;
    }).map((other) => `${path} imports ${other}, of the layer that calls it`)
  );
}

/** Circular imports: each with the way around. */
export function cycleFaults(modules: readonly LibModule[]): string[] {
  const importsOfPath = new Map(modules.map(({ path, imports }) => [path, imports]));
  const faults: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path);
    if (start >= 0) return void faults.push([...way.slice(start), path].join(" → "));
    if (done.has(path)) return;
    for (const next of importsOfPath.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  return faults;
}

/** Files that are too long, or do not begin by saying their role. */
export function fileFaults(modules: readonly LibModule[]): string[] {
  return modules.flatMap(({ path, source }) => {
    const lines = source.split("\n").length - 1;
    return [
      ...lines > MAX_LINES ? [`${path} has ${lines} lines, more than ${MAX_LINES}`] : [],
      ...source.startsWith("/**") ? [] : [`${path} does not begin with a comment on its role`],
    ];
  });
}

/** Modules that write to a connection, or know of one at all, and are none of half_async or a client. */
export function socketFaults(modules: readonly LibModule[]): string[] {
  const touches = /\bDeno\.(?:Conn|TcpConn|TlsConn|UnixConn|connect|listen)\w*\b|\bconn\.write\b/;
  return modules
    .filter(({ path }) => !/^(?:half_async|client|cli)\//.test(path))
    .filter(({ source }) => touches.test(withoutComments(source)))
    .map(({ path }) => `${path} touches a socket; only half_async may`);
}

/** Values that a module exports and no other one names. @param others Sources beside those of lib. */
export function exportFaults(
  modules: readonly LibModule[],
  others: readonly string[] = [],
): string[] {
  const exported = /^export (?:async )?(?:abstract )?(?:function\*?|class|const|let) (\w+)/gm;
  return modules.flatMap(({ path, source }) => {
    const rest = [...modules.filter((it) => it.path !== path).map((it) => it.source), ...others];
    return [...source.matchAll(exported)].map(([, name]) => name)
      .filter((name) => !rest.some((other) => new RegExp(`\\b${name}\\b`).test(other)))
      .map((name) => `${path} exports ${name}, which nobody imports`);
  });
}

/** The sources below a folder of the project. */
export async function sourcesOf(folder: string): Promise<string[]> {
  const url = new URL(`../../${folder}/`, import.meta.url);
  return await Promise.all(
    (await filesBelow(url)).map((path) => Deno.readTextFile(new URL(path, url))),
  );
}

/** The place of a module's layer among the layers; shared modules and the public door have none. */
function layerOf(path: string): number | undefined {
  const [folder] = path.split("/");
  // The handlers that are built in are what the half-sync layer runs; worker machines are executors.
  const name = folder === "handlers"
    ? "half_sync"
    : /^cluster\/(?:nodes|nats)\//.test(path)
    ? "nodes"
    : folder.replace(/\.ts$/, "");
  const layer = LAYERS.indexOf(name);
  return layer < 0 || SHARED.includes(path) ? undefined : layer;
}

/** The modules of lib that a source imports, types too. */
function importsOf(path: string, source: string): string[] {
  const specifiers = withoutComments(source)
    .matchAll(/(?:\bfrom|\bimport|\bimport\.meta\.resolve)\s*\(?\s*"(\.[^"]*)"/g);
  const base = new URL(path, LIB);
  return [...new Set([...specifiers].map(([, specifier]) => new URL(specifier, base).href))]
    .filter((href) => href.startsWith(LIB.href))
    .map((href) => href.slice(LIB.href.length));
}

/** Good enough for imports, which stand in no string of lib. */
function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

async function filesBelow(folder: URL, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      files.push(...await filesBelow(new URL(`${name}/`, folder), `${prefix}${name}/`));
    } else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) {
      files.push(prefix + name);
    }
  }
  return files;
}
