/** What each field of an event means, for the reference in docs/events.md. */

/** Meanings by the names of the fields. */
export const FIELDS: Readonly<Record<string, string>> = {
  abandoned: "workers given up that have not come back",
  addr: "where it listens: `transport`, with `hostname` and `port`, or `path`",
  bytes: "bytes thrown away",
  certificate: "`kept`: the TLS certificate stays as it was",
  connections: "open connections",
  counters: "since the start: lines `accepted`, `answered`, `failed` and `gone`; `connections`, " +
    "`refused`; bytes `discarded`; workers `replaced`, `abandoned`",
  duration: "seconds from the connection's acceptance to its end",
  failed: "lines of the connection that were answered by `ERR`",
  file: "the access log's path; absent: the log itself",
  fronts: "servers that the worker machine works for",
  gone: "lines of the connection whose reply was given up with it",
  handler: "the built-in handler's name, or the address of its file",
  kind: "the class of the error",
  limit: "the limit that was passed: connections, bytes or workers; of a heap, MiB",
  lines: "lines taken from the connection; of a worker machine, lines that it has",
  message: "what the error says; may quote a line",
  node: "the worker machine, by the name that it has given itself",
  option: "the option whose limit was passed, by its name in the library",
  peer: "the client's address and port; of several clients, the last one's",
  permission: "what Deno refused, in its own words; may name a file",
  place: "file, line and column in the handler, if the error came from there",
  process: "the number of the process, 1…N; with `--processes` each line of the log has it",
  processes: "how many processes there are, with `--processes`",
  program: "the program of `exec`, as it was named",
  ran: "lines that the worker machine has run",
  reason: "why, in a sentence; of `connection_closed` one of [these](operations.md#the-access-log)",
  received: "bytes that came, without those of TLS",
  replaced: "workers replaced",
  retrySeconds: "seconds until the next try",
  seconds: "the timeout that ran out",
  sent: "bytes handed to the system for the client",
  service: "the name by which servers and their worker machines find each other",
  stack: "the error's stack trace",
  text: "what the program wrote: one line of its standard error, cut if it is long",
  times:
    "how often, since the last event of this kind; absent: once. Of `counters`: how long lines " +
    "took, in seconds, as `p50`, `p99` and `max` of `wait` (until a worker began), `job` (the " +
    "handler's own time) and `line` (until the reply was handed to the connection)",
  unanswered:
    "lines accepted and not answered: of this connection, with those whose reply waits for an earlier one; " +
    "or of all connections, without those, as the queue's limit counts them",
  use: "`end`: `context.end()` was called; `session`: `context.session` was set",
  unsaid: "lines of the program left out before this one, because there were too many",
  url: "the live page's address",
  worker: "a worker's ID, 1…N",
  workers: "how many workers there are, in each process",
};
