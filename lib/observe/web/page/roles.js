/** What each box of the picture is in the pattern, in POSA2's words, and where it is in the source. */

import { byId, element, write } from "./dom.js";

const ROLES = {
  "half-async": {
    name: "Asynchronous service layer",
    is: "The half of Half-Sync/Half-Async that never blocks: one thread, the main isolate.",
    text:
      "It accepts connections, reads bytes, cuts them into lines, and writes replies. Whoever " +
      "waits in it lets all clients wait, so nothing in it does. Only this half touches sockets.",
    files: ["lib/half_async/"],
    never: "know of workers",
  },
  acceptor: {
    name: "Acceptor",
    is:
      "Of the Acceptor-Connector pattern: keeps how a connection is made apart from how it is served.",
    text:
      "It takes the next connection from the listening socket and makes a service handler for " +
      "it. A client that is gone again, or a system without descriptors, does not end it.",
    files: ["lib/half_async/acceptor.ts", "lib/half_async/listener.ts"],
    never: "end because of a client",
  },
  reactor: {
    name: "Reactor",
    is: "Waits for all sockets at once in one thread, and calls the handler of each that is ready.",
    text: "Here it is Deno's event loop, over epoll, kqueue or I/O completion ports. Its event " +
      "handlers are what continues after an await.",
    files: ["lib/server.ts", "lib/half_async/intake.ts"],
    never: "block",
  },
  "service-handler": {
    name: "Service handler",
    is: "One object for each connection: it makes lines of bytes, and jobs of lines.",
    text: "Lines that end in one chunk are passed on together. A line that is too long gets an " +
      "error reply in its place, and when the queue is full the connection is not read from.",
    files: ["lib/half_async/connection.ts", "lib/half_async/line_framer.ts"],
    never: "run a job",
  },
  queueing: {
    name: "Queueing layer",
    is: "All that the two halves share: a bounded queue, fair to every connection.",
    text: "Lines wait here until a worker takes them. Connections take turns by what their jobs " +
      "cost. At the bound, reading stops: the client feels it, and memory does not grow.",
    files: ["lib/queueing/job_queue.ts", "lib/queueing/dispatcher.ts"],
    never: "grow without bound",
  },
  "half-sync": {
    name: "Synchronous service layer",
    is: "The half that may block: a fixed set of threads, each of which runs one job at a time.",
    text: "Each is a Web Worker that runs your handler, plain sequential code without locks. One " +
      "that hangs or dies is replaced under its number; its line gets an error reply.",
    files: ["lib/half_sync/"],
    never: "touch a socket",
  },
  order: {
    name: "Replies in order",
    is:
      "Part of the asynchronous layer: jobs of a connection end in any order, its replies do not.",
    text: "With --order request a reply that comes early is held until those of the lines before " +
      "it have come. With completion none is held; serial and pinned let no job overtake another.",
    files: ["lib/half_async/reply_order.ts"],
    never: "grow without bound",
  },
  writer: {
    name: "Wrapper Facade of a socket",
    is: "Puts the system's calls behind a small class that is safer and easier to use.",
    text: "Replies of one turn of the event loop leave in one write. A client that does not read " +
      "its replies stops its own connection, and no worker.",
    files: ["lib/half_async/output.ts"],
    never: "decide anything",
  },
};

/** Lets each button that names a role explain it. */
export function explainRoles() {
  const dialog = byId("role");
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop, where closedby is not known
  });
  for (const button of document.querySelectorAll("button[data-role]")) {
    const { name, is, text, files, never } = ROLES[button.dataset.role];
    button.title = name;
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => {
      write("role-name", name);
      write("role-is", is);
      write("role-text", text);
      byId("role-facts").replaceChildren(
        element("dt", {}, "Source"),
        element("dd", {}, ...files.map((file) => element("code", {}, file))),
        element("dt", {}, "May never"),
        element("dd", {}, never),
      );
      dialog.showModal();
    });
  }
}
