/**
 * An alarm clock of a load: sleeps for as many milliseconds as it is told, and says when they are
 * over.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { block } from "../../block.ts";

self.onmessage = ({ data: milliseconds }: MessageEvent<number>) => {
  block(milliseconds);
  self.postMessage("over");
};
