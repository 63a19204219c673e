/** The clock of a thread, in milliseconds, kept from before a handler could replace it. */
export const now: () => number = performance.now.bind(performance);
