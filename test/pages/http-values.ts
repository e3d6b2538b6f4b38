// What a request of /lyceum.http needs to succeed: a person who sends it, and the things that its variables name.
import { expect } from "chai";
import { Authenticator } from "../../runner/cases/computed/authenticator.js";
import type { Method } from "../../src/contract/model/method.js";
import { call, type Json } from "../resilience/person.js";
import { upTo } from "../support/numbers.js";
import { appoint, type TestServer } from "../support/server.js";

/** By the name of a variable. */
export type Values = Readonly<Record<string, string>>;

/** The file of an import. */
export const csv = (...addresses: readonly string[]): string =>
  ["email,first_name,last_name,password", ...addresses.map((email) => `${email},A,B,a long passphrase`)].join("\n");

/** A request that is prepared. */
interface Prepared {
  readonly server: TestServer;
  readonly picture: Uint8Array<ArrayBuffer>;
  readonly method: Method;
  readonly name: string;
  /** With its variables. */
  readonly url: string;
  /** Who sends it. */
  readonly caller: Login;
  /** The access token of the caller. */
  readonly token: string;
  /** Whether the caller is a super admin. */
  readonly isStaff: boolean;
}

interface Login {
  readonly email: string;
  readonly password: string;
}

/** Sends JSON, and returns the answer, which is a success. */
export async function made({ url }: TestServer, path: string, body: Json, token?: string): Promise<Json> {
  const answer = await call(url, "POST", path, body, token);
  expect(answer.status, JSON.stringify(answer.body)).to.be.below(300);
  return answer.body;
}

/** Prepares a request of the file, and returns the values of its variables; `file_id` also takes the place of one in the body. */
export async function valuesOf(
  server: TestServer,
  picture: Uint8Array<ArrayBuffer>,
  method: Method,
  url: string,
): Promise<Values> {
  const { name, access, service } = method;
  // Staff also where a student could act in a group alone, which they are not in.
  const isStaff =
    ["ACCESS_SUPER_ADMIN", "ACCESS_TEACHER"].includes(access) ||
    name === "UpdateUser" ||
    /\.(?:Post|Poll|Comment|Report)Service$/.test(service);
  const caller = isStaff ? await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN") : await registered(server, name);
  const tokens = await made(server, "/v1/auth/login", { ...caller });
  const token = String(tokens["access_token"]);
  const prepared = { server, picture, method, name, url, caller, token, isStaff };
  const [, make] = makers.find(([needed]) => needed.test(`${name} ${url}`))!;
  return { host: server.url, token, refresh_token: String(tokens["refresh_token"]), ...(await make(prepared)) };
}

/** By the name and the address of a request; the first that matches. */
const makers: readonly (readonly [needed: RegExp, make: (prepared: Prepared) => Values | Promise<Values>])[] = [
  [/\{\{api_key_id\}\}/, apiKey],
  [/^CreateImport /, importFile],
  [/\{\{import_id\}\}/, anImport],
  [/^GetCalendar /, calendar],
  [/\{\{(?:file_id|path_token)\}\}/, file],
  [/\{\{passkey_id\}\}/, passkey],
  [/\{\{banner_id\}\}/, banner],
  [/\{\{webhook_id\}\}/, webhook],
  [/\{\{(?:announcement|notification)_id\}\}/, announcement],
  [/\{\{group_id\}\}/, group],
  [/\{\{nick\}\}/, nick],
  [/\{\{session_id\}\}/, session],
  [/^CreateAchievement |\{\{achievement_id\}\}/, achievement],
  [/\{\{user_id\}\}.*\{\{medal_id\}\}/, medal],
  [/^ListMedalHolders /, () => ({ medal_id: "1" })],
  [/^(?:ListPointsEntries|GetPointsEntry) /, points],
  [/\{\{event_id\}\}/, event],
  [/\{\{(?:post|comment|report|poll)_id\}\}/, post],
  [/\{\{(?:chat|message)_id\}\}/, chat],
  [/\{\{user_id\}\}/, other],
  [/(?:)/, () => ({})],
];

/** A person without anything, with an address of the name. */
async function registered(server: TestServer, name: string): Promise<Login> {
  const login = { email: `${name.toLowerCase()}@example.org`, password: "a long passphrase" };
  await made(server, "/v1/auth/register", { ...login, first_name: "A", last_name: "B" });
  return login;
}

async function tokenOf(server: TestServer, login: Login): Promise<string> {
  return String((await made(server, "/v1/auth/login", { ...login }))["access_token"]);
}

/** The token of a super admin who is not the caller. */
const anAdmin = async ({ server }: Prepared): Promise<string> =>
  tokenOf(server, await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN"));

async function got({ server }: Prepared, path: string, token: string): Promise<Json> {
  const answer = await call(server.url, "GET", path, undefined, token);
  expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  return answer.body;
}

const idOf = (of: Json): string => String(of["id"]);

const ownId = async (prepared: Prepared): Promise<string> => idOf(await got(prepared, "/v1/auth/me", prepared.token));

/** Sends bytes, and returns the id that the answer has. */
async function uploaded(
  server: TestServer,
  path: string,
  type: string,
  body: Uint8Array<ArrayBuffer> | string,
  token: string,
): Promise<string> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": type };
  const answer = await fetch(server.url + path, { method: "POST", headers, body: body });
  expect(answer.status).to.equal(201);
  return idOf((await answer.json()) as Json);
}

async function apiKey({ server, token }: Prepared): Promise<Values> {
  const key = await made(server, "/v1/auth/api-keys", { name: "A", scopes: ["SCOPE_USERS_READ"] }, token);
  return { api_key_id: idOf(key) };
}

async function importFile({ server, token }: Prepared): Promise<Values> {
  return { file_id: await uploaded(server, "/v1/files", "text/csv", "email,first_name,last_name\n", token) };
}

async function anImport({ server, name, token }: Prepared): Promise<Values> {
  // With passwords, so that it is not over before it is cancelled.
  const people = csv(...upTo(name === "CancelImport" ? 1_000 : 1).map((at) => `${at}.${name}@example.org`));
  return { import_id: await uploaded(server, "/v1/users/import", "text/csv", people, token) };
}

async function calendar({ server, token }: Prepared): Promise<Values> {
  const link = await made(server, "/v1/calendar-link", {}, token);
  return { path_token: String(link["url"]).split("/").at(-1)! };
}

async function file({ server, picture, token }: Prepared): Promise<Values> {
  const file_id = await uploaded(server, "/v1/files", "image/png", picture, token);
  const link = await made(server, `/v1/files/${file_id}/link`, {}, token);
  return { file_id, path_token: String(link["url"]).split("/").at(-1)! };
}

async function passkey({ server, caller, token }: Prepared): Promise<Values> {
  const { password } = caller;
  const begun = await made(server, "/v1/auth/passkeys/registration-options", { password }, token);
  const credential_json = new Authenticator().create(String(begun["options_json"]), String(begun["origin"]));
  return { passkey_id: idOf(await made(server, "/v1/auth/passkeys", { name: "A", credential_json }, token)) };
}

async function webhook({ server, token }: Prepared): Promise<Values> {
  const target = { url: "https://hooks.school.example/lyceum", kinds: ["medal.*"] };
  const webhook_id = idOf(await made(server, "/v1/webhooks", target, token));
  const delivery = await call(server.url, "POST", `/v1/webhooks/${webhook_id}/test`, {}, token);
  return { webhook_id, delivery_id: idOf(delivery.body) };
}

async function banner({ server, token }: Prepared): Promise<Values> {
  return { banner_id: idOf(await made(server, "/v1/banners", { text: "Hello" }, token)) };
}

async function announcement(prepared: Prepared): Promise<Values> {
  const told = { type: "NOTIFICATION_TYPE_WARNING", text: "Hello", is_for_all: true };
  const sent = await made(prepared.server, "/v1/announcements", told, await anAdmin(prepared));
  const [notification] = (await got(prepared, "/v1/notifications", prepared.token))["notifications"] as Json[];
  return { announcement_id: idOf(sent), notification_id: idOf(notification!) };
}

async function group(prepared: Prepared): Promise<Values> {
  const { server, name, url } = prepared;
  const admin = await anAdmin(prepared);
  const group_id = idOf(await made(server, "/v1/groups", { name: `Of ${name}` }, admin));
  if (url.includes("{{user_id}}")) await made(server, `/v1/groups/${group_id}/members`, { user_ids: [3] }, admin);
  return { group_id, user_id: "3" };
}

async function nick(prepared: Prepared): Promise<Values> {
  const { server, token } = prepared;
  await call(server.url, "PATCH", `/v1/users/${await ownId(prepared)}`, { nick: "vera" }, token);
  return { nick: "vera" };
}

async function session(prepared: Prepared): Promise<Values> {
  const [first] = (await got(prepared, "/v1/auth/sessions", prepared.token))["sessions"] as Json[];
  return { session_id: idOf(first!) };
}

/** The caller's own, or for the staff that of a student; for CreateAchievement the diploma alone. */
async function achievement({ server, picture, name, token, isStaff }: Prepared): Promise<Values> {
  const author = isStaff ? await tokenOf(server, await registered(server, `of.${name}`)) : token;
  const file_id = await uploaded(server, "/v1/files?purpose=FILE_PURPOSE_DIPLOMA", "image/png", picture, author);
  if (name === "CreateAchievement") return { file_id };
  const draft = { kind: "ACHIEVEMENT_KIND_EVENT", title: "A talk", file_id: Number(file_id) };
  const achievement_id = idOf(await made(server, "/v1/achievements", draft, author));
  if (name === "RevokeAchievement")
    await made(server, `/v1/achievements/${achievement_id}/accept`, { points: 10 }, token);
  return { achievement_id };
}

async function medal(prepared: Prepared): Promise<Values> {
  const { user_id } = await other({ ...prepared, isStaff: true, token: await anAdmin(prepared) });
  const award = { medal_id: 9, reason: "A talk" };
  await made(prepared.server, `/v1/users/${user_id}/medals`, award, await anAdmin(prepared));
  return { user_id: user_id!, medal_id: "9" };
}

/** Those of the caller. */
async function points(prepared: Prepared): Promise<Values> {
  const user_id = await ownId(prepared);
  const given = { amount: 5, note: "A talk" };
  const entry = await made(prepared.server, `/v1/users/${user_id}/points`, given, await anAdmin(prepared));
  return { user_id, entry_id: idOf(entry) };
}

/** An event to which the caller and the person of the examples come, and which has begun where it is said who was there. */
async function event(prepared: Prepared): Promise<Values> {
  const { server, name, token } = prepared;
  const admin = await anAdmin(prepared);
  const hour = (from: number): string => new Date(Date.now() + from * 3_600_000).toISOString();
  const draft = { title: "A talk", time_zone: "Europe/Moscow", audience: { is_for_all: true } };
  const times = { starts_at: hour(1), ends_at: hour(2) };
  const event_id = idOf(await made(server, "/v1/events", { ...draft, ...times }, admin));
  const path = `/v1/events/${event_id}`;
  if (name !== "RegisterForEvent") await made(server, `${path}/registration`, {}, token);
  if (name !== "AddEventParticipant") await made(server, `${path}/participants`, { user_id: 3 }, admin);
  if (name === "MarkAttendance") await call(server.url, "PATCH", path, { starts_at: hour(-1) }, admin);
  return { event_id, user_id: "3" };
}

/**
 * A post with a comment and a poll: of the caller, or, as nobody votes for their own or reports it, of another person, reported by
 * the caller where the request is about a report.
 */
async function post(prepared: Prepared): Promise<Values> {
  const { server, name, url, token } = prepared;
  const author = /VoteForPost|Report/.test(name) ? await anAdmin(prepared) : token;
  const draft = { title: "A walk", text: "On Saturday", is_for_all: true };
  const post_id = idOf(await made(server, "/v1/posts", { ...draft, publish: name !== "PublishPost" }, author));
  if (name === "PublishPost") return { post_id };
  const path = `/v1/posts/${post_id}`;
  const comment_id = idOf(await made(server, `${path}/comments`, { text: "And if it rains?" }, author));
  if (url.includes("{{report_id}}")) {
    await made(server, `${path}/reports`, { reason: "Not about school" }, token);
    const [report] = (await got(prepared, `/v1/reports?post_id=${post_id}`, token))["reports"] as Json[];
    return { post_id, report_id: idOf(report!) };
  }
  if (name === "CreatePoll") return { post_id };
  const poll = { question: "Where to?", options: ["To the lake", "To the hill"] };
  return { post_id, comment_id, poll_id: idOf(await made(server, `${path}/poll`, poll, author)) };
}

/** A chat with a message, and with a picture where the request is about it. */
async function chat({ server, picture, name, url, token }: Prepared): Promise<Values> {
  const member_ids = name === "AddChatMember" ? [2] : [2, 3];
  const chat_id = idOf(await made(server, "/v1/chats", { title: "A chat", member_ids }, token));
  const message_id = idOf(await made(server, `/v1/chats/${chat_id}/messages`, { text: "Hi" }, token));
  if (url.endsWith("/picture")) {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "image/png" };
    await fetch(`${server.url}/v1/chats/${chat_id}/picture`, { method: "PUT", headers, body: picture });
  }
  return { user_id: "3", chat_id, message_id };
}

/** Another person: for the staff a new one, who is invited where the request is about the invite. */
async function other({ server, name, url, token, isStaff }: Prepared): Promise<Values> {
  if (!isStaff) return { user_id: "3" };
  const person = { email: `of.${name.toLowerCase()}@example.org`, first_name: "A", last_name: "B" };
  const answer = url.endsWith("/invite")
    ? await made(server, "/v1/users", person, token)
    : await made(server, "/v1/auth/register", { ...person, password: "a long passphrase" });
  return { user_id: idOf(answer) };
}
