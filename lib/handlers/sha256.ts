/** Built-in handler `sha256`: the SHA-256 digest of the line's bytes, in hexadecimal. Why: CPU. */

import { createHash } from "node:crypto";
import { encode } from "../half_sync/memory/text.ts";

/** Digests exactly the bytes that were received, valid UTF-8 or not, without the line's end. */
export default function sha256(line: string): string {
  return createHash("sha256").update(encode(line)).digest("hex");
}
