/** A text that no other process of this service has; the IDs of its connections begin with it. */
export const PROCESS_ID: string = [...crypto.getRandomValues(new Uint8Array(8))]
  .map((byte) => (byte % 36).toString(36)).join("");
