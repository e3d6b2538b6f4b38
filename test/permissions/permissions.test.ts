// Every rpc is called by every kind of caller, and in every serialization by some of them; permissions.txt says what must come of
// it. `make nightly` makes every call in every serialization.
import type { DescMessage } from "@bufbuild/protobuf";
import { expect } from "chai";
import pg from "pg";
import { codecNames } from "../../runner/client/encoding.js";
import { Client } from "../../runner/client/client.js";
import { pairs } from "../contract/pairs.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { testServer, type TestServer } from "../support/server.js";
import { requests } from "./requests.js";
import { addressesIn, type Site, Scene } from "./scene.js";
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

/** Who sees the addresses of others. */
const staff = new Set(["teacher", "unenrolled", "admin"]);

/** Methods that answer with a person, and with the caller alone to those who see no addresses. */
const ownOnly = new Set(["register", "getMe", "updateUser"]);

/** Whether a message has people in it. */
function hasPeople(type: DescMessage, above: readonly DescMessage[] = []): boolean {
  if (type.typeName === "lyceum.v1.User") return true;
  return (
    !above.includes(type) &&
    type.fields.some((field) => field.message !== undefined && hasPeople(field.message, [...above, type]))
  );
}

/** How many people an answer shows. */
function peopleIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, inner) => sum + peopleIn(inner), 0);
  return inside + Number("last_name" in value && "created_at" in value);
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

  const leaks: string[] = [];
  /** The methods that have shown people to those who see no addresses of others. */
  const crowds = new Set<string>();

  for (const [place, codec] of codecNames.entries())
    it(`are those of permissions.txt, in ${codec}`, async () => {
      const scene = new Scene(site, codec);
      const found: string[] = [];
      for (const [rowPlace, [method, row]] of [...permissions.rows].entries())
        for (const [kindPlace, [kind, due]] of [...row].entries()) {
          const isPlayed = pairs === "all" || (rowPlace + kindPlace) % codecNames.length === place;
          if (due === "-" || !isPlayed) continue;
          const { status, body, known } = await scene.play(method, kind, requests[method]!);
          if (!staff.has(kind)) {
            const others = addressesIn(body).filter((address) => !known.includes(address));
            leaks.push(...others.map((address) => `${method} shows ${address} to ${kind}`));
            if (peopleIn(body) > 0) crowds.add(method);
          }
          const outcome = outcomeOf(status, body["reason"]);
          if (outcome !== due)
            found.push(`${method} as ${kind}: ${due}, and was ${outcome} (${status} ${body["reason"] ?? ""})`);
        }
      expect(found).to.deep.equal([]);
    });

  it("show the addresses of others to nobody but staff, by any method that shows people", () => {
    expect(leaks).to.deep.equal([]);
    // An address could have been there.
    const due = [...site.client.descriptors.rpcs].flatMap(([method, { response }]) =>
      hasPeople(response) && !ownOnly.has(method) && permissions.rows.get(method)?.get("other") !== "403"
        ? [method]
        : [],
    );
    expect(due).to.include.members(["getUser", "getUserByNick", "listUsers", "listMessages"]);
    expect([...crowds]).to.include.members(due);
  });
});
