/**
 * The port through which a connection is served: a stream of bytes both ways. A socket of Deno is one. A
 * stage in front of it is one too: it takes a PROXY header off, or Telnet's commands out.
 */
export interface Transport {
  /** The client's address; with a PROXY header, the address that it names. */
  readonly remoteAddr: Deno.Addr;
  /** Reads into `bytes`. @returns how many came: 0 if all were for a stage, null at the end */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes. @returns how many have left */
  write(bytes: Uint8Array): Promise<number>;
  /** Half-close: writes nothing more. */
  closeWrite(): Promise<void>;
  /** Closes both sides; pending reads and writes reject. @throws {Error} if it is closed already */
  close(): void;
}

/** Writes all of the bytes. */
export async function writeAll(to: Transport, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}
