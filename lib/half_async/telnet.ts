/**
 * Telnet's commands (RFC 854, 855), taken out of what a client sends. A line server needs none of them and
 * agrees to no option; the text that the user typed is left. An `AYT` gets no answer: it would be a line that
 * nobody asked for.
 */

/** The byte that opens a command; in text it is doubled. */
const IAC = 255;

/** The commands that matter, and the lowest one. */
const [EOF, SUSP, ABORT, DM, BRK, IP, AO, AYT] = [236, 237, 238, 242, 243, 244, 245, 246];
const [SB, WILL, WONT, DO, DONT] = [250, 251, 252, 253, 254];
const FIRST_COMMAND = EOF;

/**
 * After these commands clients send a Synch, `IAC DM`, with one of the two bytes as urgent data. That byte
 * does not come with the others: Linux keeps it apart, and Deno cannot ask for it. PuTTY's is the `DM`,
 * inetutils' the `IAC`.
 */
const INTERRUPTS: ReadonlySet<number> = new Set([EOF, SUSP, ABORT, BRK, IP, AO, AYT]);

/** The option of RFC 860: after an interrupt, a client shows nothing until this is answered. */
const TIMING_MARK = 6;

/**
 * Most bytes of a subnegotiation. None should come, as no option is agreed to; a higher limit would let a
 * client send for long without a line.
 */
const MAX_SUBNEGOTIATION = 4096;

const CR = 13;

/** What the next byte follows. */
type Place =
  | "in text"
  | "behind IAC"
  /** Behind two of them after an interrupt. */
  | "behind IAC IAC"
  /** Behind `WILL`, `WONT`, `DO` or `DONT`. */
  | "at option"
  | "in subnegotiation"
  | "behind its IAC";

const NOTHING: readonly number[] = [];

/** Takes the commands out of one stream, however it is cut into chunks. */
export class TelnetDecoder {
  readonly #refuse: (refusal: readonly number[]) => void;
  readonly #refused = new Set<number>();
  #place: Place = "in text";
  #command = 0;
  /** Bytes of the subnegotiation so far. */
  #length = 0;
  #afterCr = false;
  /** An interrupt has come; neither a `DM` nor text has followed yet. */
  #interrupted = false;

  /**
   * @param refuse Called with a command for the client: `WONT` and `DONT` once for each option, or two sides
   * that refuse could go on for ever; `WONT TIMING-MARK` each time
   */
  constructor(refuse: (refusal: readonly number[]) => void) {
    this.#refuse = refuse;
  }

  /** Bytes of earlier chunks that may turn out to be text: leave as many free in front of the next chunk. */
  get held(): 0 | 1 {
    return this.#place === "behind IAC IAC" ? 1 : 0;
  }

  /**
   * Takes the next chunk, `bytes` from `start` up to `end`, and moves its text to the beginning of `bytes`.
   *
   * @returns the length of the text
   * @throws {Error} if a subnegotiation does not end
   */
  decode(bytes: Uint8Array, start: number, end: number): number {
    if (this.#place === "in text" && !this.#interrupted && isPlain(bytes.subarray(start, end))) {
      if (end > start) this.#afterCr = bytes[end - 1] === CR;
      if (start > 0) bytes.copyWithin(0, start, end);
      return end - start;
    }
    let length = 0;
    const keep = (byte: number) => {
      this.#interrupted = false;
      const filler = byte === 0 && this.#afterCr; // CR NUL is a CR alone
      this.#afterCr = byte === CR;
      if (!filler) bytes[length++] = byte;
    };
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (this.#interrupted && byte === DM && this.#place === "in text") this.#interrupted = false;
      else if (byte !== IAC && this.#place === "in text") keep(byte);
      else this.#take(byte).forEach(keep);
    }
    return length;
  }

  /** Takes a byte of a command. @returns its text, if it has any */
  #take(byte: number): readonly number[] {
    const place = this.#place;
    this.#place = "in text";
    switch (place) {
      case "in text":
        this.#place = "behind IAC";
        return NOTHING;
      case "behind IAC":
        return this.#takeCommand(byte);
      case "behind IAC IAC":
        // The first may be a Synch without its `DM`; then the second starts a command.
        if (byte >= FIRST_COMMAND && byte !== IAC) return this.#takeCommand(byte);
        if (byte !== IAC) return [IAC, byte];
        this.#place = "behind IAC";
        return [IAC];
      case "at option":
        this.#answer(byte);
        return NOTHING;
      case "in subnegotiation":
        this.#place = byte === IAC ? "behind its IAC" : "in subnegotiation";
        if (++this.#length <= MAX_SUBNEGOTIATION) return NOTHING;
        throw new Error(`it sent a Telnet subnegotiation longer than ${MAX_SUBNEGOTIATION} bytes`);
      case "behind its IAC":
        // `SE` ends it; so does any other command, for a client that has forgotten the `SE`.
        if (byte >= FIRST_COMMAND && byte !== IAC) return this.#takeCommand(byte);
        this.#place = "in subnegotiation";
        return NOTHING;
    }
  }

  /** Takes the byte behind an `IAC`. @returns its text, if it has any */
  #takeCommand(byte: number): readonly number[] {
    if (byte === IAC && this.#interrupted) {
      this.#place = "behind IAC IAC";
      return NOTHING;
    }
    // No command: text, or what follows a Synch without its `DM`.
    if (byte === IAC || byte < FIRST_COMMAND) return [byte];
    if (byte === DM) this.#interrupted = false;
    if (INTERRUPTS.has(byte)) this.#interrupted = true;
    if (byte >= WILL) this.#place = "at option";
    if (byte === SB) this.#place = "in subnegotiation";
    this.#length = 0;
    this.#command = byte;
    return NOTHING;
  }

  #answer(option: number): void {
    if (this.#command === WONT || this.#command === DONT) return;
    const answer = this.#command === DO ? WONT : DONT;
    const key = answer << 8 | option;
    if (this.#refused.has(key) && !(answer === WONT && option === TIMING_MARK)) return;
    this.#refused.add(key);
    this.#refuse([IAC, answer, option]);
  }
}

/** Whether a chunk holds neither commands nor fillers, as most do: to look costs a quarter of decoding. */
function isPlain(chunk: Uint8Array): boolean {
  return !chunk.includes(IAC) && !chunk.includes(0);
}

/** Bytes as a Telnet client reads them: 255 is doubled. @returns the same ones where there is none */
export function escapeTelnet(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (let at = bytes.indexOf(IAC); at >= 0; at = bytes.indexOf(IAC, at + 1)) count++;
  if (count === 0) return bytes;
  const escaped = new Uint8Array(bytes.length + count);
  let length = 0;
  for (const byte of bytes) {
    escaped[length++] = byte;
    if (byte === IAC) escaped[length++] = IAC;
  }
  return escaped;
}
