/** The docs' links lead somewhere, and the files that they name are there. */

import { assertEquals } from "@std/assert";
import { ROOT } from "./helpers/program.ts";

/** One page: its path below the repository's top folder, and its text without code blocks. */
interface Page {
  path: string;
  prose: string;
}

/** The pages of the top folder, and every page below docs. */
async function pages(): Promise<Page[]> {
  const paths = (await markdownBelow("docs/")).sort();
  paths.unshift("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md");
  return await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(ROOT + path);
    return { path, prose: text.replaceAll(/^( *)(`{3,})[^]*?^\1\2\s*$/gm, "") };
  }));
}

async function markdownBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    if (isDirectory) paths.push(...await markdownBelow(`${folder}${name}/`));
    else if (name.endsWith(".md")) paths.push(folder + name);
  }
  return paths;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(ROOT + path);
    return true;
  } catch {
    return false;
  }
}

/** Targets of a page's links and images, in Markdown and in HTML. */
function linksOf({ prose }: Page): string[] {
  const text = prose.replaceAll(/`[^`\n]*`/g, "code");
  const links = text.matchAll(
    /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|\b(?:href|src|srcset)="([^"]+)"/g,
  );
  const definitions = text.matchAll(/^\[[^\]]+\]:\s+<?(\S+?)>?$/gm);
  return [...links, ...definitions].map((match) => match[1] ?? match[2]);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf({ prose }: Page): string[] {
  const seen = new Map<string, number>();
  const headings = [...prose.matchAll(/^#{1,6} +(.*?) *#*$/gm)].map(([, heading]) => {
    const slug = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  const named = [...prose.matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, name]) => name);
  return [...headings, ...named];
}

/** A link that leads nowhere: why. */
async function faultOf(
  page: Page,
  link: string,
  all: readonly Page[],
): Promise<string | undefined> {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined; // outside: not ours to ask on each test run
  const [target, anchor] = link.split("#").map(decodeURIComponent);
  if (target.startsWith("/")) return "it starts at the top of the machine";
  const base = new URL(page.path, "file:///");
  const path = target === "" ? page.path : new URL(target, base).pathname.slice(1);
  if (!await exists(decodeURIComponent(path))) return `there is no ${path}`;
  if (anchor === undefined || anchor === "") return undefined;
  if (!path.endsWith(".md")) return undefined;
  const other = all.find((each) => each.path === path);
  return other !== undefined && anchorsOf(other).includes(anchor)
    ? undefined
    : `${path} has no heading #${anchor}`;
}

Deno.test("every relative link of the docs leads to a file and a heading that are there", async () => {
  const all = await pages();
  const faults: string[] = [];
  for (const page of all) {
    for (const link of new Set(linksOf(page))) {
      const fault = await faultOf(page, link, all);
      if (fault !== undefined) faults.push(`${page.path}: ${link}: ${fault}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("every file of the project that the docs name is there", async () => {
  const faults: string[] = [];
  for (const { path, prose } of await pages()) {
    for (const [, name] of prose.matchAll(/`((?:lib|tests|scripts|docs)\/[\w./-]+)`/g)) {
      if (!await exists(name.replace(/\/$/, ""))) faults.push(`${path}: ${name}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("no page of the docs holds a path of somebody's machine", async () => {
  const faults: string[] = [];
  for (const { path } of await pages()) {
    const text = await Deno.readTextFile(ROOT + path);
    for (const [found] of text.matchAll(/(?:\/home\/|\/Users\/|\/root\/|\/work\/)\S*/g)) {
      faults.push(`${path}: ${found}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("the check of links finds what is wrong", async () => {
  const page = { path: "docs/a.md", prose: "# One two\n[x](b.md) [y](#one-two) [z](#three)\n" };
  const links = linksOf(page);
  const faults = await Promise.all(links.map((link) => faultOf(page, link, [page])));
  assertEquals(links, ["b.md", "#one-two", "#three"]);
  assertEquals(faults[0], "there is no docs/b.md");
  assertEquals(anchorsOf(page), ["one-two"]);
});
