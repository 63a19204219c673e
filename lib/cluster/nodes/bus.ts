/**
 * Port to what carries messages between fronts and nodes: subjects that anybody may publish to and subscribe
 * to. NATS is one, tests play another. Messages may get lost, and one that nobody hears is told of.
 */

/** Takes a message: its bytes, valid during the call; none where nobody listens for what was sent. */
export type Receiver = (bytes: Uint8Array | undefined, subject: string) => void;

/** A connection to a broker. It is made anew whenever it is lost. */
export interface Bus {
  /** The broker's name, as a sentence has it. */
  readonly name: string;
  /** Whether there is a connection, as far as is known. */
  readonly connected: boolean;
  /** Longest message, in bytes. */
  readonly maxPayload: number;
  /** Called when the connection is lost, or refuses something, for a reason; or there is one again. */
  onChange: (reason?: string) => void;
  /**
   * Sends a message. Where nobody listens for it, `reply` hears of that.
   *
   * @throws {Error} if it is too long, or the connection is closed for good
   */
  publish(subject: string, bytes: Uint8Array, reply?: string): void;
  subscribe(subject: string, receive: Receiver): void;
  /** Resolves when the broker has all that was sent, or the connection is lost. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
