/** What a node has to tell a front about its batches: joined into one message for each turn of the event loop. */

import type { WireRecord } from "./protocol.ts";

/** Most records of a message. */
const MOST_RECORDS = 4096;

/** Bytes that a record takes in a message, beside those of its answer. */
const RECORD_SIZE = 64;

/** Records, and the bytes of the answers among them, until they are sent. */
export class Outbox {
  /** Messages sent so far. */
  sent = 0;
  readonly #send: (records: WireRecord[], parts: Uint8Array[]) => void;
  readonly #most: () => number;
  #records: WireRecord[] = [];
  #parts: Uint8Array[] = [];
  #size = 0;
  #isDue = false;

  /** @param most How many bytes a message may have */
  constructor(
    send: (records: WireRecord[], parts: Uint8Array[]) => void,
    most: () => number,
  ) {
    this.#send = send;
    this.#most = most;
  }

  /** Adds a record; `bytes`, of which it takes a copy, are those of an answer. */
  add(record: WireRecord, bytes?: Uint8Array): void {
    const size = bytes?.length ?? 0;
    const room = this.#most() - RECORD_SIZE * this.#records.length;
    if (this.#size > 0 && this.#size + size > room || this.#records.length >= MOST_RECORDS) {
      this.flush();
    }
    this.#records.push(record);
    if (bytes !== undefined && size > 0) this.#parts.push(bytes.slice());
    this.#size += size;
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.flush()); // with whatever else this turn brings
  }

  /** Sends what is there. */
  flush(): void {
    this.#isDue = false;
    if (this.#records.length === 0) return;
    this.sent++;
    const [records, parts] = [this.#records, this.#parts];
    this.#records = [];
    this.#parts = [];
    this.#size = 0;
    this.#send(records, parts);
  }
}
