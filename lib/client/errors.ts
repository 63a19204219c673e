/**
 * What goes wrong between a client and its server: a kind of error for each way in which a caller may react.
 */

/** No connection could be made, so no line was sent: nobody listens there, for example. */
export class ConnectError extends Error {
  /** The name of its kind. */
  override name = "ConnectError";
}

/**
 * The connection is gone: the server closed it, it broke, or the client itself has been closed. A line
 * without its reply may have run or not.
 */
export class ConnectionLostError extends Error {
  /** The name of its kind. */
  override name = "ConnectionLostError";
}

/** The server took too long. The connection is closed: a late reply would be taken for the next one. */
export class TimeoutError extends Error {
  /** The name of its kind. */
  override name = "TimeoutError";
}

/** The reply says that the line failed: it begins with `ERR `. The connection goes on. */
export class ReplyError extends Error {
  /** The name of its kind. */
  override name = "ReplyError";
  /** The whole reply; `message` is the part behind `ERR `. */
  readonly reply: string;

  /** Makes one of a reply. @param reply The whole reply. */
  constructor(reply: string) {
    super(reply.slice(ERR.length));
    this.reply = reply;
  }
}

/** How the reply of a line that failed begins. */
export const ERR = "ERR ";
