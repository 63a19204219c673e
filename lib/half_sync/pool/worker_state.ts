/** The life of a worker. A `retiring` or `late` one is given nothing; a `gone` one holds nothing. */
export type WorkerState = "booting" | "ready" | "retiring" | "late" | "gone";
