/** Port to what shows a server's snapshots: the page, a supervisor, OpenTelemetry. */

import type { Snapshot } from "./snapshot.ts";
import type { Watched } from "./web/protocol.ts";

/** Shows a server. */
export interface Screen {
  /** The server as it is now. */
  post(snapshot: Snapshot): void;
  /** No snapshot follows; resolves when the last one has been shown. */
  end(): Promise<void>;
}

/** What a screen tells of itself. */
export interface ScreenListener {
  /** Somebody has begun to look, or nobody does any more. */
  watched(by: Watched): void;
  /** It has ended by itself, for this reason; the server goes on. */
  died(reason: string): void;
}

/**
 * Makes a screen that tells a listener about itself.
 *
 * @throws {Error} in one sentence, if it cannot be opened
 */
export type OpenScreen<T extends Screen = Screen> = (listener: ScreenListener) => T | Promise<T>;
