/** Built-in handler `sha256`: the line's SHA-256 digest, in hexadecimal. It stands for jobs that compute. */

import { createHash } from "node:crypto";
import { encode } from "../half_sync/memory/text.ts";

/** Digests exactly the bytes that were received, valid UTF-8 or not, without the line's end. */
export default function sha256(line: string): string {
  return createHash("sha256").update(encode(line)).digest("hex");
}
