// A race of clients: `race.ts PORT LINE…` sends each line over a connection of its own, 50 ms after
// the one before, and prints the replies as they come.
import { lines } from "./02_lines.ts";

const [port, ...texts] = Deno.args;
const conns = await Promise.all(texts.map(() => Deno.connect({ port: Number(port) })))
  .catch((error) => {
    console.error(`cannot connect to port ${port}: ${error.message}`);
    Deno.exit(1);
  });

await Promise.all(conns.map(async (conn, index) => {
  await new Promise((later) => setTimeout(later, 50 * index));
  const sent = performance.now();
  await conn.write(new TextEncoder().encode(texts[index] + "\n"));
  const { value } = await lines(conn).next();
  const milliseconds = Math.round(performance.now() - sent);
  console.log(`client ${index + 1} waited ${milliseconds} ms for ${value}`);
  conn.close();
}));
