// A member of a chat on a server, for tests that send HTTP requests of their own.
import { Client, type Answer } from "../../../runner/client/client.js";
import { codecOf, decode, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { content, exchange, type RawAnswer, type RawRequest } from "../../../runner/client/exchange.js";
import { clientDescriptors } from "../../support/client-descriptors.js";
import { appoint, sharedServer, testServer, type SharedServer } from "../../support/server.js";

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface Member {
  readonly server: SharedServer;
  readonly client: Client;
  /** The access token. */
  readonly token: string;
  readonly userId: number;
  /** The chat, in which there is nobody else. */
  readonly chatId: number;
  /** Sends a request unchanged, with the member's token. */
  send(verb: string, path: string, headers?: HeaderList, body?: Buffer | string): Promise<RawAnswer>;
  /** Sends a request unchanged. */
  sendBare(request: RawRequest): Promise<RawAnswer>;
  /** Calls a method with the member's token. */
  call(name: string, request: Plain, codec?: CodecName, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Decodes a Problem of any serialization; throws when the body is not a Problem. */
  problem(answer: RawAnswer): Promise<Plain>;
  /** Closes the server, unless it is the shared one. */
  close(): Promise<void>;
}

/** Creates a member on the shared server; on one of their own when `overrides` are given, variables of its environment. */
export async function openMember(overrides?: Readonly<Record<string, string>>): Promise<Member> {
  if (!overrides) return createMember(await sharedServer());
  const server = await testServer(overrides);
  return createMember(server, () => server.close());
}

/** Creates a member and a chat on a running server. `close` is called when the member is closed. */
export async function createMember(server: SharedServer, close = async (): Promise<void> => {}): Promise<Member> {
  const client = new Client(server.url, await clientDescriptors());
  const account = await appoint(server.databaseUrl, "ROLE_STUDENT");
  const json = { request: "json", response: "json" } as const;
  const tokens = await client.call("login", account, { pair: json });
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
    close,
  };
}
