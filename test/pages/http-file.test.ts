// /lyceum.http: every request of the file is sent as an editor would send it, and succeeds.
import { expect } from "chai";
import pg from "pg";
import { loadContract } from "../../src/contract/model/load.js";
import { successOf } from "../../src/contract/model/outcomes.js";
import { protoDirectory } from "../../src/config.js";
import { kindsOfUpdates } from "../../src/webhooks/kinds.js";
import type { Json } from "../resilience/person.js";
import { lyceum } from "../support/program.js";
import { testServer, type TestServer } from "../support/server.js";
import { csv, made, valuesOf } from "./http-values.js";

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

/** What the file cannot know: with an example of it, a request is refused, for a reason that its method declares. */
const hasSecret = /"(?:\w*password|\w*code|mfa_challenge|token|credential_json)":/;

/** The methods whose request of the file has no update of the caller, by why. Whatever else changes something has one. */
const silent: Readonly<Record<string, string>> = {
  "nobody else sees what they change": `CreateApiKey RevokeApiKey Login Logout BeginPasskeyLogin RenamePasskey RequestPasswordReset Refresh
    IssueToken RevokeOtherSessions RevokeSession RevokeCalendarLink RenewCalendarLink CreateFile DeleteFile CreateFileLink
    CreatePasswordResetLink ResetTotp ResendInvite RenewImportInvites DiscardFailedUpdates RetryFailedUpdates CancelImport
    CancelJobs RetryJobs UpdateNotificationPreferences CreateRealtimeTicket UpdateRealtimeSettings CreateWebhook UpdateWebhook DeleteWebhook RotateWebhookSecret TestWebhook
    RedeliverWebhookDelivery ReplayWebhook`,
  "a step or a worker does or tells it later": `SendAnnouncement VoteForPost TakeBackPostVote VoteInPoll TakeBackPollVote ImportUsers
    CreateImport`,
  "somebody new did it": "Register",
  "the example leaves all as it is": "UpdateChatMember UnpinPost UpdatePoll ReadNotifications MarkAttendance",
};
const silentMethods: ReadonlySet<string> = new Set(Object.values(silent).flatMap((names) => names.split(/\s+/)));

describe("/lyceum.http", () => {
  const contract = loadContract(protoDirectory);
  let server: TestServer;
  let text: string;
  let picture: Uint8Array<ArrayBuffer>;

  before(async () => {
    server = await testServer();
    text = await (await fetch(`${server.url}/lyceum.http`)).text();
    picture = new Uint8Array(await (await fetch(`${server.url}/docs/favicon-32x32.png`)).arrayBuffer());
    // The people of the examples: a login, and the ids 1 to 3.
    const { requests } = readHttpFile(text);
    const { email, password } = JSON.parse(requests.find(({ name }) => name === "Login")!.body) as Json;
    for (const address of [email, "two@example.org", "three@example.org"])
      await made(server, "/v1/auth/register", { email: address, password, first_name: "A", last_name: "B" });
  });

  let client: pg.Client;
  before(async () => {
    client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await server.close();
  });

  async function lastUpdate(): Promise<string> {
    return (await client.query<{ id: string }>("select coalesce(max(id), 0) as id from updates")).rows[0]!.id;
  }

  /** The kinds of updates that whoever has the token has written since one. */
  async function kindsSince(id: string, token: string): Promise<string[]> {
    const actor = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { sub: string };
    const { rows } = await client.query<{ kind: string }>(
      "select kind from updates where id > $1 and actor_id = $2 and kind <> 'notification.created' order by id",
      [id, actor.sub],
    );
    return rows.map(({ kind }) => kind);
  }

  /** What a request uploads: the file that it names, by its suffix. */
  function uploads({ body }: FileRequest): Uint8Array | undefined {
    if (!body.startsWith("< ./")) return undefined;
    return body.endsWith(".csv") ? Buffer.from(csv("anna@example.org")) : picture;
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
      const values = await valuesOf(server, picture, method, wanted.url);
      const filled = (part: string): string => part.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!);
      const body = uploads(wanted) ?? filled(wanted.body).replace(/(?<="file_id": )1/, values["file_id"] ?? "1");
      const headers = Object.entries(wanted.headers).map(([name, value]): [string, string] => [name, filled(value)]);
      const toldBefore = await lastUpdate();
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
      else {
        expect(answer.status, shown).to.equal(successOf(method));
        const told = await kindsSince(toldBefore, values["token"]!);
        expect(kindsOfUpdates, "what webhooks know").to.include.members(told);
        expect(told.length > 0, `updates: ${told.join()}`).to.equal(
          wanted.verb !== "GET" && !silentMethods.has(method.name),
        );
      }
    });
  }
});
