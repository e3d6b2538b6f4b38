// Plays the cases of the contract through a proxy that remembers every password, token and text, and looks for them in the audit.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { temporaryFolder } from "../support/database.js";
import { projectRoot } from "../support/program.js";
import { appoint, testServer, type TestServer } from "../support/server.js";

/** The fields whose values stand in no row. */
const isPrivate = /password|token|text|title|email|name|query|code|secret|link/i;

describe("the rows of the audit", function () {
  this.timeout(240_000);
  let server: TestServer;
  let proxy: Server;
  const secrets = new Set<string>();

  before(async () => {
    server = await testServer();
    proxy = createServer((inner, answer) => {
      learn(inner.headers.authorization?.replace(/^bearer +/i, ""));
      const outer = request(`${server.url}${inner.url}`, { method: inner.method, headers: inner.headers }, (found) => {
        answer.writeHead(found.statusCode!, found.rawHeaders);
        heard(found);
        found.pipe(answer);
      });
      outer.on("error", () => answer.destroy());
      answer.on("close", () => outer.destroy());
      heard(inner);
      inner.pipe(outer);
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
  });
  after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await server.close();
  });

  function learn(value: unknown): void {
    if (typeof value === "string" && value.trim().length >= 6) secrets.add(value.trim());
  }

  /** Learns the private fields of a body of JSON. */
  function heard(message: NodeJS.ReadableStream): void {
    const parts: Buffer[] = [];
    message.on("data", (part: Buffer) => parts.push(part));
    message.on("end", () => {
      try {
        JSON.parse(Buffer.concat(parts).toString(), (field, value: unknown) => {
          if (isPrivate.test(field)) learn(value);
          return value;
        });
      } catch {
        // No JSON: a picture, a text that is malformed on purpose.
      }
    });
  }

  it("have no password, token, e-mail address, name or text of all that the cases send and get", async () => {
    const accounts = join(await temporaryFolder(), "accounts.json");
    const [teacher, admin] = [
      await appoint(server.databaseUrl, "ROLE_TEACHER"),
      await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN"),
    ];
    await writeFile(accounts, JSON.stringify({ teacher, admin }));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const words = ["--url", url, "--throwaway", "--accounts", accounts, "--codec", "json", "--tag", "cases"];
    const player = spawn(process.execPath, ["--import", "tsx", "suite/lyceum-contract.ts", ...words], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [player.stdout, player.stderr])
      stream.on("data", (text: Buffer) => (output += text.toString()));
    const [code] = (await once(player, "close")) as [number];
    expect(code, output).to.equal(0);
    // The failures that are counted, too.
    const databaseUrl = server.databaseUrl;
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    for (;;) {
      const { rowCount } = await client.query("select from audit_events where outcome = 'AUDIT_OUTCOME_FAILURE'");
      if (rowCount! > 0) break;
    }
    const { rows } = await client.query<{ row: string; actions: number }>("select e::text as row from audit_events e");
    await client.end();
    expect(rows.length).to.be.above(100);
    expect(secrets.size).to.be.above(500);
    const all = rows.map(({ row }) => row).join("\n");
    expect([...secrets].filter((secret) => all.includes(secret))).to.deep.equal([]);
  });
});
