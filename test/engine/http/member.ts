// A server with one person and one chat in it, for tests that speak HTTP themselves.
import { appoint, testServer, type TestServer } from "../../support/server.js";
import { Client, type Answer } from "../../../runner/client/client.js";
import { codecOf, decode, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { content, exchange, type RawAnswer, type RawRequest } from "../../../runner/client/exchange.js";
import { clientDescriptors } from "../../contract/servers.js";

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface House {
  readonly server: TestServer;
  readonly client: Client;
  /** The access token of the one person. */
  readonly token: string;
  readonly userId: number;
  readonly chatId: number;
  /** Sends what it is given, with the person's token. */
  send(verb: string, path: string, headers?: HeaderList, body?: Buffer | string): Promise<RawAnswer>;
  /** Sends what it is given, as nobody. */
  sendBare(request: RawRequest): Promise<RawAnswer>;
  /** Calls a method with the person's token. */
  call(name: string, request: Plain, codec?: CodecName, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Reads a Problem in whatever serialization it came; throws when it is none. */
  problem(answer: RawAnswer): Promise<Plain>;
  close(): Promise<void>;
}

/** Starts the server, with `overrides` in its environment, and moves in. */
export async function openHouse(overrides: Readonly<Record<string, string>> = {}): Promise<House> {
  const server = await testServer(overrides);
  return moveIn(server);
}

/** Makes a person and a chat on a server that runs. */
export async function moveIn(server: TestServer): Promise<House> {
  const client = new Client(server.url, await clientDescriptors());
  const person = await appoint(server.databaseUrl, "ROLE_STUDENT");
  const json = { request: "json", response: "json" } as const;
  const tokens = await client.call("login", person, { pair: json });
  const token = tokens.body["access_token"] as string;
  const me = await client.call("getMe", {}, { pair: json, token });
  const chat = await client.call("createChat", { title: "Tea" }, { pair: json, token });
  const { problem: problemType } = client.descriptors;
  return {
    server,
    client,
    token,
    userId: me.body["id"] as number,
    chatId: chat.body["id"] as number,
    send: (verb, path, headers = [], body) =>
      exchange(server.url, {
        verb,
        path,
        headers: [["Authorization", `Bearer ${token}`], ...headers],
        ...(body === undefined ? {} : { body }),
      }),
    sendBare: (request) => exchange(server.url, request),
    call: (name, request, codec = "json", headers) =>
      client.call(name, request, { pair: { request: codec, response: codec }, token, headers }),
    problem: async (answer) => {
      const codec = codecOf(answer.headers["content-type"]);
      return decode(client.descriptors.registry, problemType, await content(answer), codec ?? "json");
    },
    close: () => server.close(),
  };
}
