// The half-sync side of the Node peer: what a thread of the Piscina pool does with one line.
const { hash } = require("node:crypto");
const { threadId } = require("node:worker_threads");

exports.echo = (line) => `${threadId} ${line}`;

/** SHA-256, 200 times over; the one-shot `hash` takes half the time of `createHash`. */
exports.cpu = (line) => {
  let digest = line;
  for (let round = 1; round < 200; round++) digest = hash("sha256", digest, "buffer");
  return `${threadId} ${hash("sha256", digest, "hex")}`;
};
