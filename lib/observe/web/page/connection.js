/** The page's end of the event stream: connects, and connects again for as long as the page is open. */

/** Milliseconds until the page asks again for a stream that was refused. */
const PATIENCE = 2000;

/** Gives a listener what the server sends, by one stream at a time. */
export class Connection {
  #listener;
  #source;
  #timer;
  #slowMotion = false;

  /** @param listener Has `greeting`, `update`, `farewell`, each given data, and `lost`. */
  constructor(listener) {
    this.#listener = listener;
    this.#open();
  }

  /** Whether single lines are wanted. */
  set slowMotion(on) {
    this.#slowMotion = on;
    this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const source = new EventSource(this.#slowMotion ? "/events?slow-motion" : "/events");
    this.#source = source;
    for (const type of ["greeting", "update", "farewell"]) {
      source.addEventListener(type, ({ data }) => this.#listener[type](JSON.parse(data)));
    }
    source.onerror = () => {
      this.#listener.lost();
      // The browser itself opens a stream again that broke, but not one that was refused.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), PATIENCE);
    };
  }
}
