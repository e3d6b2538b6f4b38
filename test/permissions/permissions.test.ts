// Every rpc is called by every kind of caller, and in every serialization and over a web socket by some of them; permissions.txt says
// what must come of it. `make nightly` makes every call in every serialization, over HTTP and over a socket.
import type { DescMessage } from "@bufbuild/protobuf";
import { expect } from "chai";
import pg from "pg";
import { type CodecName, codecNames } from "../../runner/client/encoding.js";
import { Client } from "../../runner/client/client.js";
import { Openings } from "../../runner/client/socket/openings.js";
import { isCallable, SocketClient } from "../../runner/client/socket/socket-client.js";
import { suite } from "../../suite/suite.js";
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

/** The ways in which a call is made; each plays some of the cells. */
const ways = [...codecNames, "socket"] as const;

/** What must come of a call over a socket: who needs a second factor first opens none. */
function dueOverSocket(due: string, kind: string): string {
  return kind === "unenrolled" ? "mfa" : due;
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
  let overSocket = 0;

  before(async () => {
    server = await testServer({ SECRET_KEY: secretKey });
    const client = new Client(server.url, await clientDescriptors());
    const socket = new SocketClient(client, suite.socket!, new Openings(), () => (overSocket += 1));
    const { mailFolder } = server;
    site = { client, socket, secretKey, mailFolder, appoint: (id, role) => appointUser(server.databaseUrl, id, role) };
  });
  after(() => {
    site.socket.close();
    return server.close();
  });

  const leaks: string[] = [];
  /** The methods that have shown people to those who see no addresses of others. */
  const crowds = new Set<string>();

  /** The serializations of the sockets over which a method is called; `undefined` is a call over HTTP. */
  function socketsFor(way: (typeof ways)[number], method: string, rowPlace: number): (CodecName | undefined)[] {
    if (way !== "socket") return [undefined];
    const canCall = isCallable(site.client.rpc(method));
    if (pairs === "all") return canCall ? [...codecNames] : [];
    return [canCall ? codecNames[rowPlace % codecNames.length] : undefined];
  }

  for (const [place, way] of ways.entries())
    it(`are those of permissions.txt, ${way === "socket" ? "over a socket" : `in ${way}`}`, async () => {
      const scene = new Scene(site, way === "socket" ? "json" : way);
      const found: string[] = [];
      const cells = [...permissions.rows].flatMap(([method, row], rowPlace) =>
        [...row].flatMap(([kind, due], kindPlace) => {
          const isPlayed = pairs === "all" || (rowPlace + kindPlace) % ways.length === place;
          if (due === "-" || !isPlayed) return [];
          return socketsFor(way, method, rowPlace).map((socket) => ({ method, kind, due, socket }));
        }),
      );
      for (const { method, kind, due: written, socket } of cells) {
        const due = socket ? dueOverSocket(written, kind) : written;
        const { status, body, known } = await scene.play(method, kind, requests[method]!, socket);
        if (!staff.has(kind)) {
          const others = addressesIn(body).filter((address) => !known.includes(address));
          leaks.push(...others.map((address) => `${method} shows ${address} to ${kind}`));
          if (peopleIn(body) > 0) crowds.add(method);
        }
        const outcome = outcomeOf(status, body["reason"]);
        if (outcome !== due)
          found.push(
            `${method} as ${kind}${socket ? ` over a socket in ${socket}` : ""}: ${due}, and was ${outcome} (${status} ${body["reason"] ?? ""})`,
          );
      }
      expect(found).to.deep.equal([]);
    });

  it("were asked for over a socket by hundreds of calls", () => expect(overSocket).to.be.greaterThan(200));

  it("are lost on an open socket at once, by who has logged out or is suspended", async () => {
    const scene = new Scene(site, "json");
    for (const kind of ["revoked", "suspended"])
      for (const codec of codecNames) {
        const answer = await scene.playAfterTheEnd(kind, codec);
        expect(answer, `${kind}, in ${codec}`).to.deep.include({ before: 200, after: 401 });
      }
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
