/**
 * The port that a connection is served through: a stream of bytes both ways. A socket of Deno is one; a
 * stage in front of it, which takes a PROXY header off or Telnet's commands out, is one too.
 */
export interface Transport {
  /** The client's address: behind a PROXY header the one that it names. */
  readonly remoteAddr: Deno.Addr;
  /** Reads into `bytes`. @returns how many there are now, 0 if all were for a stage; null at the end */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes. @returns how many have left */
  write(bytes: Uint8Array): Promise<number>;
  /** Half-close: writes nothing more. */
  closeWrite(): Promise<void>;
  /** Closes both sides; what waits for them rejects. @throws {Error} if it is closed already */
  close(): void;
}
