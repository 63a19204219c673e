/** Port to what shows a server's snapshots: the live page, a supervisor, OpenTelemetry. */

import type { Snapshot } from "./snapshot.ts";
import type { Audience } from "./web/protocol.ts";

/** Shows a server. */
export interface Screen {
  /** Shows the server as it is now. */
  post(snapshot: Snapshot): void;
  /** Ends it: no snapshot follows. Resolves when the last one has been shown. */
  end(): Promise<void>;
}

/** What a screen tells about itself. */
export interface ScreenListener {
  /** Its audience has changed. */
  watched(by: Audience): void;
  /** It has ended by itself, for this reason; the server goes on. */
  died(reason: string): void;
}

/**
 * Opens a screen that tells a listener about itself.
 *
 * @throws {Error} in one sentence, if it cannot be opened
 */
export type OpenScreen<T extends Screen = Screen> = (listener: ScreenListener) => T | Promise<T>;
