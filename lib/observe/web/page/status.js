/** What the server is at, in the page's head; and the few things worth saying aloud. */

import { byId, write } from "./dom.js";
import { span } from "./format.js";

/** Milliseconds between two things that are said to those who listen to the page. */
const PAUSE = 5000;

/** Most things that wait to be said. */
const MOST_WAITING = 3;

/** The state in the page's head. */
export class Status {
  #state = "";
  #waiting = [];
  #timer;
  #left = false;

  /** The server has greeted. */
  connected() {
    this.#left = false;
  }

  /** The server is there, and has nothing to show yet. */
  starts() {
    this.#set("starting", "starting");
  }

  /** Shows a snapshot. */
  show({ state, address, options, startedAt, at, version, deno }, newEvents) {
    if (!this.#left) this.#set(state, state);
    const name = `${options.handler} on ${address ?? "no address yet"}`;
    write("address", name);
    document.title = `${state} · hsha · ${options.handler}`;
    write("footer", `hsha ${version} · Deno ${deno} · up for ${span((at - startedAt) / 1000)}`);
    const grave = newEvents.findLast(({ level }) => level === "warn" || level === "error");
    if (grave !== undefined) this.#say(grave.text);
  }

  /** The server has ended the stream, and itself. */
  stopped() {
    this.#left = true;
    this.#set("stopped", "stopped");
  }

  /** The stream broke, or there is none. */
  lost() {
    if (!this.#left) this.#set("lost", "no connection, trying again");
  }

  /** The stream is there, and nothing comes. */
  silent() {
    if (this.#state === "ready" || this.#state === "stopping") {
      this.#set("silent", "the event loop does not answer");
    }
  }

  #set(state, words) {
    if (state === this.#state) return;
    this.#state = state;
    const pill = byId("state");
    pill.dataset.state = state;
    write(pill, words);
    document.body.classList.toggle("away", ["lost", "stopped", "silent"].includes(state));
    if (state === "stopped" || state === "lost") document.title = `${state} · hsha`;
    this.#say(`hsha: ${words}.`);
  }

  /** Says it when its turn comes; of what waits only the last few. */
  #say(words) {
    this.#waiting = [...this.#waiting, words].slice(-MOST_WAITING);
    if (this.#timer !== undefined) return;
    const speak = () => {
      this.#timer = undefined;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      write("announcer", next);
      this.#timer = setTimeout(speak, PAUSE);
    };
    speak();
  }
}
