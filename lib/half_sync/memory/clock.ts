/** The clock of a thread, in milliseconds, as it was before a handler could put another in its place. */
export const now: () => number = performance.now.bind(performance);
