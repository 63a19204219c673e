/** The role of each box of the picture in the pattern, in POSA2's words, and its place in the source. */

import { byId, element, write } from "./dom.js";

const ROLES = {
  "half-async": {
    name: "Asynchronous service layer",
    is: "The half of Half-Sync/Half-Async that never blocks: one thread, the main isolate.",
    text:
      "It accepts connections, reads bytes, cuts them into lines, and writes replies. If anything " +
      "in it waited, all clients would wait. Only this half touches sockets.",
    files: ["lib/half_async/"],
    never: "know of workers",
  },
  acceptor: {
    name: "Acceptor",
    is:
      "From the Acceptor-Connector pattern: separates how a connection is made from how it is served.",
    text:
      "It takes the next connection from the listening socket and makes a service handler for " +
      "it. It goes on if a client has left already, or the system has no descriptors.",
    files: ["lib/half_async/acceptor.ts", "lib/half_async/listener.ts"],
    never: "end because of a client",
  },
  reactor: {
    name: "Reactor",
    is: "Waits for all sockets at once in one thread, and calls the handler of each that is ready.",
    text: "Here it is Deno's event loop, over epoll, kqueue or I/O completion ports. The code " +
      "behind an await is an event handler.",
    files: ["lib/line_server.ts", "lib/half_async/intake.ts"],
    never: "block",
  },
  "service-handler": {
    name: "Service handler",
    is: "One object for each connection: it turns bytes into lines, and lines into jobs.",
    text: "Lines that end in one chunk are passed on together. A line that is too long gets an " +
      "error reply in its place. When the queue is full, the connection is not read from.",
    files: ["lib/half_async/connection.ts", "lib/half_async/line_framer.ts"],
    never: "run a job",
  },
  queueing: {
    name: "Queueing layer",
    is: "All that the two halves share: a bounded queue, fair to every connection.",
    text: "Lines wait here until a worker takes them. Connections take turns by what their jobs " +
      "cost. When it is full, reading stops: clients slow down, and memory does not grow.",
    files: ["lib/queueing/job_queue.ts", "lib/queueing/dispatcher.ts"],
    never: "grow without bound",
  },
  "half-sync": {
    name: "Synchronous service layer",
    is: "The half that may block: a fixed set of threads that each run one job at a time.",
    text: "Each is a Web Worker that runs your handler, plain sequential code without locks. If " +
      "it hangs or dies, its line gets an error reply, and a new worker takes its number.",
    files: ["lib/half_sync/"],
    never: "touch a socket",
  },
  order: {
    name: "Replies in order",
    is:
      "Part of the asynchronous layer: a connection's jobs end in any order, its replies leave in one.",
    text: "With --order request, an early reply is held until the replies before it have come. " +
      "With completion, none is held. With serial and pinned, no job overtakes another.",
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

/** Has each button that names a role open its explanation. */
export function explainRoles() {
  const dialog = byId("role");
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // a click beside it, for browsers without closedby
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
