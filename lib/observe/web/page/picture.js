/** The picture of the pattern: clients, the two layers and the queue between them, as they are now. */

import { byId, element, write } from "./dom.js";
import { Flows } from "./flows.js";
import { bytes, count, some } from "./format.js";
import { showWorkers } from "./workers.js";

/** Most clients drawn as dots; there is one dot for each client, or fewer. */
const MOST_DOTS = 48;

/** Draws the picture. */
export class Picture {
  #flows = new Flows(byId("flows"), (text) => write("scale", text));

  /** Lets lines move, or not. */
  move(on) {
    this.#flows.move(on);
  }

  /** Paints anew, in the colors of another theme. */
  paint() {
    this.#flows.paint();
  }

  /** Shows a snapshot, and what has changed since the one before. */
  show({ now, before }) {
    const { connections, queue, held, options, workers, nodes } = now;
    write("connections", count(connections.open));
    write(
      "connections-more",
      [
        some(connections.total, "connection") + " so far",
        ...connections.paused > 0 ? [`${count(connections.paused)} paused`] : [],
        ...connections.refused > 0 ? [`${count(connections.refused)} refused`] : [],
      ].join(" · "),
    );
    showDots(connections);
    write("queue-lines", count(queue.lines));
    write("queue-more", `${bytes(queue.bytes)} · at most ${count(options.queueLimit)} under way`);
    const fill = Math.min(
      1,
      Math.max(
        (now.lines.unanswered - held.replies) / options.queueLimit,
        queue.bytes / queue.byteLimit,
      ),
    );
    const tube = byId("tube");
    tube.firstElementChild.style.setProperty("--fill", fill);
    tube.classList.toggle("full", fill > 0.9);
    tube.setAttribute("aria-label", `${Math.round(fill * 100)} % of what may be under way`);
    write(
      "held",
      held.replies === 0
        ? `none held (order ${options.order})`
        : `${count(held.replies)} held for an earlier one, ${bytes(held.bytes)}`,
    );
    byId("order").classList.toggle("holds", held.replies > 0);
    showWorkers(workers, { at: now.at, before, nodes });
    this.#flows.show({ now, before });
  }
}

function showDots({ open, paused }) {
  const dots = byId("dots");
  const shown = Math.min(open, MOST_DOTS);
  while (dots.childElementCount > shown) dots.lastElementChild.remove();
  while (dots.childElementCount < shown) dots.append(element("i"));
  const pausedShown = Math.ceil(shown * paused / Math.max(1, open));
  for (let index = 0; index < shown; index++) {
    dots.children[index].classList.toggle("paused", index >= shown - pausedShown);
  }
}
