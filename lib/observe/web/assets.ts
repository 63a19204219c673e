/**
 * The page's own files. They are imported as text, so a standalone binary has them, too, and none is read.
 */

// Not by a name of deno.json's: a project that uses this one as a library does not have it.
// deno-lint-ignore no-import-prefix
import uplotStyle from "npm:uplot@1.6.32/dist/uPlot.min.css" with { type: "text" };
// deno-lint-ignore no-import-prefix
import uplot from "npm:uplot@1.6.32/dist/uPlot.iife.min.js" with { type: "text" };
import { HEADERS } from "./guard.ts";
import charts from "./page/charts.js" with { type: "text" };
import connection from "./page/connection.js" with { type: "text" };
import dom from "./page/dom.js" with { type: "text" };
import flows from "./page/flows.js" with { type: "text" };
import format from "./page/format.js" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import html from "./page/index.html" with { type: "text" };
import lens from "./page/lens.css" with { type: "text" };
import log from "./page/log.js" with { type: "text" };
import numbers from "./page/numbers.js" with { type: "text" };
import style from "./page/page.css" with { type: "text" };
import page from "./page/page.js" with { type: "text" };
import panels from "./page/panels.css" with { type: "text" };
import paths from "./page/paths.js" with { type: "text" };
import pictureStyle from "./page/picture.css" with { type: "text" };
import picture from "./page/picture.js" with { type: "text" };
import processesStyle from "./page/processes.css" with { type: "text" };
import processes from "./page/processes.js" with { type: "text" };
import roles from "./page/roles.js" with { type: "text" };
import status from "./page/status.js" with { type: "text" };
import switches from "./page/switches.js" with { type: "text" };
import table from "./page/table.js" with { type: "text" };
import timeline from "./page/timeline.js" with { type: "text" };
import workersStyle from "./page/workers.css" with { type: "text" };
import workers from "./page/workers.js" with { type: "text" };

/** The page's files by their paths. */
export const FILES: Readonly<Record<string, string>> = {
  "/": html,
  "/page/charts.js": charts,
  "/page/connection.js": connection,
  "/page/dom.js": dom,
  "/page/flows.js": flows,
  "/page/format.js": format,
  "/page/icon.svg": icon,
  "/page/lens.css": lens,
  "/page/log.js": log,
  "/page/numbers.js": numbers,
  "/page/page.css": style,
  "/page/page.js": page,
  "/page/panels.css": panels,
  "/page/paths.js": paths,
  "/page/picture.css": pictureStyle,
  "/page/picture.js": picture,
  "/page/processes.css": processesStyle,
  "/page/processes.js": processes,
  "/page/roles.js": roles,
  "/page/status.js": status,
  "/page/switches.js": switches,
  "/page/table.js": table,
  "/page/timeline.js": timeline,
  "/page/uplot.css": uplotStyle,
  "/page/uplot.js": uplot,
  "/page/workers.css": workersStyle,
  "/page/workers.js": workers,
};

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css",
  js: "text/javascript",
  svg: "image/svg+xml",
};

/** The answer with the page's file at a path; `undefined` if there is none. */
export function asset(path: string): Response | undefined {
  if (!Object.hasOwn(FILES, path)) return undefined;
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "text/html";
  const headers = { ...HEADERS, "content-type": `${type}; charset=utf-8` };
  return new Response(FILES[path], { headers });
}
