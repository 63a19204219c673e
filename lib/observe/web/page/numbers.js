/** The tiles with the numbers of now, and the sum of lines that must balance. */

import { byId, element, write } from "./dom.js";
import { bytes, count, rate, time } from "./format.js";

/** Each tile: its title, and a function of the model that gives its value and a note. */
const TILES = [
  [
    "A line takes",
    ({ last }) => [time(last?.lineP50), `median; 99 %: ${time(last?.lineP99)}`],
  ],
  ["Wait for a worker", ({ last }) => [time(last?.waitP99), "or less, for 99 % of lines"]],
  ["Time in the handler", ({ last }) => [time(last?.jobP99), "or less, for 99 % of lines"]],
  ["Errors", ({ last }) => [
    `${rate(last?.failed ?? 0)}/s`,
    last?.accepted > 0
      ? `${(100 * last.failed / last.accepted).toFixed(2)} % of the lines`
      : "no lines",
  ]],
  ["Unread replies", ({ now: { bytes: { unread } } }) => [
    bytes(unread),
    unread === 0 ? "clients have read all" : "kept until clients read them",
  ]],
  ["Processors", ({ last, now }) => [
    (last?.cpu ?? 0).toFixed(2),
    now.processes === undefined ? "busy for this process" : "busy for all processes",
  ]],
  ["Memory", ({ now: { process } }) => [
    bytes(process.rssBytes),
    process.openDescriptors === undefined
      ? "resident"
      : `resident; ${process.openDescriptors} descriptors`,
  ]],
  ["Event loop", ({ now: { process } }) => [
    time(process.loopLagSeconds),
    "how late its timers were",
  ]],
];

const tiles = TILES.map(([title]) => {
  const parts = [element("b"), element("small")];
  byId("tiles").append(element("div", {}, element("h3", {}, title), ...parts));
  return parts;
});

const TERMS = [
  ["accepted", "accepted", "lines taken from clients"],
  ["answered", "answered", "their reply was handed to the socket"],
  ["failed", "failed", "got an ERR reply"],
  ["gone", "gone", "their connection had ended"],
  ["unanswered", "under way", "wait, run or are held"],
];

const terms = new Map(TERMS.map(([key, name, note], index) => {
  const value = element("b");
  byId("balance").append(element(
    "div",
    { class: key },
    element("span", { class: "sign" }, ["", "=", "+"][Math.min(index, 2)]),
    element("p", {}, value, element("span", {}, name), element("small", {}, note)),
  ));
  return [key, value];
}));
const verdict = element("p", { class: "verdict" });
byId("balance").append(verdict);

/** Shows all numbers. */
export function showNumbers({ now, points }) {
  const last = points.at(-1);
  TILES.forEach(([, of], index) => {
    const [value, note] = of({ now, last });
    write(tiles[index][0], value);
    write(tiles[index][1], note);
  });
  for (const [key, node] of terms) write(node, count(now.lines[key]));
  const { accepted, answered, failed, gone, unanswered } = now.lines;
  const off = accepted - answered - failed - gone - unanswered;
  verdict.classList.toggle("off", off !== 0);
  write(verdict, off === 0 ? "✓ it balances" : `✖ it is off by ${count(off)}`);
  write("received", `${bytes(last?.received ?? 0)}/s`);
  write("sent", `${bytes(last?.sent ?? 0)}/s`);
  write("rate-in", rate(last?.accepted ?? 0));
  write("rate-out", rate((last?.answered ?? 0) + (last?.failed ?? 0)));
}
