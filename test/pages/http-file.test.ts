// /lyceum.http: every request of the file is sent as an editor would send it, and succeeds.
import { expect } from "chai";
import { Authenticator } from "../../runner/cases/computed/authenticator.js";
import { loadContract } from "../../src/contract/model/load.js";
import { successOf } from "../../src/contract/model/outcomes.js";
import { protoDirectory } from "../../src/config.js";
import { call, type Json } from "../resilience/person.js";
import { lyceum } from "../support/program.js";
import { upTo } from "../support/numbers.js";
import { appoint, testServer, type TestServer } from "../support/server.js";

interface FileRequest {
  readonly name: string;
  readonly verb: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A text, or `< ./file`. */
  readonly body: string;
}

/** The variables of a file, and its requests; `{{name}}` is filled in by the caller. */
function readHttpFile(text: string): { variables: Map<string, string>; requests: FileRequest[] } {
  const [heading = "", ...parts] = text.split(/^### .*\n/m);
  const variables = new Map(Array.from(heading.matchAll(/^@(\w+) = (.*)$/gm), ([, name, value]) => [name!, value!]));
  const requests = parts.map((part) => {
    const name = /^# @name (\w+)$/m.exec(part)![1]!;
    const [head = "", ...body] = part.replaceAll(/^#.*\n/gm, "").split("\n\n");
    const [line = "", ...headers] = head.trim().split("\n");
    const [verb = "", url = ""] = line.split(" ");
    const pairs = headers.map((header) => header.split(": ") as [string, string]);
    return { name, verb, url, headers: Object.fromEntries(pairs), body: body.join("\n\n").trim() };
  });
  return { variables, requests };
}

/** The file of an import. */
const csv = (...addresses: readonly string[]): string =>
  ["email,first_name,last_name,password", ...addresses.map((email) => `${email},A,B,a long passphrase`)].join("\n");

/** What the file cannot know: with an example of it, a request is refused, for a reason that its method declares. */
const hasSecret = /"(?:\w*password|\w*code|mfa_challenge|token|credential_json)":/;

describe("/lyceum.http", () => {
  const contract = loadContract(protoDirectory);
  let server: TestServer;
  let text: string;
  let picture: Buffer;

  before(async () => {
    server = await testServer();
    text = await (await fetch(`${server.url}/lyceum.http`)).text();
    picture = Buffer.from(await (await fetch(`${server.url}/docs/favicon-32x32.png`)).arrayBuffer());
    // The people of the examples: a login, and the ids 1 to 3.
    const { requests } = readHttpFile(text);
    const { email, password } = JSON.parse(requests.find(({ name }) => name === "Login")!.body) as Json;
    for (const address of [email, "two@example.org", "three@example.org"])
      await register({ email: address, password, first_name: "A", last_name: "B" });
  });

  after(() => server.close());

  /** What a request uploads: the file that it names, by its suffix. */
  function uploads({ body }: FileRequest): Uint8Array | undefined {
    if (!body.startsWith("< ./")) return undefined;
    return body.endsWith(".csv") ? Buffer.from(csv("anna@example.org")) : new Uint8Array(picture);
  }

  const register = (person: Json): Promise<Json> => made("/v1/auth/register", person);

  async function made(path: string, body: Json, token?: string): Promise<Json> {
    const answer = await call(server.url, "POST", path, body, token);
    expect(answer.status, JSON.stringify(answer.body)).to.be.below(300);
    return answer.body;
  }

  /** Sends bytes, and returns the id that the answer has. */
  async function uploaded(path: string, type: string, body: Uint8Array | string, token: string): Promise<string> {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": type };
    const answer = await fetch(server.url + path, { method: "POST", headers, body });
    expect(answer.status).to.equal(201);
    return String(((await answer.json()) as Json)["id"]);
  }

  it("has a request for each method, with its own address as the host", () => {
    const { variables, requests } = readHttpFile(text);
    expect(requests.map(({ name }) => name)).to.have.members(contract.methods.map(({ name }) => name));
    expect(variables.get("host")).to.equal(server.url);
    const names = Array.from(text.matchAll(/^@(\w+) = /gm), ([, name]) => name);
    expect(names, "a variable that is there twice has the value of the second").to.have.members([...variables.keys()]);
    expect(text)
      .to.not.include("\t")
      .and.not.match(/\{\{(?!host|(?:refresh_|path_)?token|\w+_id|nick)/);
  });

  it("is what `lyceum http` prints, at the address of the configuration", async () => {
    const { stdout } = await lyceum(["http"], { env: { PORT: "1234" } });
    expect(stdout.replace("http://localhost:1234", server.url)).to.equal(text);
  });

  for (const method of contract.methods) {
    it(`${method.name} succeeds`, async () => {
      const { requests } = readHttpFile(text);
      const wanted = requests.find(({ name }) => name === method.name)!;
      const values = await prepare(method.name, method.access, wanted);
      const filled = (part: string): string => part.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!);
      const body =
        uploads(wanted) ?? filled(wanted.body).replace(/(?<="file_ids": \[\s*|"file_id": )1/, values["file_id"] ?? "1");
      const headers = Object.entries(wanted.headers).map(([name, value]): [string, string] => [name, filled(value)]);
      const stop = new AbortController();
      const answer = await fetch(filled(wanted.url), {
        method: wanted.verb,
        headers,
        signal: stop.signal,
        ...(body.length > 0 ? { body } : {}),
      });
      const shown = answer.status < 300 ? "" : await answer.text();
      stop.abort();
      if (answer.status >= 300 && hasSecret.test(wanted.body))
        expect(method.reasons, shown).to.include((JSON.parse(shown) as Json)["reason"]);
      else expect(answer.status, shown).to.equal(successOf(method));
    });
  }

  /** What a request needs to succeed: a person of its own, and the chat, the message and the picture that it names. */
  async function prepare(name: string, access: string, { url }: FileRequest): Promise<Record<string, string>> {
    const isForStaff = access === "ACCESS_SUPER_ADMIN" || access === "ACCESS_TEACHER" || name === "UpdateUser";
    const person = isForStaff
      ? await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN")
      : { email: `${name.toLowerCase()}@example.org`, password: "a long passphrase" };
    if (!isForStaff) await register({ ...person, first_name: "A", last_name: "B" });
    const tokens = await made("/v1/auth/login", person);
    const values = {
      host: server.url,
      token: String(tokens["access_token"]),
      refresh_token: String(tokens["refresh_token"]),
    };
    const token = values.token;
    if (url.includes("{{api_key_id}}")) {
      const key = await made("/v1/auth/api-keys", { name: "A", scopes: ["SCOPE_USERS_READ"] }, token);
      return { ...values, api_key_id: String(key["id"]) };
    }
    if (url.includes("{{import_id}}")) {
      // With passwords, so that it is not over before it is cancelled.
      const people = csv(...upTo(name === "CancelImport" ? 1_000 : 1).map((at) => `${at}.${name}@example.org`));
      return { ...values, import_id: await uploaded("/v1/users/import", "text/csv", people, token) };
    }
    if (name === "CreateImport") {
      const people = new TextEncoder().encode("email,first_name,last_name\n");
      return { ...values, file_id: await uploaded("/v1/files", "text/csv", people, token) };
    }
    if (/\{\{(?:file_id|path_token)\}\}/.test(url)) {
      const file_id = await uploaded("/v1/files", "image/png", new Uint8Array(picture), token);
      const link = await made(`/v1/files/${file_id}/link`, {}, token);
      return { ...values, file_id, path_token: String(link["url"]).split("/").at(-1)! };
    }
    if (url.includes("{{passkey_id}}")) {
      const { password } = person;
      const begun = await made("/v1/auth/passkeys/registration-options", { password }, token);
      const credential_json = new Authenticator().create(String(begun["options_json"]), String(begun["origin"]));
      const passkey = await made("/v1/auth/passkeys", { name: "A", credential_json }, token);
      return { ...values, passkey_id: String(passkey["id"]) };
    }
    if (url.includes("{{banner_id}}"))
      return { ...values, banner_id: String((await made("/v1/banners", { text: "Hello" }, token))["id"]) };
    if (/\{\{(?:announcement|notification)_id\}\}/.test(url)) {
      const admin = await made("/v1/auth/login", await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN"));
      const told = { type: "NOTIFICATION_TYPE_WARNING", text: "Hello", is_for_all: true };
      const sent = await made("/v1/announcements", told, String(admin["access_token"]));
      const { body } = await call(server.url, "GET", "/v1/notifications", undefined, token);
      const [notification] = body["notifications"] as Json[];
      return { ...values, announcement_id: String(sent["id"]), notification_id: String(notification!["id"]) };
    }
    // The group of the example.
    if (name === "SendAnnouncement") await made("/v1/groups", { name: `Of ${name}` }, token);
    if (url.includes("{{group_id}}")) {
      const admin = await made("/v1/auth/login", await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN"));
      const adminToken = String(admin["access_token"]);
      const group = await made("/v1/groups", { name: `Of ${name}` }, adminToken);
      if (url.includes("{{user_id}}"))
        await made(`/v1/groups/${String(group["id"])}/members`, { user_ids: [3] }, adminToken);
      return { ...values, user_id: "3", group_id: String(group["id"]) };
    }
    if (url.includes("{{nick}}")) {
      const { body } = await call(server.url, "GET", "/v1/auth/me", undefined, token);
      await call(server.url, "PATCH", `/v1/users/${String(body["id"])}`, { nick: "vera" }, token);
      return { ...values, nick: "vera" };
    }
    if (url.includes("{{session_id}}")) {
      const { body } = await call(server.url, "GET", "/v1/auth/sessions", undefined, token);
      return { ...values, session_id: String((body["sessions"] as Json[])[0]!["id"]) };
    }
    if (isForStaff && url.includes("{{user_id}}")) {
      const address = `of.${name.toLowerCase()}@example.org`;
      const other = url.endsWith("/invite")
        ? await made("/v1/users", { email: address, first_name: "A", last_name: "B" }, token)
        : await register({ email: address, password: "a long passphrase", first_name: "A", last_name: "B" });
      return { ...values, user_id: String(other["id"]) };
    }
    if (!/\{\{(?:chat_id|message_id)\}\}/.test(url)) return { ...values, user_id: "3" };
    const members = name === "AddChatMember" ? [2] : [2, 3];
    const chat = await made("/v1/chats", { title: "A chat", member_ids: members }, token);
    const message = await made(`/v1/chats/${String(chat["id"])}/messages`, { text: "Hi" }, token);
    if (url.endsWith("/picture")) {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "image/png" };
      const path = `${server.url}/v1/chats/${String(chat["id"])}/picture`;
      await fetch(path, { method: "PUT", headers, body: new Uint8Array(picture) });
    }
    const file_id = await uploaded("/v1/files", "image/png", new Uint8Array(picture), token);
    return { ...values, user_id: "3", chat_id: String(chat["id"]), message_id: String(message["id"]), file_id };
  }
});
