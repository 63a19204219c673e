/**
 * Test tool: a Postfix of its own, without the system's configuration and queue. It takes mail for
 * mail.example on one port, and asks and delivers on others of the loopback device.
 */

import { TemporaryFolder } from "../../scripts/tools/files.ts";
import { RealProgram } from "./real_program.ts";

const DAEMONS = "/usr/lib/postfix/sbin";

/** Folders of its queue. */
const QUEUE =
  "active bounce corrupt defer deferred flush hold incoming maildrop pid private public " +
  "saved trace";

/** Ports of the services that it uses. */
export interface PostfixServices {
  /** A policy service, asked for each recipient. */
  policy: number;
  /** A table of aliases. */
  table: number;
  /** The server that all mail goes to. */
  relay: number;
}

/** A running Postfix. */
export class Postfix implements AsyncDisposable {
  /** What a test of it needs: it starts as root, and works as the user of Debian's package. */
  static readonly PROGRAMS: readonly string[] = [
    "setsid",
    `${DAEMONS}/master`,
    ...(Deno.uid() === 0 ? [] : ["right of root"]),
  ];
  readonly #folder: TemporaryFolder;
  readonly #program: RealProgram;

  private constructor(folder: TemporaryFolder, program: RealProgram) {
    this.#folder = folder;
    this.#program = program;
  }

  /** Starts it, and waits until it listens. */
  static async start(port: number, services: PostfixServices): Promise<Postfix> {
    const folder = new TemporaryFolder();
    try {
      makeFolders(folder);
      Deno.writeTextFileSync(folder.file("main.cf"), mainConfiguration(folder.path, services));
      Deno.writeTextFileSync(folder.file("master.cf"), masterConfiguration(port));
      // At its end it signals its process group, which must not be that of the tests.
      const args = [`${DAEMONS}/master`, "-c", folder.path, "-d"];
      return new Postfix(folder, await RealProgram.start("setsid", { args }, port));
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  /** Its log. */
  get output(): string {
    return this.#program.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

function makeFolders(folder: TemporaryFolder): void {
  const passwd = Deno.readTextFileSync("/etc/passwd");
  const [, uid, gid] = passwd.match(/^postfix:[^:]*:(\d+):(\d+):/m)!.map(Number);
  Deno.chmodSync(folder.path, 0o755);
  for (const name of ["data", "queue", ...QUEUE.split(" ").map((each) => `queue/${each}`)]) {
    Deno.mkdirSync(folder.file(name));
    const isOfRoot = name === "queue" || name === "queue/pid";
    if (!isOfRoot) Deno.chownSync(folder.file(name), uid, gid);
  }
}

function mainConfiguration(path: string, { policy, table, relay }: PostfixServices): string {
  return `
compatibility_level = 3.6
queue_directory = ${path}/queue
data_directory = ${path}/data
command_directory = /usr/sbin
daemon_directory = ${DAEMONS}
maillog_file = /dev/stdout
myhostname = mail.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_tls_security_level = none
smtpd_recipient_restrictions =
  check_policy_service inet:127.0.0.1:${policy}, permit_mynetworks, reject
virtual_alias_domains = mail.example
virtual_alias_maps = tcp:127.0.0.1:${table}
relayhost = [127.0.0.1]:${relay}
smtp_host_lookup = native
`;
}

function masterConfiguration(port: number): string {
  return `
127.0.0.1:${port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
`;
}
