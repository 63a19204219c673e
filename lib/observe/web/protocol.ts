/** The messages between the reactor and the worker that serves the page. */

import type { Snapshot } from "../snapshot.ts";

/** Where the page is served. */
export interface WebAddress {
  hostname: string;
  /** 0 takes a free one. */
  port: number;
}

/** What is being looked at: nothing, the live page, or single lines on it. */
export type Audience = "nobody" | "page" | "slow motion";

/** What the reactor says. */
export type WebCommand =
  | { type: "listen"; address: WebAddress }
  | { type: "snapshot"; snapshot: Snapshot }
  | { type: "end" };

/**
 * What the worker says: it has loaded; it listens, or cannot; it has taken a snapshot and may be given the
 * next; its audience has changed; it has ended.
 */
export type WebReport =
  | { type: "loaded" }
  | { type: "listening"; address: WebAddress }
  | { type: "failed"; reason: string }
  | { type: "taken" }
  | { type: "watched"; by: Audience }
  | { type: "ended" };
