/** Joins what a node has to tell a front about its batches: a message for each turn of the event loop. */

import type { WireRecord } from "./protocol.ts";

/** The most bytes that a record takes in a message's head. */
const RECORD_SIZE = 64;

const EMPTY = new Uint8Array();

/** Records, and the bytes of the answers among them, until they are sent. */
export class Outbox {
  /** Messages sent so far. */
  sent = 0;
  readonly #send: (records: WireRecord[], parts: Uint8Array[]) => void;
  readonly #most: () => number;
  #records: WireRecord[] = [];
  #parts: Uint8Array[] = [];
  /** Bytes that they take. */
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
  add(record: WireRecord, bytes: Uint8Array = EMPTY): void {
    if (record[0] !== "answer") return this.#push(record, EMPTY);
    const [, batch, run, lines, failed, ends] = record;
    const most = this.#most();
    let at = 0;
    for (; bytes.length - at > most; at += most) { // an answer to many lines may need several messages
      this.#push(["part", batch, run, most], bytes.slice(at, at + most));
    }
    this.#push(["answer", batch, run, lines, failed, ends, bytes.length - at], bytes.slice(at));
  }

  #push(record: WireRecord, bytes: Uint8Array): void {
    const size = RECORD_SIZE + bytes.length;
    if (this.#size > 0 && this.#size + size > this.#most()) this.flush();
    this.#records.push(record);
    if (bytes.length > 0) this.#parts.push(bytes);
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
