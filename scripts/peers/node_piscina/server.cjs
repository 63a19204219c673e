// Node's answer to the same job: node:net, and a Piscina pool that runs one task per line.
// node server.cjs PORT WORKERS echo|cpu
const { createServer } = require("node:net");
const { resolve } = require("node:path");
const { Piscina } = require("piscina");

const [port, workers, job] = process.argv.slice(2);
const pool = new Piscina({
  filename: resolve(__dirname, "worker.cjs"),
  name: job,
  minThreads: Number(workers),
  maxThreads: Number(workers),
  // Piscina hands a thread one task at a time unless told otherwise, which costs a round trip per
  // line. Its manual has more for tasks that await something; with these a long one holds up 63.
  concurrentTasksPerWorker: 64,
});

/** One connection: frames lines, and writes the replies in the order of the lines. */
class Connection {
  #socket;
  #rest = "";
  #slots = []; // a slot per line under way, in the order of the lines
  #ended = false;
  #flushing = false;

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("utf8");
    socket.on("data", (text) => this.#onData(text));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => socket.resume());
    socket.on("error", () => socket.destroy());
  }

  #onData(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop();
    for (const line of lines) this.#submit(line);
  }

  #onEnd() {
    if (this.#rest !== "") this.#submit(this.#rest); // an unterminated last line counts
    this.#ended = true;
    this.#flush();
  }

  #submit(line) {
    const slot = { reply: undefined };
    this.#slots.push(slot);
    pool.run(line).then(
      (reply) => this.#settle(slot, reply),
      (error) => this.#settle(slot, `ERR ${error.message}`),
    );
  }

  #settle(slot, reply) {
    slot.reply = reply;
    if (this.#flushing) return;
    this.#flushing = true; // one write for all the replies of one turn of the event loop
    process.nextTick(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush() {
    const ready = this.#slots.findIndex((slot) => slot.reply === undefined);
    const done = this.#slots.splice(0, ready === -1 ? this.#slots.length : ready);
    if (done.length > 0) {
      const text = done.map((slot) => slot.reply + "\n").join("");
      if (!this.#socket.write(text)) this.#socket.pause();
    }
    if (this.#ended && this.#slots.length === 0) this.#socket.end();
  }
}

const server = createServer({ allowHalfOpen: true }, (socket) => new Connection(socket));
server.listen({ host: "127.0.0.1", port: Number(port), backlog: 1024 }, () => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
