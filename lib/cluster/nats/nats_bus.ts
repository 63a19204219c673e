/**
 * NATS as the bus of fronts and nodes. Its client is loaded when it is needed: it takes 150 ms and 22 MB,
 * which a server without NATS does not spend.
 */

import type { NatsConnection } from "@nats-io/transport-node";
import { reason } from "../../reason.ts";
import type { Bus, Receiver } from "../nodes/bus.ts";
import { natsAddress, natsPlace } from "./address.ts";
import { ignoreLastErrors } from "./last_errors.ts";

/** Where a {@linkcode NatsBus} connects to, and as whom. */
export interface NatsBusOptions {
  /** As {@linkcode natsAddress} reads it. */
  url: string;
  /** What a credentials file holds. */
  creds?: string;
  /** The name of the connection, which NATS shows. */
  name: string;
}

/** Milliseconds that a server may take to accept a connection. */
const DIAL_TIMEOUT = 2000;

/** Milliseconds from one try to connect again to the next. */
const RETRY = 100;

/** Milliseconds from one ping of NATS's client to the next: two without an answer end the connection. */
const CLIENT_PING = 1000;

/** Milliseconds that the last messages may take to leave. */
const LAST_FLUSH = 1000;

/** The status by which NATS says that nobody listens. */
const NO_LISTENER = "503";

/** A connection to NATS, made anew whenever it is lost. */
export class NatsBus implements Bus {
  readonly name = "NATS";
  onChange: Bus["onChange"] = () => {};
  readonly #nats: NatsConnection;
  #connected = true;

  private constructor(nats: NatsConnection) {
    this.#nats = nats;
    void this.#watch();
  }

  /** @throws {Error} if it cannot connect, in one sentence */
  static async connect({ url, creds, name }: NatsBusOptions): Promise<NatsBus> {
    const { servers, tls, ...user } = natsAddress(url)!; // the options have been checked
    const { connect, credsAuthenticator } = await import("@nats-io/transport-node");
    ignoreLastErrors();
    try {
      return new NatsBus(
        await connect({
          servers,
          ...user,
          ...tls && { tls: {} },
          ...creds !== undefined &&
            { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) },
          name,
          timeout: DIAL_TIMEOUT,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RETRY,
          reconnectJitter: RETRY,
          reconnectJitterTLS: RETRY,
          pingInterval: CLIENT_PING,
          ignoreAuthErrorAbort: true,
          noAsyncTraces: true,
        }),
      );
    } catch (error) {
      throw new Error(`cannot connect to NATS at ${natsPlace(url)}: ${why(error)}`);
    }
  }

  get connected(): boolean {
    return this.#connected;
  }

  get maxPayload(): number {
    return this.#nats.info?.max_payload ?? 0;
  }

  publish(subject: string, bytes: Uint8Array, reply?: string): void {
    this.#nats.publish(subject, bytes, reply === undefined ? undefined : { reply });
  }

  subscribe(subject: string, receive: Receiver): void {
    this.#nats.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return; // the status has it, too
        const isSilence = message.data.length === 0 && message.headers?.status === NO_LISTENER;
        try {
          receive(isSilence ? undefined : message.data, message.subject);
        } catch {
          // It is no message of ours. Thrown further, the error would make the connection deaf.
        }
      },
    });
  }

  async flush(): Promise<void> {
    await this.#nats.flush().catch(() => {});
  }

  async close(): Promise<void> {
    this.onChange = () => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_FLUSH));
    if (this.#connected) await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    await this.#nats.close();
  }

  async #watch(): Promise<void> {
    let fault: string | undefined;
    for await (const status of this.#nats.status()) {
      if (status.type === "error") {
        fault = reason(status.error);
        if (/permission/i.test(fault)) this.onChange(fault);
      }
      if (status.type === "staleConnection") fault = "it does not answer";
      if (status.type === "disconnect") this.#become(false, fault ?? "the connection was closed");
      if (status.type === "reconnect") this.#become(true, fault = undefined);
    }
    this.#become(false, "the connection was closed");
  }

  #become(connected: boolean, reason?: string): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.onChange(reason);
  }
}

/** Why there is no connection, in fewer words than the client's. */
function why(error: unknown): string {
  const { message, cause } = error as Error;
  const text = message || (cause instanceof Error ? cause.message : "") || String(error);
  if (/authorization violation|authentication/i.test(text)) return "it refuses this user";
  if (/reset|closed|disconnected|EPIPE/i.test(text)) {
    return "it closed the connection, as it does when it refuses a user";
  }
  if (/timeout/i.test(text)) return `no answer within ${DIAL_TIMEOUT / 1000} s`;
  return reason(new Error(text));
}
