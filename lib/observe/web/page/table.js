/** Tables whose rows are filled anew with each snapshot. */

import { byId, element, write } from "./dom.js";

/**
 * Shows a panel with its table, or hides the panel if there are no rows.
 *
 * @param name The panel's ID; the IDs of its columns and rows begin with it.
 * @param columns For each, its title, and a function that makes a cell's text of a row and its index.
 * @param rows What the rows show; `undefined` hides the panel.
 * @returns the elements of the rows
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
