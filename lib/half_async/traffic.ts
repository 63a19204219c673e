/** What connections carry, added up. */
export class Traffic {
  /** Lines accepted and neither answered nor given up. */
  unanswered = 0;
  /** Connections that are not read from, because they are at a bound. */
  paused = 0;
  /** Bytes that came in, and that left. */
  received = 0;
  sent = 0;
  /** Bytes of replies that clients have not read. */
  unread = 0;
  /** Replies that wait for the reply of an earlier line, and their bytes. */
  held = { replies: 0, bytes: 0 };
}
