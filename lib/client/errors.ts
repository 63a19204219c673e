/**
 * What can go wrong between a client and its server: one class of errors for each way in which a caller may
 * want to react.
 */

/** No connection could be made, for example because nobody listens there. No line was sent. */
export class ConnectError extends Error {
  /** The name of its kind. */
  override name = "ConnectError";
}

/**
 * The connection is gone: the server closed it, it broke, or the client itself was closed. A line without its
 * reply may have run, or not.
 */
export class ConnectionLostError extends Error {
  /** The name of its kind. */
  override name = "ConnectionLostError";
}

/** The server took too long. The connection is closed, as a late reply could be taken for the next one. */
export class TimeoutError extends Error {
  /** The name of its kind. */
  override name = "TimeoutError";
}

/** The reply begins with `ERR `: the line failed. The connection goes on. */
export class ReplyError extends Error {
  /** The name of its kind. */
  override name = "ReplyError";
  /** The whole reply; `message` is the part behind `ERR `. */
  readonly reply: string;

  /** Makes an error of a reply. @param reply The whole reply. */
  constructor(reply: string) {
    super(reply.slice(ERR.length));
    this.reply = reply;
  }
}

/** How the reply of a line that failed begins. */
export const ERR = "ERR ";
