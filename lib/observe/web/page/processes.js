/** Several server processes: a row for each, and what they are together is the rest of the page. */

import { byId, element, write } from "./dom.js";
import { bytes, count, rate, time } from "./format.js";

const COLUMNS = [
  ["process", ({ number }) => count(number)],
  ["PID", ({ pid }) => pid === undefined ? "–" : String(pid)],
  ["state", inState],
  ["connections", ({ connections }) => count(connections)],
  ["lines/s", (_, perSecond) => rate(perSecond)],
  ["under way", ({ lines }) => count(lines.unanswered)],
  ["workers", workersOf],
  ["memory", ({ process }) => bytes(process.rssBytes)],
  ["event loop late by", ({ process }) => time(process.loopLagSeconds)],
  ["replaced", ({ seat }) => seat.replaced === 0 ? "–" : `${count(seat.replaced)} ×`],
];

/** Seconds without a word that are worth saying. */
const SILENT = 3;

/** Shows them, compared with those of the snapshot before. */
export function showProcesses({ now, before }) {
  const { processes } = now;
  byId("processes").hidden = processes === undefined;
  if (processes === undefined) return;
  const body = byId("process-list");
  if (byId("process-columns").childElementCount === 0) {
    const heads = COLUMNS.map(([name]) => element("th", { scope: "col" }, name));
    byId("process-columns").append(...heads);
  }
  while (body.childElementCount > processes.length) body.lastElementChild.remove();
  while (body.childElementCount < processes.length) {
    body.append(element("tr", {}, ...COLUMNS.map(() => element("td"))));
  }
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  processes.forEach((row, index) => {
    const old = before?.processes?.find(({ pid }) => pid === row.pid);
    const lines = old === undefined ? 0 : Math.max(0, row.lines.accepted - old.lines.accepted);
    const node = body.children[index];
    node.dataset.state = isSilent(row) ? "silent" : row.state;
    COLUMNS.forEach(([, of], column) =>
      write(node.children[column], of(row, seconds > 0 ? lines / seconds : 0))
    );
  });
}

function inState(row) {
  if (isSilent(row)) return `✖ silent for ${time(Math.round(row.ageSeconds))}`;
  const { state, ready } = row;
  if (state === "ready") return ready ? "● ready" : "◌ no worker is ready";
  if (state === "former") return "◐ answers its last lines";
  return state === "gone" ? "✖ gone" : `◌ ${state}`;
}

function isSilent({ ageSeconds = 0 }) {
  return ageSeconds > SILENT;
}

function workersOf({ workers }) {
  const found = Object.entries(workers).map(([state, number]) => `${count(number)} ${state}`);
  return found.length === 0 ? "–" : found.join(", ");
}
