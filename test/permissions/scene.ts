// The people and things that the rows of permissions.txt are played with.
import { SignJWT } from "jose/jwt/sign";
import type { Step } from "../../runner/cases/case.js";
import { fixedPair } from "../../runner/cases/codec-plan.js";
import { Mailbox } from "../../runner/cases/mailbox.js";
import { StepRunner } from "../../runner/cases/step-runner.js";
import { Variables } from "../../runner/cases/variables.js";
import { fieldsOfHeaders } from "../../runner/cases/socket-steps.js";
import type { Called, Client } from "../../runner/client/client.js";
import type { CodecName } from "../../runner/client/encoding.js";
import type { SocketClient } from "../../runner/client/socket/socket-client.js";
import { deriveKey } from "../../src/platform/secrets/derived-key.js";
import { password } from "../../suite/people.js";
import { type Request, webhook } from "./requests.js";

/** A server, and what is known of it as nobody else does. */
export interface Site {
  readonly client: Client;
  readonly socket: SocketClient;
  readonly secretKey: string;
  /** Where its mail is written. */
  readonly mailFolder: string;
  /** Changes the role of a user, as an operator. */
  appoint(id: number, role: string): Promise<void>;
}

/** An answer, and the addresses that are no secret from the caller: their own, and those that they sent. */
export interface Played extends Called {
  readonly known: readonly string[];
}

/** Whose credentials those kinds of callers have that are nobody themselves. */
const owners: Readonly<Record<string, string>> = {
  expired: "self",
  revoked: "self",
  key: "self",
  unscoped: "self",
  lostkey: "suspended",
};

/** The addresses in a message, wherever they are. */
export function addressesIn(message: unknown): string[] {
  return JSON.stringify(message ?? {}).match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [];
}

/** The things of a scene, and the requests that are about them. */
const things = { session: /[Ss]ession|spare/, chat: /[Cc]hat|[Mm]essage|\$tea/, passkey: /asskey|webauthn/ } as const;
type Thing = keyof typeof things;
const allThings = Object.keys(things) as Thing[];

let count = 0;

/** Plays calls in one serialization. People live for as long as nothing has ended them, things until a call has succeeded. */
export class Scene {
  readonly #site: Site;
  readonly #variables = new Variables();
  readonly #steps: StepRunner;
  readonly #people = new Set<string>();
  /** The kinds of keys that there are, with the scopes that each has. */
  readonly #keys = new Map<string, string>();
  #hasThings = false;
  /** The things that a call which has succeeded may have ended; those are made anew that the next call is about. */
  #worn: readonly Thing[] = [];
  /** The method whose preparation is still there, as the last call left it. */
  #preparedFor: string | undefined;

  constructor(site: Site, codec: CodecName) {
    this.#site = site;
    this.#steps = new StepRunner({
      client: site.client,
      volatile: [],
      variables: this.#variables,
      codecPlan: fixedPair({ request: codec, response: codec }),
      method: "",
      mailbox: new Mailbox(site.mailFolder),
    });
  }

  /**
   * Calls a method as a kind of caller, over a socket of that serialization or over HTTP, and asks for the people of the answer where
   * it can have them beside its rows.
   */
  async play(
    method: string,
    kind: string,
    { send, headers, given = [], endsCaller }: Request,
    socket?: CodecName,
  ): Promise<Played> {
    for (const name of ["self", "other", "member", "owner", "guest", "teacher", "admin"]) await this.#person(name);
    if (!this.#hasThings) await this.#things();
    await this.#renew(JSON.stringify([method, send, headers, given]));
    // A call that was refused has changed nothing: what was prepared for it serves the next caller too.
    if (this.#preparedFor !== method) {
      this.#variables.set("unique", String(++count));
      for (const step of given) await this.#steps.run(step, "given");
      this.#preparedFor = method;
    }
    const token = await this.#tokenOf(kind, method);
    const { fields } = this.#site.client.descriptors.rpcs.get(method)!.request;
    const include = fields.some(({ name }) => name === "include") ? { include: ["people"] } : {};
    const step: Step = {
      call: method,
      ...(token === undefined ? {} : { token }),
      send: { ...send, ...include },
      ...(headers && { headers }),
    };
    const sent = addressesIn(this.#steps.prepare(step).send);
    const answer = socket ? await this.#overSocket(step, socket) : await this.#steps.try(step);
    if (answer.status < 400) {
      // A GET changes nothing.
      if (this.#site.client.descriptors.rpcs.get(method)!.verb !== "GET") this.#wear();
      if (endsCaller) this.#people.delete(kind);
    }
    const known = kind === "nobody" ? sent : [...sent, String(this.#variables.get(`${owners[kind] ?? kind}.email`))];
    return { ...answer, known };
  }

  /** The statuses of a call over an open socket, and of the same one at once after the end of its session. */
  async playAfterTheEnd(kind: string, codec: CodecName): Promise<{ readonly before: number; readonly after: number }> {
    for (const name of ["self", "admin", "leaving"]) await this.#person(name);
    await this.#logIn("leaving", { ending: "access_token" });
    const step = { call: "getMe", token: "$ending" };
    const { status: before } = await this.#overSocket(step, codec);
    if (kind === "revoked") await this.#run({ call: "logout", token: "$ending", answers: 204 });
    else {
      await this.#run({ call: "suspendUser", token: "$admin", send: { user_id: "$leaving.id" } });
      this.#people.delete("leaving");
    }
    const { status: after } = await this.#overSocket(step, codec);
    return { before, after };
  }

  #overSocket(step: Step, codec: CodecName): Promise<Called> {
    const { method, send, token, headers } = this.#steps.prepare(step);
    return this.#site.socket.call(method, send, { codec, token, ...fieldsOfHeaders(headers) });
  }

  /** Registers and logs in a person, unless they are there: $name is their token. */
  async #person(name: string): Promise<void> {
    if (this.#people.has(name)) return;
    const email = `${name}.${++count}@example.org`;
    this.#variables.set(`${name}.email`, email);
    await this.#run({
      call: "register",
      send: { email, password, first_name: name, last_name: "Person" },
      answers: 201,
      capture: { [`${name}.id`]: "id" },
    });
    const id = Number(this.#variables.get(`${name}.id`));
    if (name === "teacher" || name === "unenrolled") await this.#site.appoint(id, "ROLE_TEACHER");
    if (name === "admin") await this.#site.appoint(id, "ROLE_SUPER_ADMIN");
    await this.#logIn(name, { [name]: "access_token" });
    if (name === "admin")
      await this.#run({
        call: "createWebhook",
        token: "$admin",
        send: webhook,
        answers: 201,
        capture: { "admin.webhook": "id" },
      });
    this.#people.add(name);
    this.#forget();
  }

  #forget(): void {
    this.#hasThings = false;
    this.#preparedFor = undefined;
    this.#keys.clear();
  }

  async #logIn(name: string, capture: Record<string, string>): Promise<void> {
    await this.#run({ call: "login", send: { email: `$${name}.email`, password }, capture });
  }

  /** After a call that has changed something. */
  #wear(): void {
    this.#worn = allThings;
    this.#preparedFor = undefined;
    this.#keys.clear();
  }

  /** Makes anew what a request is about, where it may have ended. */
  async #renew(request: string): Promise<void> {
    const due = this.#worn.filter((thing) => things[thing].test(request));
    for (const thing of due) await this.#make(thing);
    this.#worn = this.#worn.filter((thing) => !due.includes(thing));
  }

  async #things(): Promise<void> {
    for (const thing of allThings) await this.#make(thing);
    this.#worn = [];
    this.#hasThings = true;
  }

  #make(thing: Thing): Promise<void> {
    return { session: () => this.#session(), chat: () => this.#chat(), passkey: () => this.#passkey() }[thing]();
  }

  /** A second session of self. */
  async #session(): Promise<void> {
    await this.#logIn("self", { spare: "access_token", "spare.refresh": "refresh_token" });
    await this.#run({
      call: "listSessions",
      token: "$spare",
      send: { limit: 1 },
      capture: { "spare.session": "sessions[0].id" },
    });
  }

  /** A chat of owner, in which member and self are members, with a message of self. */
  async #chat(): Promise<void> {
    await this.#run({
      call: "createChat",
      token: "$owner",
      send: { title: "Tea", member_ids: ["$member.id", "$self.id"] },
      answers: 201,
      capture: { tea: "id" },
    });
    await this.#run({
      call: "sendMessage",
      token: "$self",
      send: { chat_id: "$tea", text: "Hello" },
      answers: 201,
      capture: { message: "id" },
    });
  }

  /** A passkey of self, in place of those before it: a person has few. */
  async #passkey(): Promise<void> {
    await this.#run({ call: "listPasskeys", token: "$self", capture: { passkeys: "passkeys" } });
    for (const { id } of this.#variables.get("passkeys") as { id: number }[])
      await this.#run({
        call: "removePasskey",
        token: "$self",
        send: { passkey_id: id, password },
        answers: 204,
      });
    await this.#run({
      call: "beginPasskey",
      token: "$self",
      send: { password },
      capture: { made: "webauthn.create(options_json, origin)" },
    });
    await this.#run({
      call: "registerPasskey",
      token: "$self",
      send: { credential_json: "$made", name: "Phone" },
      answers: 201,
      capture: { "spare.passkey": "id" },
    });
  }

  async #tokenOf(kind: string, method: string): Promise<string | undefined> {
    if (kind === "key" || kind === "unscoped") return this.#keyOf(kind, method);
    if (kind === "nobody") return undefined;
    if (kind === "expired") return this.#forged("self", ({ iat, exp }) => ({ iat: iat - 3_600, exp: exp - 3_600 }));
    if (kind === "unenrolled") return this.#unenrolled();
    if (kind === "suspended" || kind === "lostkey") await this.#suspended();
    if (kind === "revoked") {
      await this.#logIn("self", { revoked: "access_token" });
      await this.#run({ call: "logout", token: "$revoked", answers: 204 });
    }
    return `$${kind}`;
  }

  /** An API key of self, which ends the one before it: a person has few. */
  async #keyOf(kind: string, method: string): Promise<string> {
    const needed = kind === "unscoped" ? this.#site.client.descriptors.rpcs.get(method)!.scopes : [];
    const scopes = this.#scopes().filter((scope) => !needed.includes(scope));
    if (this.#keys.get(kind) === scopes.join()) return `$${kind}`;
    this.#keys.clear();
    await this.#run({ call: "listApiKeys", token: "$self", capture: { keys: "api_keys" } });
    for (const { id, revoked_at } of this.#variables.get("keys") as { id: number; revoked_at?: string }[])
      if (!revoked_at)
        await this.#run({ call: "revokeApiKey", token: "$self", send: { api_key_id: id }, answers: 204 });
    const send = { name: kind, scopes };
    await this.#run({ call: "createApiKey", token: "$self", send, answers: 201, capture: { [kind]: "secret" } });
    this.#keys.set(kind, scopes.join());
    return `$${kind}`;
  }

  /** Somebody who has logged in and made an API key, and was suspended after that. */
  async #suspended(): Promise<void> {
    if (this.#people.has("suspended")) return;
    await this.#person("suspended");
    const scopes = this.#scopes();
    const send = { name: "lost", scopes };
    await this.#run({
      call: "createApiKey",
      token: "$suspended",
      send,
      answers: 201,
      capture: { lostkey: "secret" },
    });
    await this.#run({ call: "suspendUser", token: "$admin", send: { user_id: "$suspended.id" } });
  }

  /** A teacher, as a server knows them on which teachers need a second factor. */
  async #unenrolled(): Promise<string> {
    await this.#person("unenrolled");
    if (!this.#hasThings) await this.#things();
    return this.#forged("unenrolled", () => ({ enrol: true }));
  }

  /** Every scope that a method needs. */
  #scopes(): string[] {
    const { rpcs } = this.#site.client.descriptors;
    return [...new Set([...rpcs.values()].flatMap(({ scopes }) => scopes))].filter((scope) => !scope.endsWith("_NONE"));
  }

  /** A token of a person as the server makes it in another case. */
  async #forged(
    name: string,
    change: (claims: Readonly<Record<"iat" | "exp", number>>) => Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const payload = String(this.#variables.get(name)).split(".")[1]!;
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<"iat" | "exp", number>;
    return new SignJWT({ ...claims, ...change(claims) })
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
      .sign(deriveKey(this.#site.secretKey, "access token"));
  }

  async #run(step: Step): Promise<void> {
    await this.#steps.run(step, "the scene");
  }
}
