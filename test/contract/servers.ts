// The servers that the cases are played on: the usual one, and those that are set up differently.
import { fileURLToPath } from "node:url";
import { appoint, databaseGate, testServer, type Gate, type TestServer } from "../support/server.js";
import { testDatabase } from "../support/database.js";
import type { Client } from "../../runner/client/client.js";
import { buildDescriptorSet, readDescriptors, type Descriptors } from "../../runner/client/descriptors.js";
import { people } from "../../suite/people.js";
import type { Site } from "../../runner/cases/worker.js";
import { watchedClient } from "../../runner/program/checked-client.js";
import { suite } from "../../suite/suite.js";

const { openApi } = suite.documents;
const protoDirectory = fileURLToPath(new URL("../../proto", import.meta.url));
let descriptors: Promise<Descriptors> | undefined;

/** The contract as the client reads it: built once, from the .proto files. */
export function clientDescriptors(): Promise<Descriptors> {
  return (descriptors ??= buildDescriptorSet(protoDirectory).then(readDescriptors));
}

/** A site that opens its servers when they are first asked for; declares the hook that closes them. */
export function localSite(): Site {
  const clients = new Map<string, Promise<Client>>();
  const closing: (() => Promise<void>)[] = [];
  const known: Record<string, { email: string; password: string }> = {};

  const kept = (server: TestServer): TestServer => {
    closing.unshift(() => server.close());
    return server;
  };
  const openers: Readonly<Record<string, () => Promise<string>>> = {
    "": async () => {
      const server = kept(await testServer());
      known["teacher"] = await appoint(server.databaseUrl, "ROLE_TEACHER");
      known["admin"] = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
      return server.url;
    },
    "one-super-admin": async () => {
      const server = kept(await testServer());
      known["principal"] = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
      return server.url;
    },
    "closed-registration": async () => kept(await testServer({ REGISTRATION: "closed" })).url,
    "database-away": async () => {
      const database = await testDatabase();
      const gate: Gate = await databaseGate(database.url);
      const server = kept(await testServer({ DATABASE_URL: gate.url }));
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
    known,
    isThrowaway: true,
    client(name) {
      const opener = openers[name];
      if (!opener) throw new Error(`There is no server named ${name}`);
      const found =
        clients.get(name) ??
        Promise.all([opener(), clientDescriptors()]).then(([url, read]) => watchedClient(url, read, openApi));
      clients.set(name, found);
      return found;
    },
  };
}
