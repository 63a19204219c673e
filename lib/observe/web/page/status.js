/** The server's state in the page's head, and the few things that a screen reader should say. */

import { byId, write } from "./dom.js";
import { span } from "./format.js";

/** Milliseconds between two things to say. */
const PAUSE = 5000;

/** Most things that wait to be said. */
const MOST_WAITING = 3;

/** Shows the state, and says it. */
export class Status {
  #state = "";
  #waiting = [];
  #timer;
  #left = false;

  /** The server's greeting has come. */
  connected() {
    this.#left = false;
  }

  /** The server answers, but has nothing to show yet. */
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

  /** The server has said farewell: it has ended. */
  stopped() {
    this.#left = true;
    this.#set("stopped", "stopped");
  }

  /** The stream broke, or could not be opened. */
  lost() {
    if (!this.#left) this.#set("lost", "no connection, trying again");
  }

  /** The stream is open, but nothing comes. */
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

  /** Says something when its turn comes. Of what waits, only the last few are said. */
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
