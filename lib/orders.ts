/**
 * The modes of order as a table: what each asks of the layers. One more mode is one more row. Whether a reply
 * waits for those of earlier lines is decided where the replies are, in half_async/reply_order.ts.
 */

import type { Order } from "./options.ts";

/** What an order asks of the layers. */
export interface OrderRules {
  /** Of the queueing layer: that a connection's next job waits until the one before it has ended. */
  readonly serial: boolean;
  /** Of all layers: that one worker runs all jobs of a connection, and keeps its session. */
  readonly pinned: boolean;
}

/** Every mode, as the help lists them. */
export const ORDERS: Readonly<Record<Order, OrderRules>> = {
  request: { serial: false, pinned: false },
  completion: { serial: false, pinned: false },
  serial: { serial: true, pinned: false },
  pinned: { serial: true, pinned: true },
};

/** The names of the modes. */
export const ORDER_NAMES = Object.keys(ORDERS) as readonly Order[]; // sound: the record has just these keys
