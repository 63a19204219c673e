/** `connect` of the library against a server of another make: Python's, where there is one. */

import { assertEquals, assertRejects } from "@std/assert";
import { connect, ConnectionLostError, ReplyError, TimeoutError } from "../lib/mod.ts";
import { again } from "./helpers/again.ts";
import { Log } from "./helpers/program.ts";

/** Does with each connection what its first line says, and echoes the others. */
const SERVER = `
import socket, socketserver, struct, time
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 python\\r\\n")
        for line in self.rfile:
            word = line.strip()
            if word == b"bytes":
                for at in range(len(line)):
                    self.wfile.write(line[at:at + 1]); self.wfile.flush()
            elif word == b"cut":
                self.wfile.write(b"half a rep"); return
            elif word == b"reset":
                linger = struct.pack("ii", 1, 0)
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.request.close(); return
            elif word == b"silence":
                time.sleep(1000)
            elif word == b"error":
                self.wfile.write(b"ERR out of order\\r\\n")
            else:
                self.wfile.write(line.strip(b"\\n") + b"\\r\\n")
    def finish(self):
        try: super().finish()
        except OSError: pass
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    def handle_error(self, *_): pass
with Server(("127.0.0.1", 0), Handler) as server:
    print("port", server.server_address[1], flush=True)
    server.serve_forever()
`;

function isThere(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

const options = { ignore: !isThere("python3") };

Deno.test(
  "connect works with a server in Python, and tells each of its ends apart",
  options,
  async () => {
    const child = new Deno.Command("python3", { args: ["-c", SERVER], stdout: "piped" }).spawn();
    const log = new Log(child.stdout);
    try {
      const port = Number((await log.waitFor(/port (\d+)\n/))[1]);
      const open = (timeout = 600) => connect({ port, greeting: 1, timeout });
      {
        await using client = await open();
        assertEquals(client.greeting, ["220 python"]);
        assertEquals(await client.ask("bytes"), "bytes");
        await assertRejects(() => client.ask("error"), ReplyError, "out of order");
        const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i} é\udcff`);
        const replies: string[] = [];
        for await (const reply of client.askAll(lines)) replies.push(reply);
        assertEquals(replies, lines);
        assertEquals(await Promise.all(lines.map((line) => client.ask(line))), lines);
      }
      for (const [line, kind] of [["cut", ConnectionLostError], ["reset", ConnectionLostError]]) {
        await using client = await open();
        const asked = client.ask("before");
        const lost = client.ask(line as string);
        assertEquals(await asked, "before");
        await assertRejects(() => lost, kind as typeof ConnectionLostError);
      }
      await again(async () => {
        await using silent = await open(0.5); // a pause may take as long
        await assertRejects(() => silent.ask("silence"), TimeoutError);
      });
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await log.end;
    }
  },
);
