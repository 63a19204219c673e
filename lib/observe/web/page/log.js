/** The list of events, newest first. */

import { byId, element } from "./dom.js";
import { clock } from "./format.js";

const MARKS = { debug: "·", info: "ℹ", warn: "▲", error: "✖" };

/** The IDs of the oldest and the newest event shown. */
let shownFrom = -1;
let shownTo = -1;

/** Shows the events that are kept. Those shown already stay as they are. */
export function showEvents(events) {
  const list = byId("log");
  const last = events.at(-1)?.id ?? -1;
  if (last === shownTo && events[0]?.id === shownFrom) return;
  if (last < shownTo) list.replaceChildren(); // another server
  const known = list.childElementCount === 0 ? -1 : shownTo;
  for (const event of events) if (event.id > known) list.prepend(row(event));
  while (list.childElementCount > events.length) list.lastElementChild.remove();
  [shownFrom, shownTo] = [events[0]?.id ?? -1, last];
}

function row({ at, level, text }) {
  return element(
    "li",
    { class: level },
    element("time", {}, clock(at)),
    element(
      "span",
      { class: "mark", title: level, role: "img", "aria-label": level },
      MARKS[level],
    ),
    element("span", {}, text),
  );
}
