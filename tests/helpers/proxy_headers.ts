/** Test tool: PROXY headers, whole, broken and torn. */

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2 as a byte string. */
export function v2(command: number, family: number, block: string, length = block.length): string {
  const head = [command, family, length >> 8, length & 255];
  return SIGNATURE + String.fromCharCode(...head) + block;
}

/** The addresses of 1.2.3.4:77 and 5.6.7.8:99. */
const INET = "\x01\x02\x03\x04\x05\x06\x07\x08\0\x4d\0\x63";

/** The addresses of [2001:db8::1]:258 and [::1]:1. */
export const INET6 = `\x20\x01\x0d\xb8${"\0".repeat(11)}\x01${"\0".repeat(15)}\x01\x01\x02\0\x01`;

/** The addresses of two Unix sockets, the first of which has this path. */
export function unixBlock(path: string): string {
  return path.padEnd(108, "\0") + "/server".padEnd(108, "\0");
}

const NET = { transport: "tcp", hostname: "1.2.3.4", port: 77 } as const;
const NET6 = { transport: "tcp", hostname: "2001:db8::1", port: 258 } as const;

/** Whole headers, and the client that each names. */
export const WHOLE: [header: string, client: Deno.Addr | undefined][] = [
  ["PROXY TCP4 1.2.3.4 5.6.7.8 77 99\r\n", NET],
  ["PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n", { ...NET, port: 0 }],
  ["PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n", {
    transport: "tcp",
    hostname: "255.255.255.255",
    port: 65535,
  }],
  ["PROXY TCP6 2001:db8::1 ::1 258 1\r\n", NET6],
  ["PROXY TCP6 2001:0DB8:0000:0000:0000:0000:0000:0001 ::1 258 1\r\n", NET6],
  ["PROXY TCP6 ::ffff:1.2.3.4 ::1 77 1\r\n", { ...NET, hostname: "::ffff:1.2.3.4" }],
  ["PROXY TCP6 0:0:0:0:0:ffff:102:304 ::1 77 1\r\n", { ...NET, hostname: "::ffff:1.2.3.4" }],
  ["PROXY UNKNOWN\r\n", undefined],
  ["PROXY UNKNOWN ffff:f...f:ffff whatever\x00\xff 1\r\n", undefined],
  [`PROXY UNKNOWN ${"x".repeat(91)}\r\n`, undefined], // 107 bytes
  [v2(0x21, 0x11, INET), NET],
  [v2(0x21, 0x12, INET), { ...NET, transport: "udp" }],
  [v2(0x21, 0x21, INET6), NET6],
  [v2(0x21, 0x22, INET6), { ...NET6, transport: "udp" }],
  [v2(0x21, 0x21, "\0".repeat(10) + "\xff\xff\x01\x02\x03\x04" + "\0".repeat(16) + "\0\x4d\0\0"), {
    ...NET,
    hostname: "::ffff:1.2.3.4",
  }],
  [v2(0x21, 0x31, unixBlock("/run/a b\xc3\xbc")), { transport: "unix", path: "/run/a bü" }],
  [v2(0x21, 0x31, unixBlock("\0abstract")), { transport: "unix", path: "" }],
  [v2(0x21, 0x31, unixBlock("/".repeat(108))), { transport: "unix", path: "/".repeat(108) }],
  [v2(0x21, 0x32, unixBlock("/a")), { transport: "unixpacket", path: "/a" }],
  // Values behind the addresses: an ALPN, a checksum, and padding up to the longest header.
  [v2(0x21, 0x11, INET + "\x01\0\x02h2\x03\0\x04abcd"), NET],
  [v2(0x21, 0x11, INET + "\x04" + "\x01\xf9" + "\0".repeat(505)), NET], // 536 bytes
  // Nothing is said of the client: LOCAL, whatever else it says, and families of no kind.
  [v2(0x20, 0x00, ""), undefined],
  [v2(0x20, 0xff, ""), undefined],
  [v2(0x20, 0x11, INET), undefined],
  [v2(0x20, 0x11, "?"), undefined],
  [v2(0x21, 0x00, ""), undefined],
  [v2(0x21, 0x00, "values"), undefined],
  [v2(0x21, 0x01, ""), undefined],
  [v2(0x21, 0x10, INET), undefined],
];

/** Streams that do not begin with a header, each with what the refusal says of it. */
export const BROKEN: [stream: string, says: RegExp][] = [
  ...[
    "hello\n",
    "\n",
    "\r\nhello\n",
    "\r\n\r\n\r\n",
    "\0",
    "\xff",
    " PROXY TCP4 1.2.3.4 5.6.7.8 77 99\r\n",
    "proxy TCP4 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY\r\n",
    "PROXY\n",
    "PROXYTCP4 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY\tTCP4 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY2 TCP4",
    "P\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01",
    "\r\n\r\n\0\r\nQUIT\r\n",
    "\r\n\r\n\0\r\nquit\n\x21\x11\0\x0c",
  ].map((stream): [string, RegExp] => [stream, /^it sent no PROXY header$/]),
  ...[
    "PROXY \r\n",
    "PROXY  TCP4 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY TCP 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY TCP5 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY tcp4 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY UDP4 1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY unknown\r\n",
    "PROXY UNKNOWNS\r\n",
    "PROXY UNIX_STREAM /a /b\r\n",
    "PROXY\x20\0\r\n",
  ].map((stream): [string, RegExp] => [stream, /names neither TCP4, TCP6 nor UNKNOWN$/]),
  ...[
    "PROXY TCP4\r\n",
    "PROXY TCP4 1.2.3.4\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 77\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 77 99 \r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 77 99 1\r\n",
    "PROXY TCP4  1.2.3.4 5.6.7.8 77 99\r\n",
    "PROXY TCP4 1.2.3.4  5.6.7.8 77 99\r\n",
    "PROXY TCP4\t1.2.3.4\t5.6.7.8\t77\t99\r\n",
  ].map((
    stream,
  ): [string, RegExp] => [stream, /has not two addresses and two ports|names neither/]),
  ...[
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.04",
    "01.2.3.4",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "1.2.3.-4",
    "1.2.3.4/8",
    "0x1.2.3.4",
    "1.2.3.1e1",
    "16909060",
    "::1",
    "localhost",
    "",
    "1.2.3.4\0",
    "\xb9.2.3.4",
  ].flatMap((address): [string, RegExp][] => [
    [`PROXY TCP4 ${address} 5.6.7.8 77 99\r\n`, /has an address that is none of TCP4$/],
    [`PROXY TCP4 5.6.7.8 ${address} 77 99\r\n`, /has an address that is none of TCP4$/],
  ]),
  ...[
    "1.2.3.4",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:",
    "12345::",
    "::g",
    "[::1]",
    "::1%lo",
    "::1/64",
    "::1.2.3",
    "::1.2.3.256",
    "::ffff:01.2.3.4",
    "localhost",
    "",
  ].flatMap((address): [string, RegExp][] => [
    [`PROXY TCP6 ${address} ::1 77 99\r\n`, /has an address that is none of TCP6$/],
    [`PROXY TCP6 ::1 ${address} 77 99\r\n`, /has an address that is none of TCP6$/],
  ]),
  ...["65536", "99999", "100000", "-1", "+1", "01", "00", "1.0", "0x1", "1e1", "http", "", "\0"]
    .flatMap(
      (port): [string, RegExp][] => [
        [`PROXY TCP4 1.2.3.4 5.6.7.8 ${port} 99\r\n`, /has a port that is none$/],
        [`PROXY TCP4 1.2.3.4 5.6.7.8 77 ${port}\r\n`, /has a port that is none$/],
      ],
    ),
  ["PROXY TCP4 1.2.3.4 5.6.7.8 77 99\n", /does not end in CR LF$/],
  ["PROXY UNKNOWN\n", /does not end in CR LF$/],
  ["PROXY UNKNOWN x\ry\n", /does not end in CR LF$/],
  ["PROXY TCP4 1.2.3.4 5.6.7.8 77 99\r\r\n", /has a port that is none$/],
  ["PROXY TCP4 1.2.3.4 5.6.7.8 77 99\rhello\r\n", /has a port that is none$/],
  [`PROXY UNKNOWN ${"x".repeat(92)}\r\n`, /is longer than the 107 bytes of version 1$/],
  [`PROXY ${"x".repeat(101)}`, /is longer than the 107 bytes of version 1$/],
  [`PROXY ${"\r".repeat(101)}`, /is longer than the 107 bytes of version 1$/],
  [v2(0x11, 0x11, INET), /is of another version than 1 and 2$/],
  [v2(0x31, 0x11, INET), /is of another version than 1 and 2$/],
  [v2(0x01, 0x11, INET), /is of another version than 1 and 2$/],
  [v2(0xf0, 0x11, INET), /is of another version than 1 and 2$/],
  [v2(0x22, 0x11, INET), /has a command other than LOCAL and PROXY$/],
  [v2(0x2f, 0x11, INET), /has a command other than LOCAL and PROXY$/],
  [v2(0x21, 0x41, INET), /has an unknown address family$/],
  [v2(0x21, 0xf1, INET), /has an unknown address family$/],
  [v2(0x21, 0x13, INET), /has an unknown address family$/],
  [v2(0x21, 0x1f, INET), /has an unknown address family$/],
  [v2(0x21, 0x03, INET), /has an unknown address family$/],
  [v2(0x21, 0x11, ""), /has no room for its addresses$/],
  [v2(0x21, 0x11, INET.slice(1)), /has no room for its addresses$/],
  [v2(0x21, 0x21, INET), /has no room for its addresses$/],
  [v2(0x21, 0x21, INET6.slice(1)), /has no room for its addresses$/],
  [v2(0x21, 0x31, unixBlock("/a").slice(1)), /has no room for its addresses$/],
  [v2(0x21, 0x32, INET6), /has no room for its addresses$/],
  [v2(0x21, 0x11, INET, 521), /is longer than 536 bytes$/],
  [v2(0x21, 0x11, INET, 65535), /is longer than 536 bytes$/],
  [v2(0x20, 0x00, "", 521), /is longer than 536 bytes$/],
];

/** Headers that end too early: the client has half-closed within them. */
export const TORN: string[] = [
  "P",
  "PROXY",
  "PROXY TCP4 1.2.3.4 5.6.7.8 77 99",
  "PROXY TCP4 1.2.3.4 5.6.7.8 77 99\r",
  "\r",
  "\r\n",
  "\r\n\r\n\0\r\nQUIT\n",
  v2(0x21, 0x11, "").slice(0, 13),
  v2(0x21, 0x11, "").slice(0, 15),
  v2(0x21, 0x11, INET.slice(1), INET.length),
  v2(0x21, 0x11, INET, INET.length + 1),
];
