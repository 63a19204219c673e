/**
 * The order modes, each by what it asks of the layers: a further one is a row here. Whether a reply waits for
 * those of earlier lines is decided where replies are, in half_async/reply_order.ts.
 */

import type { Order } from "./options.ts";

/** What an order asks of the layers. */
export interface OrderRules {
  /** Of the queueing layer: whether a connection's next job waits until the one before it has ended. */
  readonly serial: boolean;
  /** Of all three: whether one worker runs all jobs of a connection, and keeps its session. */
  readonly pinned: boolean;
}

/** Every order, in the order of the help. */
export const ORDERS: Readonly<Record<Order, OrderRules>> = {
  request: { serial: false, pinned: false },
  completion: { serial: false, pinned: false },
  serial: { serial: true, pinned: false },
  pinned: { serial: true, pinned: true },
};

/** Their names. */
export const ORDER_NAMES = Object.keys(ORDERS) as readonly Order[]; // sound: the record has just these keys
