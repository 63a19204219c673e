// Handler for scripts/measure: `hang` never ends, `fill` takes memory until there is none, `ask
// PORT LINE` asks another line of the server on that port, its own say, and waits for the answer.
const kept: unknown[] = [];

export default async (line: string): Promise<string> => {
  const [word, port, ...rest] = line.split(" ");
  while (word === "hang");
  while (word === "fill") kept.push(new Array(100_000).fill(kept.length));
  return word === "ask" ? await ask(Number(port), rest.join(" ")) : line;
};

async function ask(port: number, line: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(`${line}\n`));
  const reply = new Uint8Array(1024);
  const length = await conn.read(reply);
  return new TextDecoder().decode(reply.subarray(0, length ?? 0)).trim();
}
