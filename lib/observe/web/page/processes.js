/** The tables of server processes and worker machines. The rest of the page shows their sums. */

import { bytes, count, rate, time } from "./format.js";
import { showTable } from "./table.js";

/** Seconds without news of a process until the page says so. */
const SILENT = 3;

/** Shows server processes, compared with those of the snapshot before. */
export function showProcesses({ now, before }) {
  const { processes } = now;
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  const perSecond = (row) => {
    const old = before?.processes?.find(({ pid }) => pid === row.pid);
    if (old === undefined || seconds <= 0) return 0;
    return Math.max(0, row.lines.accepted - old.lines.accepted) / seconds;
  };
  const nodes = showTable("processes", [
    ["process", ({ number }) => count(number)],
    ["PID", ({ pid }) => pid === undefined ? "–" : String(pid)],
    ["state", inState],
    ["connections", ({ connections }) => count(connections)],
    ["lines/s", (row) => rate(perSecond(row))],
    ["under way", ({ lines }) => count(lines.unanswered)],
    ["workers", workersOf],
    ["memory", ({ process }) => bytes(process.rssBytes)],
    ["event loop late by", ({ process }) => time(process.loopLagSeconds)],
    ["replaced", ({ seat }) => seat.replaced === 0 ? "–" : `${count(seat.replaced)} ×`],
  ], processes);
  nodes.forEach((node, index) => {
    node.dataset.state = isSilent(processes[index]) ? "silent" : processes[index].state;
  });
}

/** Shows worker machines. */
export function showMachines({ now: { nodes } }) {
  showTable("machines", [
    ["worker machine", ({ name }) => name],
    ["lines there", ({ lines }) => count(lines)],
    ["workers", ({ workers }) => count(workers)],
    ["may be given lines now", ({ credits }) => count(credits)],
  ], nodes);
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
