/** The workers: a card for each that says what it is doing. Many workers have small cards. */

import { byId, element, write } from "./dom.js";
import { bytes, count, rate, some, time } from "./format.js";

/** Most cards drawn large, most drawn small, and most drawn at all. */
const FEW = 6, MANY = 12, MOST = 64;

/** Seconds in a job until its card says how long. */
const LONG = 1;

const SYMBOLS = { booting: "◌", idle: "○", busy: "●", retiring: "◐", late: "◍", stuck: "✖" };

/** The boxes that dots go to: each worker's if there are few, otherwise the box around them all. */
export function workerBoxes() {
  const list = byId("worker-list");
  const few = list.className === "few" && list.childElementCount > 0;
  return few ? [...list.children] : [byId("workers")];
}

/** Shows all workers, compared with those of the snapshot before. */
export function showWorkers(workers, { at, before, nodes }) {
  const list = byId("worker-list");
  list.className = workers.length <= FEW ? "few" : workers.length <= MANY ? "many" : "crowd";
  const shown = workers.slice(0, MOST);
  while (list.childElementCount > shown.length) list.lastElementChild.remove();
  while (list.childElementCount < shown.length) list.append(card());
  shown.forEach((worker, index) => {
    const old = before?.workers[index];
    const seconds = before === undefined ? 0 : (at - before.at) / 1000;
    fill(list.children[index], worker, {
      at,
      old: old?.id === worker.id && old.process === worker.process ? old : undefined,
      seconds,
    });
  });
  const more = workers.length > MOST ? `, ${count(workers.length - MOST)} of them not drawn` : "";
  const own = workers.length === 0 && nodes !== undefined
    ? []
    : [`${some(workers.length, "Web Worker")}${more}`];
  const remote = nodes === undefined ? [] : [some(nodes.length, "worker machine")];
  write("workers-summary", [...own, ...remote].join(" and "));
}

function card() {
  return element(
    "li",
    {},
    element(
      "p",
      { class: "name" },
      element("b"),
      element("span", { class: "badge" }, element("span"), element("span")),
    ),
    element("div", { class: "busy", "aria-hidden": "true" }, element("i")),
    element("p", { class: "small" }),
  );
}

function fill(node, worker, { at, old, seconds }) {
  const { id, process, state, busySince, inFlight, lines, heapBytes, replaced, bootSeconds } =
    worker;
  const [name, bar, note] = node.children;
  node.dataset.state = state;
  const title = process === undefined ? `${id}` : `${process}.${id}`;
  write(name.firstElementChild, title);
  const busyFor = busySince === undefined ? 0 : Math.max(0, at - busySince) / 1000;
  const long = state !== "idle" && state !== "booting" && busyFor > LONG;
  node.classList.toggle("long", long);
  const [symbol, words] = name.lastElementChild.children;
  write(symbol, SYMBOLS[state]);
  write(words, ` ${state}${long ? ` for ${time(busyFor)}` : ""}`);
  const share = long
    ? 1
    : old === undefined || seconds <= 0
    ? 0
    : Math.min(1, Math.max(0, worker.busySeconds - old.busySeconds) / seconds);
  bar.firstElementChild.style.setProperty("--fill", share);
  const perSecond = old === undefined || seconds <= 0
    ? 0
    : Math.max(0, lines - old.lines) / seconds;
  const notes = [
    `${rate(perSecond)} lines/s`,
    ...inFlight > 0 ? [`${count(inFlight)} in hand`] : [],
    ...heapBytes === undefined ? [] : [bytes(heapBytes)],
    ...replaced > 0 ? [`replaced ${count(replaced)} ×`] : [],
  ];
  write(note, notes.join(" · "));
  const booted = bootSeconds === undefined ? "" : `; ready after ${time(bootSeconds)}`;
  node.title = `worker ${title}: ${state}, ${count(lines)} lines so far, ` +
    `${time(worker.busySeconds)} in jobs${booted}`;
}
