// The comparison's CPU job as a handler of hsha: SHA-256, 200 times over the line. Every peer has
// the same job in its own language.
import { createHash } from "node:crypto";

export default (line: string, context: { workerId: number }): string => {
  let digest = createHash("sha256").update(line).digest();
  for (let round = 2; round <= 200; round++) {
    digest = createHash("sha256").update(digest).digest();
  }
  return `${context.workerId} ${digest.toString("hex")}`;
};
