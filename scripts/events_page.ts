/**
 * `deno task events`: writes docs/events.md, every event in one place: what its declaration says in
 * lib/observe/events.ts, its level, its fields, and how the log says it.
 */

import type { ServerEvent } from "../lib/observe/events.ts";
import { LEVEL_OF } from "../lib/observe/log.ts";
import { sentence } from "../lib/observe/sentences.ts";
import { format } from "./format.ts";
import { FIELDS } from "./reference/event_fields.ts";
import { HEADINGS, SAMPLES } from "./reference/event_samples.ts";

const PAGE = new URL("../docs/events.md", import.meta.url);
const SOURCE = new URL("../lib/observe/events.ts", import.meta.url);

const INTRODUCTION = `
<!-- Made by scripts/events_page.ts; what is changed here by hand is lost. -->

# Events

Everything that a server tells, by its \`type\`. [The log](operations.md#the-log) writes each as one line
on standard error, as text or as JSON; a program gets them by \`onEvent\`. An event at a level below
\`--log-level\` is left out of the log. Below each: its level, its fields, and an example as text.
`.trimStart();

/** An event as its declaration has it. */
interface Declared {
  /** What it is, from its comment. */
  about: string;
  fields: readonly string[];
}

/** The declarations of all events, by type. */
export function declaredEvents(
  source: string = Deno.readTextFileSync(SOURCE),
): Map<string, Declared> {
  const fault = fieldsOf(interfaceBody(source, "Fault"));
  const closed = fieldsOf(interfaceBody(source, "ConnectionClosed"));
  const found = new Map<string, Declared>();
  const union = source.slice(source.indexOf("export type ServerEvent ="));
  const each =
    /\/\*\*((?:(?!\*\/).)*)\*\/\s*\|\s*(?:\{\s*type: "(\w+)"([^}]*)\}( & Fault)?|(ConnectionClosed))/gs;
  for (const [, comment, type, body = "", isFault, isClosed] of union.matchAll(each)) {
    const about = comment.replaceAll(/\s*\n\s*\*\s?/g, " ").replaceAll(/\{@linkcode (\w+)\}/g, "$1")
      .trim();
    const fields = isClosed ? closed : [...fieldsOf(body), ...isFault ? fault : []];
    found.set(type ?? "connection_closed", { about, fields });
  }
  return found;
}

function interfaceBody(source: string, name: string): string {
  return new RegExp(`export interface ${name} \\{(.*?)\n\\}`, "s").exec(source)?.[1] ?? "";
}

/** Names of fields, but for the type itself. */
function fieldsOf(body: string): string[] {
  const bare = body.replaceAll(/\/\*\*.*?\*\//gs, "");
  return [...bare.matchAll(/\b(\w+)\??:/g)].map(([, name]) => name).filter((name) =>
    name !== "type"
  );
}

/**
 * The page, in Markdown, before it is formatted.
 *
 * @throws {RangeError} If an event has no comment, or a field no meaning.
 */
export function eventsPage(): string {
  const declared = declaredEvents();
  const parts = [INTRODUCTION];
  for (const [type, sample] of Object.entries(SAMPLES) as [ServerEvent["type"], ServerEvent][]) {
    const it = declared.get(type);
    if (it === undefined || it.about === "") {
      throw new RangeError(`the event ${type} has no comment`);
    }
    if (HEADINGS[type]) parts.push(`## ${HEADINGS[type]}\n`);
    const names = it.fields.map((name) => `\`${name}\``).join(", ") || "none";
    parts.push(
      `### ${type}\n`,
      `${it.about}\n`,
      `Level \`${LEVEL_OF[type]}\`; fields: ${names}.\n`,
      `\`\`\`text\n${sentence(sample)}\n\`\`\`\n`,
    );
  }
  const fields = new Set([...declared.values()].flatMap((it) => it.fields));
  const rows = [...fields].sort().map((name) => {
    if (FIELDS[name] === undefined) throw new RangeError(`the field ${name} has no meaning`);
    return `| \`${name}\` | ${FIELDS[name]} |`;
  });
  return [...parts, "## Fields\n", "| field | meaning |", "| --- | --- |", ...rows].join("\n") +
    "\n";
}

if (import.meta.main) {
  await Deno.writeTextFile(PAGE, eventsPage());
  await format([PAGE]);
}
