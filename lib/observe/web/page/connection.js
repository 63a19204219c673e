/** The page's end of the event stream: connects, and connects anew for as long as the page is open. */

/** Milliseconds until a stream that was refused is asked for again. */
const PATIENCE = 2000;

/** What is heard from the server, told to a listener; at most one stream at a time. */
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

  /** Asks for single lines, or no more. */
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
      // A stream that broke is opened again by the browser, one that was refused is not.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), PATIENCE);
    };
  }
}
