/** Tables of what there may be several of: a row for each, filled anew with each snapshot. */

import { byId, element, write } from "./dom.js";

/**
 * Shows a panel's table, or hides the panel where there are no rows to show.
 *
 * @param name The panel's ID; those of its columns and rows are made of it.
 * @param columns Of each: its title, and its text by a row and its index.
 */
export function showTable(name, columns, rows) {
  byId(name).hidden = rows === undefined;
  if (rows === undefined) return [];
  const heads = byId(`${name}-columns`), body = byId(`${name}-list`);
  if (heads.childElementCount === 0) {
    heads.append(...columns.map(([title]) => element("th", { scope: "col" }, title)));
  }
  while (body.childElementCount > rows.length) body.lastElementChild.remove();
  while (body.childElementCount < rows.length) {
    body.append(element("tr", {}, ...columns.map(() => element("td"))));
  }
  rows.forEach((row, index) => {
    const cells = body.children[index].children;
    columns.forEach(([, of], column) => write(cells[column], of(row, index)));
  });
  return [...body.children];
}
