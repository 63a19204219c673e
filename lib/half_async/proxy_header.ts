/**
 * The PROXY header, versions 1 and 2, of HAProxy's proxy-protocol.txt: a proxy sends it first to say whose
 * connection it forwards. Only its syntax is here; nothing is read or waited for.
 */

import { Buffer } from "node:buffer";

/** A complete header. */
export interface ProxyHeader {
  /** Its length in bytes; what follows belongs to the stream. */
  length: number;
  /** The client that it names; none if the proxy speaks for itself or does not know. */
  client: Deno.Addr | undefined;
}

/** What is wrong with a header, in words that follow "it": the peer. Holds nothing that the peer sent. */
export class ProxyHeaderError extends Error {
  override readonly name = "ProxyHeaderError";
}

/** Longest header that is taken, in bytes: the specification wants a receiver to take as much. */
export const MAX_PROXY_HEADER = 536;

/** Bytes of the longest header of version 1, by the specification. */
const MAX_V1 = 107;

const BEGIN_V1 = "PROXY ";
const BEGIN_V2 = "\r\n\r\n\0\r\nQUIT\n";

/** Bytes of a version 2 header in front of its addresses. */
const FIXED_V2 = 16;

/** By the fourteenth byte of version 2: bytes of the two addresses, and how to read the first. */
const FAMILIES: Readonly<Record<number, { size: number; client: (block: Buffer) => Deno.Addr }>> = {
  0x11: { size: 12, client: (block) => netAddr("tcp", block, 4) },
  0x12: { size: 12, client: (block) => netAddr("udp", block, 4) },
  0x21: { size: 36, client: (block) => netAddr("tcp", block, 16) },
  0x22: { size: 36, client: (block) => netAddr("udp", block, 16) },
  0x31: { size: 216, client: (block) => ({ transport: "unix", path: pathOf(block) }) },
  0x32: { size: 216, client: (block) => ({ transport: "unixpacket", path: pathOf(block) }) },
};

/**
 * Reads a header from the first bytes of a stream, as far as they have come.
 *
 * @returns the header, or nothing while it is not complete
 * @throws {ProxyHeaderError} as soon as the bytes cannot become a header
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString("latin1", 0, MAX_PROXY_HEADER);
  if (mayBegin(text, BEGIN_V1)) return parseV1(text);
  if (mayBegin(text, BEGIN_V2)) return parseV2(buffer);
  throw new ProxyHeaderError("it sent no PROXY header");
}

/** Whether the text begins so, as far as it has come. */
function mayBegin(text: string, begin: string): boolean {
  return text.length < begin.length ? begin.startsWith(text) : text.startsWith(begin);
}

/** Version 1: a line of text. */
function parseV1(text: string): ProxyHeader | undefined {
  const length = text.indexOf("\n") + 1;
  if (length > MAX_V1 || (length === 0 && text.length >= MAX_V1)) {
    throw wrong(`is longer than the ${MAX_V1} bytes of version 1`);
  }
  if (length === 0) return undefined;
  if (text[length - 2] !== "\r") throw wrong("of version 1 does not end in CR LF");
  const [protocol, ...words] = text.slice(BEGIN_V1.length, length - 2).split(" ");
  if (protocol === "UNKNOWN") return { length, client: undefined }; // whatever else it says
  if (protocol !== "TCP4" && protocol !== "TCP6") {
    throw wrong("names neither TCP4, TCP6 nor UNKNOWN");
  }
  if (words.length !== 4) throw wrong("has not two addresses and two ports");
  const canonical = protocol === "TCP4" ? ipv4 : ipv6;
  const [hostname, destination] = words.slice(0, 2).map(canonical);
  if (hostname === undefined || destination === undefined) {
    throw wrong(`has an address that is none of ${protocol}`);
  }
  const [port] = words.slice(2).map(portOf);
  return { length, client: { transport: "tcp", hostname, port } };
}

/** Version 2: binary. */
function parseV2(buffer: Buffer): ProxyHeader | undefined {
  const [head, family] = buffer.subarray(BEGIN_V2.length);
  if (head === undefined) return undefined;
  if (head >> 4 !== 2) throw wrong("is of another version than 1 and 2");
  if ((head & 15) > 1) throw wrong("has a command other than LOCAL and PROXY");
  if (family === undefined) return undefined;
  const local = (head & 15) === 0;
  if (!local && (family >> 4 > 3 || (family & 15) > 2)) {
    throw wrong("has an unknown address family");
  }
  if (buffer.length < FIXED_V2) return undefined;
  const length = FIXED_V2 + buffer.readUInt16BE(FIXED_V2 - 2);
  if (length > MAX_PROXY_HEADER) throw wrong(`is longer than ${MAX_PROXY_HEADER} bytes`);
  // Undefined if the proxy speaks for itself, or forwards a protocol without a known address.
  const known = local ? undefined : FAMILIES[family];
  if (known !== undefined && length < FIXED_V2 + known.size) {
    throw wrong("has no room for its addresses");
  }
  if (buffer.length < length) return undefined;
  return { length, client: known?.client(buffer.subarray(FIXED_V2, length)) };
}

/** The first address of a block: two addresses, then two ports. */
function netAddr(transport: "tcp" | "udp", block: Buffer, size: 4 | 16): Deno.NetAddr {
  const port = block.readUInt16BE(2 * size);
  if (size === 4) return { transport, hostname: block.subarray(0, 4).join("."), port };
  const groups = Array.from({ length: 8 }, (_, at) => block.readUInt16BE(2 * at).toString(16));
  return { transport, hostname: ipv6(groups.join(":"))!, port };
}

/** The first of two Unix paths; empty for a socket that has none in the file system. */
function pathOf(block: Buffer): string {
  const path = block.subarray(0, 108);
  const end = path.indexOf(0);
  return path.toString("utf8", 0, end < 0 ? path.length : end);
}

function portOf(text: string): number {
  const port = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Infinity;
  if (port > 65535) throw wrong("has a port that is none");
  return port;
}

/** An IPv4 address as Deno writes it. */
function ipv4(text: string): string | undefined {
  const octets = text.split(".");
  const valid = octets.length === 4 &&
    octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256);
  return valid ? text : undefined;
}

/** An IPv6 address as Deno writes it, so that one client has one name. */
function ipv6(text: string): string | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const canonical = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  const mapped = canonical?.match(/^::ffff:([0-9a-f]+):([0-9a-f]+)$/)?.slice(1);
  if (mapped === undefined) return canonical;
  const [high, low] = mapped.map((group) => parseInt(group, 16));
  return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function wrong(what: string): ProxyHeaderError {
  return new ProxyHeaderError(`its PROXY header ${what}`);
}
