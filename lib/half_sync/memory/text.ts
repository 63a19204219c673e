/**
 * The lossless way between bytes and text, used by the workers before and behind a handler.
 *
 * Lines travel as "byte strings", one code unit per byte. A handler sees them as UTF-8 text. There, each byte
 * that is not valid UTF-8 stands as a lone surrogate U+DC80…U+DCFF, as in Python's `surrogateescape` (PEP
 * 383), and turns into that byte again in the reply.
 */

import { Buffer } from "node:buffer";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
let scratch = new Uint8Array(64 * 1024);

/** Whether the byte string holds ASCII only, and so is its own text. */
function isAscii(bytes: string): boolean {
  // A regular expression takes 25 times as long.
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

/**
 * As {@linkcode decode}, of any bytes, in one pass: to call the decoder for each valid stretch takes seven
 * times as long.
 */
function decodeEscaped(raw: Uint8Array): string {
  const units = new Uint16Array(raw.length); // no sequence has more units than bytes
  let end = 0;
  for (let at = 0; at < raw.length;) {
    const length = sequenceLength(raw, at);
    if (length === 0) {
      units[end++] = 0xdc00 + raw[at++];
      continue;
    }
    let point = raw[at] & 0xff >> length;
    for (const next = at++ + length; at < next; at++) point = point << 6 | raw[at] & 0x3f;
    if (point > 0xffff) {
      units[end++] = 0xd7c0 + (point >> 10);
      point = 0xdc00 | point & 0x3ff;
    }
    units[end++] = point;
  }
  return Buffer.from(units.buffer, 0, 2 * end).toString("utf16le");
}

/**
 * As {@linkcode encode}, of any text, in one pass: to cut it up by a regular expression and encode each part
 * takes 45 times as long.
 */
function encodeEscaped(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    let point = text.codePointAt(at)!;
    if (point >= 0xdc80 && point <= 0xdcff) {
      bytes[end++] = point - 0xdc00;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd; // as TextEncoder does
    if (point < 0x80) {
      bytes[end++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[end++] = 0xc0 | point >> 6;
    } else {
      if (point < 0x10000) {
        bytes[end++] = 0xe0 | point >> 12;
      } else {
        bytes[end++] = 0xf0 | point >> 18;
        bytes[end++] = 0x80 | point >> 12 & 0x3f;
        at++; // a pair
      }
      bytes[end++] = 0x80 | point >> 6 & 0x3f;
    }
    bytes[end++] = 0x80 | point & 0x3f;
  }
  return bytes.slice(0, end); // a copy: a view may be posted, and all of its memory with it
}
