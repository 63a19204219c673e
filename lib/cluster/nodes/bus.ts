/**
 * Port to what carries messages between fronts and nodes: a bus has subjects, to which anybody may publish
 * and subscribe. NATS is one, and tests play another. Messages may get lost; one that nobody hears is told.
 */

/** Takes a message's bytes, valid during the call. `undefined` says that nobody listens for what was sent. */
export type Receiver = (bytes: Uint8Array | undefined, subject: string) => void;

/** A connection to a broker. It is made anew whenever it is lost. */
export interface Bus {
  /** The broker's name, as a sentence has it. */
  readonly name: string;
  /** Whether there is a connection, as far as is known. */
  readonly connected: boolean;
  /** Longest message, in bytes. */
  readonly maxPayload: number;
  /** Called with a reason when the connection is lost or refuses something; without one when it is back. */
  onChange: (reason?: string) => void;
  /**
   * Sends a message. If nobody listens for it, the subject `reply` hears of that.
   *
   * @throws {Error} if it is too long, or the connection is closed for good
   */
  publish(subject: string, bytes: Uint8Array, reply?: string): void;
  subscribe(subject: string, receive: Receiver): void;
  /** Resolves when the broker has all that was sent, or the connection is lost. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
