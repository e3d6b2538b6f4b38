// One process of the server without HTTP: a database with people in it, and the handlers, called as any of them.
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import type { AuthDeps } from "../../src/accounts/handlers.js";
import { type Accounts, openAccounts } from "../../src/accounts/open.js";
import { anonymous, callWithoutRequest, type Call, type Caller, type Handlers } from "../../src/call.js";
import { Precondition } from "../../src/contract/http/preconditions.js";
import { readConfig } from "../../src/config.js";
import type { ApiKeyService } from "../../src/gen/lyceum/v1/api_key.js";
import type { AccountService } from "../../src/gen/lyceum/v1/account.js";
import type { AuthService, Tokens } from "../../src/gen/lyceum/v1/auth.js";
import type { ChatService } from "../../src/gen/lyceum/v1/chat.js";
import type { EventService } from "../../src/gen/lyceum/v1/event.js";
import type { FileService } from "../../src/gen/lyceum/v1/file.js";
import type { GroupService } from "../../src/gen/lyceum/v1/group.js";
import type { MessageService } from "../../src/gen/lyceum/v1/message.js";
import type { PasskeyService } from "../../src/gen/lyceum/v1/passkey.js";
import type { SecondFactorService } from "../../src/gen/lyceum/v1/second_factor.js";
import type { PasswordService } from "../../src/gen/lyceum/v1/password.js";
import type { Role, UserService } from "../../src/gen/lyceum/v1/user.js";
import type { BlobStore } from "../../src/platform/blobs/blob-store.js";
import { openFolderStore } from "../../src/platform/blobs/folder-store.js";
import type { Upload } from "../../src/contract/streams/upload.js";
import { type Database, type DatabaseServer, openDatabase } from "../../src/platform/database/database.js";
import { statement } from "../../src/platform/database/statement.js";
import type { Mail } from "../../src/platform/mail/mailer.js";
import { Hub } from "../../src/realtime/hub.js";
import { services } from "../../src/services.js";
import { createUser } from "../../src/users/people.js";
import { Mailbox } from "./mail/mailbox.js";
import { temporaryFolder, testDatabase } from "./database.js";

let asked = 0;

/** Words that nobody has as a nick. */
const importKey = Buffer.alloc(32);
/** The test is on loopback. */
const webhooks = { webhookKey: Buffer.alloc(32, 1), policy: { isPrivateAllowed: true, isHttpAllowed: true } };
const routeWords = new Set(["users", "by-nick"]);

/** A log that writes nothing. */
export const log = pino({ level: "silent" });

export interface CallOptions {
  readonly role?: Role;
  /** The versions that If-Match names. */
  readonly ifMatch?: readonly number[];
  readonly upload?: Upload;
}

/** What is needed to register an account. */
export interface Draft {
  readonly email: string;
  readonly password: string;
  readonly first_name: string;
  readonly last_name: string;
}

/** An account that is logged in. */
export interface Account extends Draft {
  readonly id: number;
  readonly tokens: Required<Tokens>;
  readonly caller: Caller;
  readonly call: Call;
}

export interface School {
  /** Of the database; another process of the same school is opened with it. */
  readonly url: string;
  readonly mailbox: Mailbox;
  /** What this process has mailed, the oldest first. */
  readonly mails: readonly Mail[];
  readonly server: DatabaseServer;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly auth: Handlers<AuthService>;
  readonly apiKeys: Handlers<ApiKeyService>;
  readonly passwords: Handlers<PasswordService>;
  /** The handlers of AccountService. */
  readonly administration: Handlers<AccountService>;
  readonly users: Handlers<UserService>;
  readonly groups: Handlers<GroupService>;
  readonly chats: Handlers<ChatService>;
  readonly messages: Handlers<MessageService>;
  readonly events: Handlers<EventService>;
  readonly files: Handlers<FileService>;
  /** The store of files, and its folder. */
  readonly blobs: BlobStore;
  /** Where they are. */
  readonly blobsFolder: string;
  readonly folder: string;
  readonly secondFactor: Handlers<SecondFactorService>;
  readonly passkeys: Handlers<PasskeyService>;
  /** The handlers of every service, by its full name. */
  readonly services: ReturnType<typeof services>;
  /** The handlers of PasskeyService with other dependencies. */
  passkeysWith(changed: Partial<AuthDeps>): Handlers<PasskeyService>;
  /** The handlers of SecondFactorService with other dependencies. */
  secondFactorWith(changed: Partial<AuthDeps>): Handlers<SecondFactorService>;
  /** The handlers of AuthService with other dependencies. */
  authWith(changed: Partial<AuthDeps>): Handlers<AuthService>;
  administrationWith(changed: Partial<AuthDeps>): Handlers<AccountService>;
  /** A call by a user, a student unless the options say otherwise; an anonymous one when absent. */
  as(user?: number | Caller, options?: CallOptions): Call;
  /** A new user without a password; returns the id. */
  person(firstName?: string, lastName?: string): Promise<number>;
  /** A new account, logged in by this process. */
  account(role?: Role): Promise<Account>;
  /** A new group chat, owned by the first; returns the id. */
  chat(owner: number, ...members: number[]): Promise<number>;
  /** Whether the access token of an account is valid for this process. */
  isLetIn(account: Pick<Account, "tokens">): Promise<boolean>;
  /** Runs any SQL. */
  sql<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Closes the process; also drops the database, unless it was opened with a URL. */
  close(): Promise<void>;
}

/** Opens a process on a database of its own, or on the database at `url`. */
export async function openSchool(url?: string): Promise<School> {
  const cloned = url === undefined ? await testDatabase() : undefined;
  const databaseUrl = url ?? cloned!.url;
  const server = await openDatabase({ url: databaseUrl, pool: 10, log });
  const { database } = server;
  const config = readConfig({ NODE_ENV: "test", REGISTRATION: "open", PASSWORD_COST: "4" });
  const mailer = new Mailbox(database);
  const secretKey = "a secret key of forty bytes, for the tests";
  const accounts = await openAccounts({ server, mailer, log }, { ...config, secretKey });
  const folder = await temporaryFolder();
  const blobs = await openFolderStore(folder);
  const files = { blobs, linkKey: new TextEncoder().encode("a key of links, for the tests") };
  // Nothing in it is told as it happens: the feed of a server is tried over its ports.
  const feed = { join: () => ({ close: () => undefined }), newestPts: async () => new Map<string, number>() };
  const hub = new Hub({ feed, database, log });
  const deps = {
    config,
    server,
    files,
    importKey,
    realtime: { hub, presence: undefined, typing: undefined, closing: new AbortController().signal },
    routeWords,
    webhooks,
  };
  const handlers = services({ ...deps, accounts });
  const [auth, chats] = [handlers["lyceum.v1.AuthService"], handlers["lyceum.v1.ChatService"]];

  const as: School["as"] = (user = anonymous, { role = "ROLE_STUDENT", ifMatch, upload } = {}) => {
    const caller = typeof user === "number" ? ({ id: user, role, sessionId: "", means: "bearer" } as const) : user;
    return callWithoutRequest(caller, { log, database, ...(upload && { upload }) }, onVersions(ifMatch));
  };
  const callerOf = ({ access_token }: Tokens) => accounts.authenticate(`Bearer ${access_token}`);
  const sql: School["sql"] = (text, values = []) =>
    database.transaction((queries) => queries.many(statement("pool", `test-sql-${(asked += 1)}`, text), values), {
      timeoutMs: 30_000,
    });

  return {
    url: databaseUrl,
    mailbox: mailer,
    mails: mailer.mails,
    server,
    database,
    accounts,
    auth,
    services: handlers,
    apiKeys: handlers["lyceum.v1.ApiKeyService"],
    secondFactor: handlers["lyceum.v1.SecondFactorService"],
    passkeys: handlers["lyceum.v1.PasskeyService"],
    passkeysWith: (changed) => services({ ...deps, accounts: { ...accounts, ...changed } })["lyceum.v1.PasskeyService"],
    secondFactorWith: (changed) =>
      services({ ...deps, accounts: { ...accounts, ...changed } })["lyceum.v1.SecondFactorService"],
    passwords: handlers["lyceum.v1.PasswordService"],
    administration: handlers["lyceum.v1.AccountService"],
    users: handlers["lyceum.v1.UserService"],
    groups: handlers["lyceum.v1.GroupService"],
    chats,
    messages: handlers["lyceum.v1.MessageService"],
    events: handlers["lyceum.v1.EventService"],
    files: handlers["lyceum.v1.FileService"],
    blobs,
    blobsFolder: folder,
    folder,
    authWith: (changed) => services({ ...deps, accounts: { ...accounts, ...changed } })["lyceum.v1.AuthService"],
    administrationWith: (changed) =>
      services({ ...deps, accounts: { ...accounts, ...changed } })["lyceum.v1.AccountService"],
    as,
    sql,
    async person(first_name = "Anna", last_name = "Smith") {
      const email = `${randomUUID()}@example.org`;
      return (await createUser(database, { email, first_name, last_name, role: "ROLE_STUDENT" })).id;
    },
    async account(role = "ROLE_STUDENT") {
      const draft = somebody();
      const { id } = await auth.register(draft, as());
      if (role !== "ROLE_STUDENT") await sql("update users set role = $2 where id = $1", [id, role]);
      const tokens = (await auth.login(draft, as())) as Required<Tokens>;
      const caller = await callerOf(tokens);
      return { ...draft, id, tokens, caller, call: as(caller) };
    },
    async chat(owner, ...member_ids) {
      return (await chats.createChat({ title: "Tea", member_ids }, as(owner))).id;
    },
    async isLetIn({ tokens }) {
      try {
        await callerOf(tokens);
        return true;
      } catch {
        return false;
      }
    },
    async close() {
      await accounts.close();
      await server.close();
      await cloned?.drop();
    },
  };
}

/** If-Match with tags of these versions. */
function onVersions(versions: readonly number[] | undefined): Precondition {
  return Precondition.of({ "if-match": versions?.map((version) => `"${version}.tag-json"`).join(", ") });
}

/** A draft with an e-mail address that no other one has. */
export function somebody(): Draft {
  return { email: `${randomUUID()}@example.org`, password: "correct horse", first_name: "Мария", last_name: "Иванова" };
}
