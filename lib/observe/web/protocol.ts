/** What the reactor and the worker that serves the page say to each other. */

import type { Snapshot } from "../snapshot.ts";

/** Where the page is served. */
export interface WebAddress {
  hostname: string;
  /** 0 takes a free one. */
  port: number;
}

/** Who looks at the live page: nobody, somebody, or somebody who follows single lines. */
export type Watched = "nobody" | "page" | "slow motion";

/** What the reactor says. */
export type WebCommand =
  | { type: "listen"; address: WebAddress }
  | { type: "snapshot"; snapshot: Snapshot }
  | { type: "end" };

/**
 * What the worker says: it has loaded, it listens or cannot, it has taken a snapshot and may be given
 * another, who looks, it has ended.
 */
export type WebReport =
  | { type: "loaded" }
  | { type: "listening"; address: WebAddress }
  | { type: "failed"; reason: string }
  | { type: "taken" }
  | { type: "watched"; by: Watched }
  | { type: "ended" };
