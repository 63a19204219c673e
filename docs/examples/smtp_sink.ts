// An SMTP server (RFC 5321) that takes mail for everybody, and puts each message into a file:
// deno run -A main.ts --port 2525 --handler docs/examples/smtp_sink.ts --allow-write=mail -- mail
import type { HandlerContext, Reply } from "../../lib/mod.ts";

/** The mail under way: what it has so far decides which command may come next. */
type Context = HandlerContext<{ from?: string; to: string[]; text?: string }>;

export const defaults = { order: "pinned", newline: "crlf", refuseHttp: true } as const;

export function open(context: Context): string {
  context.session = { to: [] };
  return "220 sink ESMTP";
}

export default function smtp(line: string, context: Context): Reply {
  const mail = context.session!;
  if (mail.text !== undefined) return receive(line, context);
  const [, verb, address] = /^(\w*)(?: (?:FROM|TO): ?<(.*?)>)?/i.exec(line)!;
  switch (verb.toUpperCase()) {
    case "EHLO":
      context.session = { to: [] };
      return ["250-sink", "250-PIPELINING", "250 8BITMIME"];
    case "HELO":
    case "RSET":
      context.session = { to: [] };
      return "250 OK";
    case "NOOP":
      return "250 OK";
    case "MAIL":
      if (mail.from !== undefined || address === undefined) return "503 wrong time or form";
      mail.from = address;
      return "250 OK";
    case "RCPT":
      if (mail.from === undefined || !address) return "503 wrong time or form";
      mail.to.push(address);
      return "250 OK";
    case "DATA":
      if (mail.to.length === 0) return "503 not now";
      mail.text = "";
      return "354 go on, up to a line with a dot alone";
    case "QUIT":
      context.end();
      return "221 good bye";
    default:
      return "502 not known here";
  }
}

/** Takes a line of the mail itself. If it began with a dot, the sender has doubled it: 4.5.2. */
function receive(line: string, context: Context): string | undefined {
  const mail = context.session!;
  if (line !== ".") {
    mail.text += `${line.replace(/^\./, "")}\r\n`;
    if (mail.text!.length < 10_000_000) return undefined;
    context.end();
    return "552 too long";
  }
  context.session = { to: [] };
  const [folder = "mail"] = context.args;
  Deno.mkdirSync(folder, { recursive: true });
  const head = `Return-Path: <${mail.from}>\r\nDelivered-To: ${mail.to.join(", ")}\r\n`;
  Deno.writeTextFileSync(`${folder}/${crypto.randomUUID()}.eml`, head + mail.text);
  return "250 kept";
}
