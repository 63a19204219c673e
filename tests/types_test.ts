/**
 * Misuse of the `@std` packages is a type error: npm's `deno-std` ships no types, and without
 * lib/types/std.d.ts every import from it would be `any`.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { atOnce, type Case } from "./helpers/at_once.ts";
import { ROOT } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

/** Uses that must not pass `deno check`, each a statement. */
const MISUSES: readonly string[] = [
  "new TextLineStream({ allowCr: true });",
  "new TextLineStream({ allowCR: 1 });",
  'new TextLineStream("\\r");',
  "new TextLineStream().readable.getReader().read().then(({ value }) => value!.byteLength);",
  "new TextLineStream().writable.getWriter().write(new Uint8Array());",
  "new TextLineStream().flush();",
  'parseArgs("--port 7");',
  "parseArgs([7]);",
  'parseArgs([], { strings: ["port"] });',
  'parseArgs([], { string: "port" });',
  "parseArgs([], { alias: { p: 7 } });",
  "parseArgs([]).port.length;",
  "parseArgs([])._.toFixed();",
  "assertEquals(1, 'one');",
  "assertEquals([1], [1], 7);",
  "assertMatch(7, /7/);",
  "assertMatch('7', '7');",
  "assertStringIncludes(['a'], 'a');",
  "assertThrows(() => {}, 'TypeError');",
  "assertRejects(() => 1, TypeError);",
  "assertInstanceOf(1, 1);",
  "assertGreater(2, 'one');",
];

/** What a misuse is checked with. */
const IMPORTS = [
  'import { TextLineStream } from "@std/streams";',
  'import { parseArgs } from "@std/cli";',
  "import { assertEquals, assertGreater, assertInstanceOf, assertMatch, assertRejects,",
  '  assertStringIncludes, assertThrows } from "@std/assert";',
].join("\n");

/** Runs `deno check` on a module that stands among the project's own. */
async function check(source: string, config = `${ROOT}deno.json`): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/snippet.ts`, source);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--no-lock", "--config", config, `${folder}/snippet.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    return code === 0 ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Every name that the project's sources import from a package, by package. */
async function importedNames(): Promise<Map<string, Set<string>>> {
  const names = new Map<string, Set<string>>();
  for (const path of await sourcesBelow(ROOT)) {
    const source = await Deno.readTextFile(path);
    const imports = source.matchAll(/^import (?:type )?\{([^}]*)\}\s*from "(@std\/\w+)";/gm);
    for (const [, list, specifier] of imports) {
      const known = names.get(specifier) ?? new Set();
      for (const name of list.split(",")) {
        if (name.trim() !== "" && !/^\s*type /.test(name)) known.add(name.trim().split(" as ")[0]);
      }
      names.set(specifier, known);
    }
  }
  return names;
}

async function sourcesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) files.push(...await sourcesBelow(`${folder}${name}/`));
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) files.push(folder + name);
  }
  return files;
}

/** A module that passes only if none of the names is `any`, which would go for anything. */
function noneIsAny(names: ReadonlyMap<string, ReadonlySet<string>>): string {
  const imports = [...names.keys()].map((each, index) => `import * as std${index} from "${each}";`);
  const uses = [...names.values()].flatMap((set, index) =>
    [...set].map((name) =>
      `// @ts-expect-error it is not any\n` +
      `export const ${name}${index}: { nothing: never } = std${index}.${name};`
    )
  );
  return [...imports, ...uses].join("\n");
}

const CASES: Case[] = [
  {
    name: "deno check finds each misuse of what is imported from @std",
    fn: async () => {
      const statements = MISUSES.map((misuse) => `// @ts-expect-error it is a misuse\n${misuse}`);
      assertEquals(await check([IMPORTS, ...statements].join("\n")), "");
    },
  },
  {
    name: "deno check has nothing against the right use of what is imported from @std",
    fn: async () => {
      const source = `${IMPORTS}
    const lines: ReadableStream<string> = new TextLineStream({ allowCR: false }).readable;
    const port: unknown = parseArgs(["-p", "7"], { string: ["port"], alias: { p: "port" } }).port;
    assertEquals(lines.locked, false);
    assertGreater(2, 1);
    assertInstanceOf(port, String);
    assertMatch(port.trim(), /7/);
    assertStringIncludes("ab", "a");
    const error: TypeError = assertThrows(() => {}, TypeError, "text");
    assertEquals(await assertRejects(() => Promise.resolve(), TypeError), error);`;
      assertEquals(await check(source), "");
    },
  },
  {
    name: "no name that is imported from @std is any",
    fn: async () => {
      const names = await importedNames();
      assertEquals([...names.keys()].sort(), ["@std/assert", "@std/cli", "@std/streams"]);
      assertEquals(await check(noneIsAny(names)), "");
    },
  },
  {
    name: "the check for any finds it where the types are missing",
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        const { imports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
        const config = `${folder}/deno.json`;
        await Deno.writeTextFile(config, JSON.stringify({ imports }));
        const faults = await check(
          noneIsAny(new Map([["@std/cli", new Set(["parseArgs"])]])),
          config,
        );
        assertStringIncludes(faults, "Unused '@ts-expect-error' directive");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  },
];

Deno.test("what is imported from @std has types", LONG, (test) => atOnce(test, CASES));
