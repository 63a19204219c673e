// Step 3. Real work, done where the line is read.
import { accept, listen } from "./01_echo.ts";
import { lines, replies } from "./02_lines.ts";

/** The work: slow on purpose, and slower with each step; fib(40) takes about a second. */
const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2);

/** The service: a plain function from a line to its answer, which knows nothing of sockets. */
export function answer(line: string): string {
  return `fib(${line}) = ${fib(Number(line))}`;
}

/** The service handler: reads a line, waits for its answer, replies, and only then reads on. */
export async function serve(conn: Deno.Conn, work: (line: string) => string | Promise<string>) {
  const reply = replies(conn);
  for await (const line of lines(conn)) await reply(await work(line));
}

if (import.meta.main) accept(listen(7103), (conn) => serve(conn, answer));
