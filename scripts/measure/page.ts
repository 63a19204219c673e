/**
 * What keeps docs/performance.md, docs/downsides.md and the README true. A table stands between two
 * markers that name it; a figure is a link to performance.json whose title names the figure.
 */

import { type Measured, printFigure } from "../howto/measured.ts";
import { tables } from "./tables.ts";

const TABLE = /^<!-- table: (\w+) -->\n.*?^<!-- end -->$/gms;
const FIGURE = /\[[^\]]*\]\(((?:docs\/)?performance\.json) "([^"]+)"\)/g;

/**
 * Puts tables and figures into a page, in place of what stands at their markers.
 *
 * @throws {RangeError} If a marker names what was not measured.
 */
export function fillPage(page: string, measured: Measured): string {
  const made = tables(measured);
  return page
    .replaceAll(TABLE, (_, name: string) => {
      if (made[name] === undefined) throw new RangeError(`there is no table "${name}"`);
      return `<!-- table: ${name} -->\n\n${made[name]}\n\n<!-- end -->`;
    })
    .replaceAll(FIGURE, (_, file: string, name: string) => {
      const figure = measured.figures[name];
      if (name !== "machine" && !figure) throw new RangeError(`"${name}" was not measured`);
      return `[${figure ? printFigure(figure) : measured.machine}](${file} "${name}")`;
    });
}
