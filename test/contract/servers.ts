// The servers that the cases are tested on: the usual one, and those with another configuration.
import type { Client } from "../../runner/client/client.js";
import type { Target } from "../../runner/cases/target.js";
import { checkedClient } from "../../runner/program/checked-client.js";
import { people } from "../../suite/people.js";
import { suite } from "../../suite/suite.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { testDatabase } from "../support/database.js";
import { appoint, databaseGate, sharedServer, testServer, type Gate, type TestServer } from "../support/server.js";

const { openApi } = suite.documents;

/** A target that starts each server when it is first needed; declares the hook that closes them. */
export function localTarget(): Target {
  const clients = new Map<string, Promise<Client>>();
  const closing: (() => Promise<void>)[] = [];
  const accounts: Record<string, { email: string; password: string }> = {};

  const own = async (overrides?: Readonly<Record<string, string>>): Promise<TestServer> => {
    const server = await testServer(overrides);
    closing.unshift(() => server.close());
    return server;
  };
  const starters: Readonly<Record<string, () => Promise<string>>> = {
    "": async () => {
      const server = await sharedServer();
      accounts["teacher"] = await appoint(server.databaseUrl, "ROLE_TEACHER");
      accounts["admin"] = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
      return server.url;
    },
    "one-super-admin": async () => {
      const server = await own();
      accounts["principal"] = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
      return server.url;
    },
    "closed-registration": async () => (await own({ REGISTRATION: "closed" })).url,
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
