/**
 * The program of the worker that serves the page, the metrics and the health checks. It has an event loop of
 * its own, so hammering it does not block the lines, and no permission but for its one port.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { reason } from "../../reason.ts";
import type { WebAddress, WebCommand, WebReport } from "./protocol.ts";
import { WebServer } from "./web_server.ts";

let server: WebServer | undefined;

self.onmessage = async ({ data }: MessageEvent<WebCommand>) => {
  switch (data.type) {
    case "listen":
      return listen(data.address);
    case "snapshot":
      server?.take(data.snapshot);
      return report({ type: "taken" });
    case "end":
      await server?.end();
      return report({ type: "ended" });
  }
};
report({ type: "loaded" });

function listen(address: WebAddress): void {
  try {
    server = new WebServer(address, (by) => report({ type: "watched", by }));
    report({ type: "listening", address: server.address });
  } catch (error) {
    const inUse = error instanceof Deno.errors.AddrInUse;
    report({ type: "failed", reason: inUse ? "the address is in use" : reason(error) });
  }
}

function report(message: WebReport): void {
  self.postMessage(message);
}
