/** A random text, so that no other process of this service has the same. IDs of connections begin with it. */
export const PROCESS_ID: string = [...crypto.getRandomValues(new Uint8Array(8))]
  .map((byte) => (byte % 36).toString(36)).join("");
