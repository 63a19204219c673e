/** What connections carry, added up. */

/** Sums over connections. */
export interface Traffic {
  /** Lines accepted and neither answered nor given up. */
  unanswered: number;
  /** Connections that are not read from, because they are at a bound. */
  paused: number;
  /** Bytes that came in, and that left. */
  received: number;
  sent: number;
  /** Bytes of replies that clients have not read. */
  unread: number;
  /** Replies that wait for the reply of an earlier line, and their bytes. */
  held: { replies: number; bytes: number };
}

/** Nothing at all, to begin with. */
export function noTraffic(): Traffic {
  return {
    unanswered: 0,
    paused: 0,
    received: 0,
    sent: 0,
    unread: 0,
    held: { replies: 0, bytes: 0 },
  };
}
