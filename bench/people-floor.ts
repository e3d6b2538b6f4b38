// The floor of lists of people: bare node:http and stock pg, with Lyceum's own statements, prepared and pipelined, whose rows are
// written by JSON.stringify. No login, no checks, no page tokens.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";

interface Settings {
  readonly url: string;
  /** By path and query: the statements of the answer, one after the other until one has rows. */
  readonly routes: Readonly<Record<string, readonly { readonly text: string; readonly values: unknown[] }[]>>;
}

const { url, routes } = JSON.parse(process.env["FLOOR"] ?? "{}") as Settings;

// As many connections as the pool of Lyceum gives to one person.
const clients = await Promise.all(
  Array.from({ length: 2 }, async () => {
    const client = new pg.Client({ connectionString: url, pipeline: true } as pg.ClientConfig);
    await client.connect();
    return client;
  }),
);
let turn = 0;

async function rowsOf(path: string): Promise<object[]> {
  const client = clients[++turn % clients.length]!;
  for (const [at, { text, values }] of routes[path]!.entries()) {
    const { rows } = await client.query<object>({ name: `${path}#${at}`.slice(-63), text, values });
    if (rows.length > 0) return rows;
  }
  return [];
}

const server = createServer(async (request, response) => {
  const body = JSON.stringify(await rowsOf(request.url ?? ""));
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
