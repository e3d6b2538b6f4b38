// The servers that the cases are tested on: the usual one, and those with another configuration.
import pg from "pg";
import { Openings } from "../../runner/client/socket/openings.js";
import type { Client } from "../../runner/client/client.js";
import { Mailbox } from "../../runner/cases/mailbox.js";
import type { Target } from "../../runner/cases/target.js";
import { checkedClient } from "../../runner/program/checked-client.js";
import { people } from "../../suite/people.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { suite } from "../../suite/suite.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { testDatabase } from "../support/database.js";
import { appoint, databaseGate, sharedServer, testServer, type Gate, type TestServer } from "../support/server.js";

/** Somebody whose time to set up a second factor is over, but was not when they logged in. */
async function latecomer(server: TestServer): Promise<{ late_email: string; late_refresh: string }> {
  const account = await appoint(server.databaseUrl, "ROLE_TEACHER");
  const response = await fetch(`${server.url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  const { refresh_token } = (await response.json()) as { refresh_token: string };
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(
    "update mfa_obligations set began_at = '2020-01-01' where user_id = (select id from users where email = $1)",
    [account.email],
  );
  await client.end();
  return { late_email: account.email, late_refresh: refresh_token };
}

/** Somebody with so many passkeys, none of which is a device's. */
async function withPasskeys(
  server: TestServer,
  role: Role,
  count: number,
): Promise<{ email: string; password: string }> {
  const account = await appoint(server.databaseUrl, role);
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(
    `insert into passkeys (user_id, name, credential_id, public_key, sign_count, transports, is_backed_up)
     select u.id, 'Old', decode(md5($1 || n), 'hex'), '', 0, '{}', false
       from users u, generate_series(1, $2) n where u.email = $1`,
    [account.email, count],
  );
  await client.end();
  return account;
}

/** A teacher whose avatar and another text, the first files of the server, have a content that is not in the store. */
async function withLostFiles(server: TestServer): Promise<{ email: string; password: string }> {
  const account = await appoint(server.databaseUrl, "ROLE_TEACHER");
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  const hash = "sha256('lost')";
  await client.query(
    `with b as (insert into blobs (sha256) values (${hash})), f as (
       insert into files (owner_id, purpose, name, media_type, claimed_at)
       select u.id, 'FILE_PURPOSE_' || n.purpose, n.name, n.type, n.claimed
         from users u,
              (values ('AVATAR', 'me.webp', 'image/webp', now()), ('SOURCE', 'people.csv', 'text/csv', null))
                n (purpose, name, type, claimed)
        where u.email = '${account.email}'
       returning id
     )
     insert into file_contents (file_id, side, size, sha256) select id, 64, 10, ${hash} from f`,
  );
  await client.end();
  return account;
}

const { openApi } = suite.documents;

/**
 * A target that starts each server when it is first needed; declares the hook that closes them. `onSocketCall` is called for each
 * result that comes over a web socket.
 */
export function localTarget(onSocketCall?: () => void): Target {
  const clients = new Map<string, Promise<Client>>();
  const closing: (() => Promise<void>)[] = [];
  let mailbox: Mailbox | undefined;
  const accounts: Record<string, { email: string; password: string }> = {};

  const own = async (overrides?: Readonly<Record<string, string>>): Promise<TestServer> => {
    const server = await testServer(overrides);
    closing.unshift(() => server.close());
    return server;
  };
  const starters: Readonly<Record<string, () => Promise<string>>> = {
    "": async () => {
      const server = await sharedServer();
      mailbox = new Mailbox(server.mailFolder);
      // Users with small ids, whom generated requests name and may suspend.
      for (let user = 0; user < 20; user++) await appoint(server.databaseUrl, "ROLE_STUDENT");
      accounts["teacher"] = await appoint(server.databaseUrl, "ROLE_TEACHER");
      accounts["admin"] = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
      return server.url;
    },
    "one-super-admin": async () => {
      const server = await own();
      accounts["principal"] = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
      return server.url;
    },
    "second-factor-due": async () => {
      const server = await own({ REQUIRE_MFA_ROLES: "teacher" });
      const novice = await appoint(server.databaseUrl, "ROLE_TEACHER");
      accounts["hoarder"] = await withPasskeys(server, "ROLE_STUDENT", 19);
      accounts["keeper"] = await withPasskeys(server, "ROLE_TEACHER", 1);
      accounts["novice"] = { ...novice, ...(await latecomer(server)) };
      return server.url;
    },
    "strained-files": async () => {
      const server = await own({ UPLOAD_QUOTA: "4000" });
      accounts["uploader"] = await withLostFiles(server);
      return server.url;
    },
    "closed-registration": async () => (await own({ REGISTRATION: "closed" })).url,
    "without-mail": async () => {
      const production = { NODE_ENV: "production", ALLOW_UNSAFE_DATABASE: "true", SHUTDOWN_PAUSE_SECONDS: "0" };
      return (await own({ ...production, PASSWORD_COST: "10" })).url;
    },
    "database-unavailable": async () => {
      const database = await testDatabase();
      const gate: Gate = await databaseGate(database.url);
      const server = await own({ DATABASE_URL: gate.url });
      closing.push(
        () => gate.close(),
        () => database.drop(),
      );
      gate.shut();
      return server.url;
    },
  };

  after(async () => {
    for (const close of closing) await close();
  });
  return {
    enrolment: people,
    accounts,
    isThrowaway: true,
    socket: suite.socket,
    openings: new Openings(),
    ...(onSocketCall && { onSocketCall }),
    get mailbox() {
      return mailbox;
    },
    client(name) {
      const start = starters[name];
      if (!start) throw new Error(`There is no server named ${name}`);
      const found =
        clients.get(name) ??
        Promise.all([start(), clientDescriptors()]).then(([url, read]) => checkedClient(url, read, openApi));
      clients.set(name, found);
      return found;
    },
  };
}
