/** The page's program: keeps what the server has sent, and gives it to the parts that draw it. */

import { Charts } from "./charts.js";
import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { showEvents } from "./log.js";
import { showNumbers } from "./numbers.js";
import { Picture } from "./picture.js";
import { showMachines, showProcesses } from "./processes.js";
import { explainRoles } from "./roles.js";
import { Status } from "./status.js";
import { setSwitches } from "./switches.js";
import { Timeline } from "./timeline.js";

/** Most points, events and samples kept: as many as the server keeps. */
const POINTS = 300, EVENTS = 50, SAMPLES = 50;

/** Milliseconds without an update until the reactor counts as blocked. */
const BLOCKED_AFTER = 3000;

/** What the server has sent; `drawn` is the snapshot drawn last, `before` the one drawn before it. */
const model = {
  now: undefined,
  drawn: undefined,
  before: undefined,
  points: [],
  events: [],
  samples: [],
};
const status = new Status();
const picture = new Picture();
const charts = new Charts();
const timeline = new Timeline();
let heardAt = performance.now();
let drawing = false;

explainRoles();
const connection = new Connection({
  greeting({ points, events = [], samples = [], ...now }) {
    Object.assign(model, { points, events, samples });
    status.connected();
    take(now, events);
  },
  update({ point, events, samples, ...now }) {
    push(model.events, events, EVENTS);
    push(model.samples, samples, SAMPLES);
    if (point !== undefined) push(model.points, [point], POINTS);
    take(now, events);
  },
  farewell: () => status.stopped(),
  lost: () => status.lost(),
});
setSwitches({
  motion: (on) => picture.move(on),
  slowMotion(on) {
    byId("lens").hidden = !on;
    timeline.clear();
    connection.slowMotion = on;
  },
  theme() {
    picture.paint();
    charts.paint();
  },
});
setInterval(() => {
  if (performance.now() - heardAt > BLOCKED_AFTER) status.silent();
}, 1000);

function take(now, newEvents) {
  heardAt = performance.now();
  if (now.at === undefined) return status.starts();
  model.now = now;
  status.show(now, newEvents);
  if (!drawing) requestAnimationFrame(draw);
  drawing = true;
}

/** Draws what has come since the last frame. In a hidden page the browser calls for no frame. */
function draw() {
  drawing = false;
  const { now, drawn } = model;
  model.before = drawn?.startedAt === now.startedAt ? drawn : undefined;
  model.drawn = now;
  picture.show(model);
  showNumbers(model);
  showProcesses(model);
  showMachines(model);
  showEvents(model.events);
  charts.draw(model.points);
  if (!byId("lens").hidden) timeline.show(model.samples, now.options.order);
}

function push(ring, entries, most) {
  ring.push(...entries);
  if (ring.length > most) ring.splice(0, ring.length - most);
}
