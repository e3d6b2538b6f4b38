// Every rpc is called by every kind of caller, and in every serialization by some of them; permissions.txt says what must come of
// it. `make nightly` makes every call in every serialization.
import { expect } from "chai";
import pg from "pg";
import { codecNames } from "../../runner/client/encoding.js";
import { Client } from "../../runner/client/client.js";
import { pairs } from "../contract/pairs.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { testServer, type TestServer } from "../support/server.js";
import { requests } from "./requests.js";
import { type Site, Scene } from "./scene.js";
import { permissions } from "./table.js";

const secretKey = "a secret key of forty bytes, for the tests";

/** Changes a role as an operator does, behind the back of the server. */
async function appointUser(databaseUrl: string, id: number, role: string): Promise<void> {
  const operator = new pg.Client({ connectionString: databaseUrl });
  await operator.connect();
  await operator.query("update users set role = $2 where id = $1", [id, role]);
  await operator.end();
}

/** What came of a call, in the words of the table. */
function outcomeOf(status: number, reason: unknown): string {
  if (status < 400) return "yes";
  if (reason === "INSUFFICIENT_SCOPE") return "scope";
  return reason === "MFA_REQUIRED" ? "mfa" : String(status);
}

describe("the permissions", function () {
  this.timeout(120_000);
  this.slow(10_000);
  let server: TestServer;
  let site: Site;

  before(async () => {
    server = await testServer({ SECRET_KEY: secretKey });
    const client = new Client(server.url, await clientDescriptors());
    const { mailFolder } = server;
    site = { client, secretKey, mailFolder, appoint: (id, role) => appointUser(server.databaseUrl, id, role) };
  });
  after(() => server.close());

  for (const [place, codec] of codecNames.entries())
    it(`are those of permissions.txt, in ${codec}`, async () => {
      const scene = new Scene(site, codec);
      const found: string[] = [];
      for (const [rowPlace, [method, row]] of [...permissions.rows].entries())
        for (const [kindPlace, [kind, due]] of [...row].entries()) {
          const isPlayed = pairs === "all" || (rowPlace + kindPlace) % codecNames.length === place;
          if (due === "-" || !isPlayed) continue;
          const { status, body } = await scene.play(method, kind, requests[method]!);
          const outcome = outcomeOf(status, body["reason"]);
          if (outcome !== due)
            found.push(`${method} as ${kind}: ${due}, and was ${outcome} (${status} ${body["reason"] ?? ""})`);
        }
      expect(found).to.deep.equal([]);
    });
});
