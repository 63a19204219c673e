/** The live page hammered: it has a worker of its own, and the lines must keep their share of the machine. */

import type { FaultServer } from "../tools/fault_server.ts";
import { ask, type Place } from "../tools/raw_http.ts";
import type { Attack } from "./attack.ts";
import { pause } from "../tools/pause.ts";

const CLIENTS = 64;
const SECONDS = 4;

export const PAGE_ATTACKS: Attack[] = ["/metrics", "/", "/events"].map((path) => ({
  name: `page-${path.slice(1) || "itself"}`,
  title: `${CLIENTS} clients ask for ${path} of the live page for ${SECONDS} s`,
  args: ["--web", "0"],
  memory: 256,
  async run(server) {
    const place = pageOf(server);
    const stop = new AbortController();
    const clients = Array.from({ length: CLIENTS }, () => hammer(place, path, stop.signal));
    await pause(SECONDS * 1000);
    stop.abort();
    const answers = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
    return [{ what: "answers", value: answers, unit: "", atLeast: CLIENTS }];
  },
}));

/** Where a server shows itself, as its log says. */
function pageOf(server: FaultServer): Place {
  const event = server.log.find(({ type }) => type === "web_listening");
  return { hostname: "127.0.0.1", port: Number(new URL(String(event?.url)).port) };
}

/** Asks as fast as it is answered; a stream is read for a moment. @returns the number of answers */
async function hammer(place: Place, path: string, signal: AbortSignal): Promise<number> {
  let answers = 0;
  while (!signal.aborted) {
    if (path === "/events") await openStream(place);
    else await ask(place, `GET ${path}`);
    answers++;
  }
  return answers;
}

async function openStream({ hostname, port }: Place): Promise<void> {
  const { body } = await fetch(`http://${hostname}:${port}/events`);
  const reader = body!.getReader();
  await reader.read();
  await reader.cancel();
}
