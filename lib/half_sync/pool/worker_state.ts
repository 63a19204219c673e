/** The life of a worker. One that retires or is late is given nothing; one that is gone holds nothing. */
export type WorkerState = "booting" | "ready" | "retiring" | "late" | "gone";
