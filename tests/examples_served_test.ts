/** The handlers of docs/examples behind the server: the bytes that a client sends, and those that come. */

import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { exchangeText, LineClient } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { ExampleServer } from "./helpers/example_server.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { LONG } from "./helpers/long.ts";

/** A conversation with an example that needs no argument. */
interface Talk {
  name: string;
  sent: string;
  received: RegExp;
}

const REQUEST = '{"jsonrpc":"2.0","method":"sum","params":[1,2],"id":7}';
const RESULT = String.raw`\{"jsonrpc":"2\.0","result":3,"id":7\}`;

const TALKS: readonly Talk[] = [
  {
    name: "jsonrpc.ts",
    sent: `${REQUEST}\n{"jsonrpc":"2.0","method":"sum"}\n[${REQUEST},${REQUEST}]\n`,
    received: new RegExp(`^${RESULT}\n\\[${RESULT},${RESULT}\\]\n$`),
  },
  {
    name: "whois.ts",
    sent: "coffee.example\r\ntea.example\r\n",
    received: /^Domain: coffee\.example\r\nOwner: Signora Moka\r\nStatus: strong\r\n$/,
  },
  {
    name: "finger.ts",
    sent: "/W ada\r\n",
    received: /^Login: ada +Name: Ada Lovelace\r\nPlan:\r\nBernoulli numbers, by engine\.\r\n$/,
  },
  { name: "agent_check.ts", sent: "", received: /^up \d+%\n$/ },
  {
    name: "login.ts",
    sent: "ada\r\nmoth\r\nada\r\nengine\r\nwho\r\nquit\r\nwho\r\n",
    received:
      /^Who are you\?\r\nPassword\?\r\nThat.*Who are you\?\r\nPassword\?\r\nWelcome, ada\.\r\nada\r\nGoodbye\.\r\n$/,
  },
  {
    name: "postfix_policy.ts",
    sent: "request=smtpd_access_policy\nsender=a@b.example\n\nsender=c@d.example\n\n",
    received: /^action=DUNNO\n\naction=DUNNO\n\n$/,
  },
  {
    name: "smtp_sink.ts",
    sent: "EHLO me\r\nRCPT TO:<a@b>\r\nQUIT\r\nNOOP\r\n",
    received: /^220 .*\r\n250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n503 .*\r\n221 .*\r\n$/,
  },
];

for (const { name, sent, received } of TALKS) {
  Deno.test(`${name} speaks its protocol behind the server`, LONG, async () => {
    await using server = await ExampleServer.start(name);
    assertMatch(await exchangeText(server.addr, sent), received);
  });
}

Deno.test("login.ts keeps apart who is in, connection by connection", LONG, async () => {
  await using server = await ExampleServer.start("login.ts");
  const names = ["ada", "grace", "ada", "grace"];
  const words = new Map([["ada", "engine"], ["grace", "moth"]]);
  const clients = await Promise.all(names.map(() => LineClient.connect(server.addr)));
  await Promise.all(clients.map(async (client, index) => {
    using _ = client;
    await client.send(`${names[index]}\n`);
    await client.send(`${words.get(names[index])}\nwho\n`);
    const replies = (await client.replies(4)).map((reply) => reply.trimEnd());
    assertEquals(replies.slice(2), [`Welcome, ${names[index]}.`, names[index]]);
  }));
});

Deno.test("postfix_table.ts finds its keys in every worker", LONG, async () => {
  const files = { "table.txt": "a 1\n" };
  await using server = await ExampleServer.start("postfix_table.ts", { files });
  const answer = await exchangeText(server.addr, "get a\nget b\n".repeat(500));
  assertEquals(answer, "200 1\n500 not found\n".repeat(500));
});

Deno.test(
  "syslog.ts keeps all messages of several senders, and writes them nothing",
  LONG,
  async () => {
    using folder = new TemporaryFolder();
    const argument = folder.file("log.db");
    {
      await using server = await ExampleServer.start("syslog.ts", { argument });
      const messages = Array.from({ length: 500 }, (_, index) => `<13>message ${index}\n`).join("");
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => exchangeText(server.addr, messages)),
      );
      assertEquals(answers, ["", "", "", ""]);
    }
    using database = new DatabaseSync(argument);
    const row = database.prepare("SELECT count(*) AS n, count(DISTINCT message) AS d FROM log")
      .get();
    assertEquals({ ...row }, { n: 2000, d: 500 });
  },
);

Deno.test("memcached.ts has one store for all connections", LONG, async () => {
  await using server = await ExampleServer.start("memcached.ts");
  const clients = await Promise.all([1, 2, 3, 4].map(() => LineClient.connect(server.addr)));
  for (const [index, client] of clients.entries()) {
    assertEquals(await client.ask(`set key${index} 0 0 5\r\nvalue\r`), "STORED\r");
  }
  for (const client of clients) {
    await client.send("get key0 key1 key2 key3\r\n");
    assertEquals((await client.replies(9)).at(-1), "END\r");
    client.close();
  }
});

Deno.test(
  "smtp_sink.ts keeps a mail that comes in pieces, and forgets one that does not end",
  LONG,
  async () => {
    await using server = await ExampleServer.start("smtp_sink.ts");
    const mail = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n";
    await exchangeText(server.addr, mail);
    using client = await LineClient.connect(server.addr);
    for (const piece of `${mail}.\r\nQUIT\r\n`.match(/.{1,7}/gs)!) await client.send(piece);
    assertMatch(await client.restText(), /250 kept\r\n221 good bye\r\n$/);
    await until(() => [...Deno.readDirSync(server.file("mail"))].length === 1, "one mail");
  },
);
