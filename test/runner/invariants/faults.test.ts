// One thing is broken in a real answer, or in the document that it is held to, and the witness says so in words.
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { codecOf, decode, encode, mediaTypes, type Plain } from "../../../runner/client/encoding.js";
import type { Exchange } from "../../../runner/client/client.js";
import { createInvariants, type Invariants } from "../../../runner/invariants/invariants.js";
import { openMember, type HeaderList, type Member } from "../../engine/http/member.js";

/** What is changed of what was seen. */
interface Change {
  /** Of the answer; undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly status?: number;
  /** Content-Length is set to its length. */
  readonly body?: Buffer | string;
  /** Fields of the message that the body is; undefined takes one away. Written in the codec of the answer. */
  readonly fields?: Plain;
  readonly verb?: string;
  readonly path?: string;
  /** Further headers of the request. */
  readonly sent?: HeaderList;
}

const id = { "x-request-id": "another" };
const tag = (text: string): Change => ({ headers: { etag: text } });
const violation = { field: "messages[2].role", pointer: "/messages/2/role", rule: "string.min_len", message: "no" };
const breach = (change: Partial<typeof violation>): Change => ({
  fields: { violations: [{ ...violation, ...change }] },
});

/** What is broken, in which answer, and what the witness says of it. */
const broken: readonly (readonly [what: string, sample: string, change: Change, words: string])[] = [
  // Headers.
  ["no Vary", "chat", { headers: { vary: undefined } }, "Vary does not name Accept: there is none"],
  ["a Vary without Accept", "missing", { headers: { vary: "Accept-Encoding" } }, "Vary does not name Accept:"],
  ["a Vary without Accept-Encoding", "known", { headers: { vary: "Accept" } }, "Vary does not name Accept-Encoding"],
  ["no Vary on OPTIONS", "options", { headers: { vary: undefined } }, "Vary does not name"],
  [
    "leave to sniff",
    "head",
    { headers: { "x-content-type-options": undefined } },
    "X-Content-Type-Options is not nosniff",
  ],
  ["no request id", "gone", { headers: { "x-request-id": undefined } }, "X-Request-Id is not an id"],
  ["another request id than was sent", "chat", { sent: [["X-Request-Id", "mine"]] }, "had the sane id mine"],
  ["a list that may be kept", "zipped", { headers: { "cache-control": undefined } }, 'Cache-Control is not "no-store"'],
  [
    "a tagged answer for all",
    "chat",
    { headers: { "cache-control": "no-cache" } },
    'Cache-Control is not "private, no-cache"',
  ],
  ["an error that may be kept", "missing", { headers: { "cache-control": "private, no-cache" } }, 'is not "no-store"'],
  [
    "a Content-Length that is wrong",
    "chat",
    { headers: { "content-length": "7" } },
    "Content-Length is not the length",
  ],
  [
    "no Content-Length of HEAD",
    "head",
    { headers: { "content-length": undefined } },
    "Content-Length is not the length",
  ],
  // Codings.
  [
    "a coding that nobody knows",
    "chat",
    { headers: { "content-encoding": "zip" } },
    "Content-Encoding is neither gzip nor br",
  ],
  ["bytes that are not gzip", "zipped", { body: "no gzip" }, "The body cannot be decompressed"],
  ["a coding that was not asked for", "coded", { sent: [["Accept-Encoding", "br"]] }, "does not ask for"],
  ["a coding that is not the best", "coded", { sent: [["Accept-Encoding", "gzip;q=0.5, br"]] }, "prefers br"],
  ["a coding that is excluded", "coded", { sent: [["Accept-Encoding", "gzip;q=0, *"]] }, "does not ask for"],
  [
    "a short body that is coded",
    "me",
    { headers: { "content-encoding": "gzip" }, body: gzipSync("{}") },
    "A body of 2 bytes is coded in gzip",
  ],
  [
    "a long body that is plain",
    "chat",
    { sent: [["Accept-Encoding", "gzip"]] },
    "is plain, where Accept-Encoding asks for gzip",
  ],
  ["304 with a coding", "known", { headers: { "content-encoding": "br" } }, "304 has a Content-Encoding: br"],
  // Media types.
  [
    "JSON without charset",
    "chat",
    { headers: { "content-type": "application/json" } },
    "not one that the contract writes",
  ],
  [
    "protobuf with a parameter",
    "binary",
    { headers: { "content-type": "application/protobuf; x=1" } },
    "not one that the contract writes",
  ],
  ["no Content-Type", "chat", { headers: { "content-type": undefined } }, "There is no Content-Type"],
  [
    "a type of nobody's",
    "chat",
    { headers: { "content-type": "text/plain" } },
    "not one that the contract writes: text/plain",
  ],
  [
    "a success as a problem",
    "chat",
    { headers: { "content-type": "application/problem+json; charset=utf-8" } },
    "Content-Type of a success",
  ],
  [
    "another alias than was asked for",
    "binary",
    { headers: { "content-type": "application/proto" } },
    "lead to application/protobuf",
  ],
  [
    "JSON for who asks for protobuf",
    "chat",
    { sent: [["Accept", "application/protobuf"]] },
    "lead to application/protobuf",
  ],
  [
    "JSON for who sends protobuf",
    "made",
    { sent: [["Content-Type", "application/proto"]] },
    "lead to application/proto",
  ],
  ["JSON for who clicks on proto", "chat", { path: "/v1/chats/1?alt=proto" }, "lead to application/protobuf"],
  [
    "no name of a protobuf message",
    "binary",
    { headers: { "x-protobuf-message": undefined } },
    "X-Protobuf-Message is not lyceum.v1.GetChatResponse",
  ],
  [
    "the name of another message",
    "binaryMissing",
    { headers: { "x-protobuf-message": "lyceum.v1.Chat" } },
    "X-Protobuf-Message is not lyceum.v1.Problem",
  ],
  [
    "the name of a message on JSON",
    "chat",
    { headers: { "x-protobuf-message": "lyceum.v1.Chat" } },
    "stands on what is not protobuf",
  ],
  // Statuses of success.
  ["200 for what is made", "made", { status: 200 }, "createChat answers 200, where its success is 201"],
  ["201 for what is read", "chat", { status: 201 }, "getChat answers 201, where its success is 200"],
  ["200 for nothing", "gone", { status: 200 }, "deleteChat answers 200, where its success is 204"],
  ["204 with a body", "gone", { body: "{}" }, "There is a body of 2 bytes, where 204 has none"],
  ["204 with a Content-Type", "gone", { headers: { "content-type": "application/json" } }, "204 has a Content-Type"],
  ["204 with a Content-Length", "gone", { headers: { "content-length": "0" } }, "204 has a Content-Length"],
  ["HEAD with a body", "head", { body: "{}" }, "There is a body of 2 bytes, where HEAD has none"],
  ["what should have been 406", "chat", { sent: [["Accept", "text/html"]] }, "and the answer is 200 and not 406"],
  ["a success of a verb that there is not", "chat", { verb: "PUT" }, "PUT is no method of this path"],
  ["201 without Location", "made", { headers: { location: undefined } }, "201 has no Location"],
  [
    "a Location of something else",
    "made",
    { headers: { location: "/v1/chats/0" } },
    "Location is /v1/chats/0, where /v1/chats/{id}",
  ],
  [
    "a Location that is not of the path",
    "batch",
    { headers: { location: "/v1/chats/0/messages" } },
    "Location is /v1/chats/0/messages",
  ],
  [
    "a Location where nothing was made",
    "chat",
    { headers: { location: "/v1/chats/1" } },
    "a Location where none belongs",
  ],
  [
    "a Location where the path cannot be read",
    "batch",
    { path: "/v1/chats/%ff/messages/batch" },
    "of this answer is /v1/chats/%25ff/messages",
  ],
  // Tags.
  [
    "no ETag",
    "chat",
    { headers: { etag: undefined, "cache-control": "no-store" } },
    "ETag is not strong and of the form",
  ],
  ["an ETag of an error", "missing", tag('"1.aaaaaaaaaaaaaaaa-json"'), "an ETag where none belongs"],
  ["an ETag of a list", "zipped", tag('"1.aaaaaaaaaaaaaaaa-json-gzip"'), "an ETag where none belongs"],
  ["a weak ETag", "chat", tag('W/"1.aaaaaaaaaaaaaaaa-json"'), "ETag is not strong"],
  ["an ETag of another form", "head", tag('"abc"'), "ETag is not strong"],
  [
    "an ETag of another codec",
    "chat",
    tag('"1.aaaaaaaaaaaaaaaa-protobuf"'),
    "names protobuf, and the answer is in json",
  ],
  [
    "an ETag of another coding",
    "coded",
    tag('"1.aaaaaaaaaaaaaaaa-json"'),
    "names the coding of none, and the answer's is gzip",
  ],
  [
    "an ETag of another version",
    "binary",
    tag('"7.aaaaaaaaaaaaaaaa-protobuf"'),
    "names version 7, and chat.version is 1",
  ],
  [
    "a coding in the ETag of 304 that was not asked for",
    "known",
    tag('"1.aaaaaaaaaaaaaaaa-json-br"'),
    "names the coding br",
  ],
  ["304 without an ETag", "known", { headers: { etag: undefined } }, "ETag is not strong"],
  ["304 for another tag", "known", { sent: [["If-None-Match", '"other"']] }, 'and If-None-Match is "other"'],
  ["304 for who did not ask", "chat", { status: 304 }, "304 answers a request without If-None-Match"],
  ["304 of what has no tag", "zipped", { status: 304 }, "listMessages answers 304, and has no ETag"],
  ["304 with a body", "known", { body: "{}" }, "There is a body of 2 bytes, where 304 has none"],
  ["what should have been 304", "chat", { sent: [["If-None-Match", "*"]] }, "and the answer is 200 and not 304"],
  // Bodies.
  ["a field that nobody knows", "me", { fields: { more: 1 } }, "The body is not a lyceum.v1.User"],
  ["a field that is left out", "me", { fields: { first_name: undefined } }, "The body is not a lyceum.v1.User"],
  [
    "a fraction for an integer",
    "me",
    { fields: { id: 1.5 } },
    "does not fit the OpenAPI document: /id must be integer",
  ],
  ["a text for an integer", "me", { fields: { id: "1" } }, "not the json form"],
  ["a timestamp that is none", "me", { fields: { created_at: "yesterday" } }, '/created_at must match format "date-time"'],
  ["what is no JSON", "me", { body: "{" }, "The body is not a lyceum.v1.User"],
  [
    "bytes that are not the message",
    "binary",
    { body: Buffer.from([0x0a, 0x05]) },
    "The body is not a lyceum.v1.GetChatResponse",
  ],
  [
    "a field of bytes that nobody knows",
    "binary",
    { body: Buffer.from([0x78, 0x01]) },
    "field number 15 is not in the contract",
  ],
  // Problems.
  ["an error without a body", "missing", { body: "" }, "The body is not a lyceum.v1.Problem"],
  [
    "a problem in JSON for a client of protobuf",
    "missing",
    { sent: [["Accept", "application/protobuf"]] },
    "lead to application/protobuf",
  ],
  [
    "a problem+json for who takes plain JSON alone",
    "missing",
    { sent: [["Accept", "application/json"]] },
    "lead to application/json",
  ],
  [
    "a problem as plain JSON",
    "missing",
    { headers: { "content-type": "application/json; charset=utf-8" } },
    "lead to application/problem+json",
  ],
  [
    "another status in the body",
    "missing",
    { fields: { status: 400 } },
    "The Problem says status 400, and HTTP says 404",
  ],
  [
    "another status than the reason's",
    "missing",
    { status: 409, fields: { status: 409 } },
    "CHAT_NOT_FOUND has the status 404",
  ],
  ["a title of its own", "missing", { fields: { title: "No chat" } }, "CHAT_NOT_FOUND has the title Chat not found"],
  ["another code", "binaryMissing", { fields: { code: "INTERNAL" } }, "CHAT_NOT_FOUND has the code NOT_FOUND"],
  [
    "a reason that nobody knows",
    "missing",
    { fields: { reason: "LOST" } },
    'a reason that the contract does not know: "LOST"',
  ],
  [
    "a reason of another method",
    "missing",
    { fields: { reason: "MESSAGE_NOT_FOUND", title: "Message not found" } },
    "getChat does not declare MESSAGE_NOT_FOUND",
  ],
  ["a problem without a type", "missing", { fields: { type: "" } }, "The Problem's type is not the URI of a reason"],
  [
    "a type that changes",
    "missing",
    { fields: { type: "/problems/other" } },
    "The type of CHAT_NOT_FOUND is /problems/other, and it was",
  ],
  ["a problem without a detail", "missing", { fields: { detail: "" } }, "The Problem has no detail"],
  ["another instance", "missing", { fields: { instance: "/" } }, 'The Problem says instance "/"'],
  ["another request id in the body", "binaryMissing", { headers: id }, 'and X-Request-Id is "another"'],
  ["a status that the document does not declare", "missing", { status: 410 }, "does not declare 410 for getChat"],
  ["401 without a challenge", "anonymous", { headers: { "www-authenticate": undefined } }, "401 has no challenge"],
  ["405 without Allow", "verb", { headers: { allow: undefined } }, "405 names no verbs in Allow"],
  [
    "405 that allows what it refuses",
    "verb",
    { headers: { allow: "GET, HEAD, PUT, OPTIONS" } },
    "405 for PUT, which Allow names",
  ],
  ["405 that forgets a verb", "verb", { headers: { allow: "GET, HEAD, OPTIONS" } }, "Allow is not"],
  ["405 for a method that there is", "verb", { verb: "GET" }, "405 for GET /v1/chats/{chat_id}, which is getChat"],
  ["404 for a verb that a path has not got", "missing", { verb: "PUT" }, "and the answer is 404 and not 405"],
  ["OPTIONS without Allow", "options", { headers: { allow: undefined } }, "204 names no verbs in Allow"],
  ["OPTIONS with another status", "options", { status: 200 }, "OPTIONS answers 200 and not 204"],
  [
    "406 where something could be written",
    "unacceptable",
    { sent: [["Accept", "*/*"]] },
    "406, where Accept leaves application/json",
  ],
  [
    "406 without what is supported",
    "unacceptable",
    { fields: { supported: [] } },
    "406 names nothing that is supported",
  ],
  [
    "415 without what is supported",
    "unsupported",
    { fields: { supported: [] } },
    "415 names nothing that is supported",
  ],
  ["404 with what is supported", "missing", { fields: { supported: ["x/y"] } }, "404 names what is supported"],
  [
    "415 of a coding without Accept-Encoding",
    "uncoded",
    { headers: { "accept-encoding": undefined } },
    "415 supports gzip, and Accept-Encoding is",
  ],
  [
    "415 of a type with Accept-Encoding",
    "unsupported",
    { headers: { "accept-encoding": "gzip" } },
    "the request has no content coding",
  ],
  ["422 without a violation", "invalid", { fields: { violations: [] } }, "422 names 0 violations"],
  ["422 with too many", "invalid", { fields: { violations: Array(101).fill(violation) } }, "422 names 101 violations"],
  ["a violation that is told twice", "invalid", { fields: { violations: [violation, violation] } }, "a second time"],
  ["a violation of no field", "invalid", breach({ field: "", pointer: "" }), "violations[0] names no field"],
  ["a violation of no rule", "invalid", breach({ rule: "" }), 'violations[0] has the rule ""'],
  ["a violation without words", "invalid", breach({ message: "" }), "violations[0] has no message"],
  [
    "a pointer to another field",
    "invalid",
    breach({ pointer: "/messages/1/role" }),
    "where messages[2].role is /messages/2/role",
  ],
  [
    "a pointer that is not escaped",
    "invalid",
    breach({ field: 'labels["a/b"]', pointer: "/labels/a/b" }),
    "is /labels/a~1b",
  ],
  ["a key that is no text", "invalid", breach({ field: 'labels["\\x"]' }), "is no path of fields"],
  ["a field that is no path", "invalid", breach({ field: "messages[x" }), "is no path of fields"],
  [
    "400 of two places",
    "malformed",
    { fields: { violations: [violation, { ...violation, rule: "" }] } },
    "400 names 2 places",
  ],
  ["400 that names a rule", "malformed", breach({}), "where 400 has none"],
  ["404 with violations", "missing", breach({}), "404 names 1 violations"],
  [
    "429 without Retry-After",
    "limited",
    { headers: { "retry-after": undefined } },
    "429 has no seconds in Retry-After",
  ],
  ["429 with two opinions", "limited", { fields: { retry_after_seconds: 100_000 } }, "says retry_after_seconds 100000"],
  [
    "429 that says 0",
    "limited",
    { headers: { "retry-after": "0" }, fields: { retry_after_seconds: 0 } },
    "429 has no seconds",
  ],
  ["404 with Retry-After", "missing", { headers: { "retry-after": "1" } }, "404 has a Retry-After"],
  ["a fault of the server", "missing", { status: 500 }, "The server failed: 500"],
  ["a gateway without a word", "missing", { status: 502, body: "<html>" }, "The server failed: 502"],
  // What is nobody's business.
  [
    "a stack",
    "missing",
    { fields: { detail: "Error\n    at Object.run (/srv/a.js:1:2)" } },
    "tells what is the server's own affair",
  ],
  ["a file", "missing", { fields: { detail: "store.ts:12 failed" } }, "own affair: .ts:12"],
  ["SQL", "missing", { fields: { detail: "select id from chats" } }, "own affair: select id from"],
  [
    "the words of a driver",
    "missing",
    { fields: { detail: 'duplicate key value violates unique constraint "x"' } },
    "own affair",
  ],
  ["the words of a driver in a violation", "invalid", breach({ message: "SQLSTATE 23505" }), "own affair: SQLSTATE"],
];

describe("the invariants finds", function () {
  this.timeout(30_000);
  let member: Member;
  let document: string;
  let invariants: Invariants;
  const samples: Record<string, Exchange> = {};

  before(async () => {
    member = await openMember();
    document = (await member.sendBare({ verb: "GET", path: "/openapi.json" })).body.toString("utf8");
    invariants = createInvariants(member.client.descriptors, JSON.parse(document));
    const messages = Array.from({ length: 20 }, (_, at) => ({ text: `Сообщение номер ${at}` }));
    await member.call("batchSendMessages", { chat_id: member.chatId, messages });
    const spare = (await member.call("createChat", { title: "Spare" })).body["id"] as number;
    const [chat, list] = [`/v1/chats/${member.chatId}`, `/v1/chats/${member.chatId}/messages`];
    const token = ["Authorization", `Bearer ${member.token}`] as const;
    const take = async (name: string, verb: string, path: string, headers: HeaderList = [], body?: string) => {
      const request = { verb, path, headers, ...(body === undefined ? {} : { body }) };
      samples[name] = { request, answer: await member.sendBare(request) };
    };
    const json = ["Content-Type", mediaTypes.json] as const;
    await take("chat", "GET", chat, [token]);
    await take("me", "GET", "/v1/auth/me", [token]);
    await take("head", "HEAD", chat, [token]);
    await take("known", "GET", chat, [token, ["If-None-Match", "*"]]);
    await take("binary", "GET", chat, [token, ["Accept", mediaTypes.protobuf]]);
    await take("coded", "GET", chat, [token, ["Accept-Encoding", "gzip"]]);
    await take("zipped", "GET", list, [token, ["Accept-Encoding", "gzip"]]);
    await take("made", "POST", "/v1/chats", [token, json], '{"title":"New"}');
    await take("batch", "POST", `${list}/batch`, [token, json], '{"messages":[{"text":"a"}]}');
    await take("gone", "DELETE", `/v1/chats/${spare}`, [token]);
    await take("missing", "GET", "/v1/chats/999999", [token]);
    await take("binaryMissing", "GET", "/v1/chats/999999", [token, ["Accept", mediaTypes.protobuf]]);
    await take("anonymous", "GET", chat);
    await take("verb", "PUT", chat);
    await take("options", "OPTIONS", chat);
    await take("unacceptable", "GET", chat, [["Accept", "text/html"]]);
    await take("unsupported", "POST", list, [token, ["Content-Type", "text/plain"]], "x");
    await take("uncoded", "POST", list, [token, json, ["Content-Encoding", "br"]], "x");
    await take("invalid", "POST", list, [token, json], '{"text":""}');
    await take("malformed", "POST", list, [token, json], '{"text":1}');
    const guess = JSON.stringify({ email: "guess@example.org", password: "not the password" });
    for (let turn = 0; turn <= 20; turn++) await take("limited", "POST", "/v1/auth/login", [json], guess);
  });
  after(() => member?.close());

  /** What was seen, with one thing changed. */
  function changed({ request, answer }: Exchange, change: Change): Exchange {
    const headers: Record<string, string | undefined> = { ...answer.headers };
    let body = Buffer.from(change.body ?? answer.body);
    if (change.fields) body = rewritten(answer, change.fields);
    if (change.body !== undefined || change.fields) headers["content-length"] &&= String(body.length);
    Object.assign(headers, change.headers);
    const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const names = new Set((change.sent ?? []).map(([name]) => name));
    const sent = (request.headers ?? []).filter(([name]) => !names.has(name));
    return {
      request: {
        ...request,
        verb: change.verb ?? request.verb,
        path: change.path ?? request.path,
        headers: [...sent, ...(change.sent ?? [])],
      },
      answer: { status: change.status ?? answer.status, headers: Object.fromEntries(kept), body },
    };
  }

  function rewritten({ status, headers, body }: Exchange["answer"], fields: Plain): Buffer<ArrayBuffer> {
    if (codecOf(headers["content-type"]) === "json")
      return Buffer.from(JSON.stringify({ ...(JSON.parse(body.toString("utf8")) as Plain), ...fields }));
    expect(status).to.be.at.least(400);
    const { registry, problem } = member.client.descriptors;
    return Buffer.from(
      encode(registry, problem, { ...decode(registry, problem, body, "protobuf"), ...fields }, "protobuf"),
    );
  }

  it("nothing in what it is tried on, with and without a document", async () => {
    for (const each of [invariants, createInvariants(member.client.descriptors, undefined)]) {
      for (const [name, seen] of Object.entries(samples)) expect(await each.faultsOf(seen), name).to.deep.equal([]);
    }
  });

  for (const [what, sample, change, words] of broken) {
    it(`${what} (${sample})`, async () => {
      await invariants.faultsOf(samples[sample]!);
      const faults = await invariants.faultsOf(changed(samples[sample]!, change));
      expect(faults.join("\n")).to.contain(words);
    });
  }

  it("something or nothing in whatever comes, and does not fail itself", async () => {
    const names = [
      "content-type",
      "content-encoding",
      "etag",
      "location",
      "vary",
      "allow",
      "x-request-id",
      "retry-after",
    ];
    const value = fc.oneof(fc.string(), ...Object.values(mediaTypes).map(fc.constant), fc.constant("gzip"));
    const answer = fc.record({
      status: fc.oneof(fc.constantFrom(200, 201, 204, 304, 404, 422), fc.integer({ min: 200, max: 599 })),
      headers: fc.dictionary(fc.constantFrom(...names), value),
      body: fc.oneof(
        fc.json().map((text) => Buffer.from(text)),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
    });
    const heard = fc.asyncProperty(fc.constantFrom(...Object.values(samples)), answer, async ({ request }, answer) => {
      expect(await invariants.faultsOf({ request, answer })).to.be.an("array").that.is.not.empty;
    });
    await fc.assert(heard, { numRuns: 500 });
  });

  describe("in the OpenAPI document", () => {
    /** The document with what stands at a place replaced; undefined takes it away. */
    function edited(place: readonly string[], value: unknown): unknown {
      const copy = JSON.parse(document) as Plain;
      const above = place.slice(0, -1).reduce((here, name) => here[name] as Plain, copy);
      expect(above).to.have.property(place.at(-1)!);
      if (value === undefined) delete above[place.at(-1)!];
      else above[place.at(-1)!] = value;
      return copy;
    }
    const path = "/v1/chats/{chat_id}";
    const success = ["paths", path, "get", "responses", "200"];
    for (const [what, sample, place, value, words] of [
      [
        "an operation that is not there",
        "chat",
        ["paths", path, "get"],
        undefined,
        "has no operation GET /v1/chats/{chat_id}",
      ],
      ["a success that is not there", "chat", success, undefined, "does not declare 200 for getChat"],
      [
        "a refusal that is not there",
        "missing",
        [...success.slice(0, -1), "404"],
        undefined,
        "does not declare 404 for getChat",
      ],
      [
        "304 that is not there",
        "known",
        [...success.slice(0, -1), "304"],
        undefined,
        "does not declare 304 for getChat",
      ],
      [
        "a media type that is not there",
        "chat",
        [...success, "content", "application/json"],
        undefined,
        "does not declare application/json",
      ],
      [
        "another type of a field",
        "me",
        ["components", "schemas", "User", "properties", "id"],
        { type: "string" },
        "/id must be string",
      ],
      [
        "a field that nobody sends",
        "me",
        ["components", "schemas", "User", "required"],
        ["shoe_size"],
        "must have required property 'shoe_size'",
      ],
      [
        "a schema of problems that is wrong",
        "missing",
        ["components", "schemas", "Problem", "properties", "detail"],
        { maxLength: 1 },
        "/detail must NOT have more than 1 characters",
      ],
      [
        "a header that is required and does not come",
        "chat",
        [...success, "headers"],
        { "X-More": { required: true } },
        "requires the header x-more",
      ],
      [
        "a header that is of another form",
        "limited",
        ["components", "headers", "Retry-After", "schema"],
        { type: "integer", maximum: 0 },
        "The header retry-after does not fit",
      ],
      [
        "a reference that leads nowhere",
        "chat",
        success,
        { $ref: "#/components/nothing" },
        "cannot be read for getChat 200",
      ],
      [
        "a schema that is none",
        "me",
        ["components", "schemas", "User", "type"],
        "thing",
        "cannot be read for getMe 200",
      ],
    ] as const) {
      it(what, async () => {
        const misled = createInvariants(member.client.descriptors, edited(place, value));
        expect((await misled.faultsOf(samples[sample]!)).join("\n")).to.contain(words);
      });
    }

    it("nothing where a range of statuses, or the default, declares what comes", async () => {
      const responses = ["paths", path, "get", "responses"];
      for (const name of ["4XX", "default"]) {
        const all = JSON.parse(document) as Plain;
        const own = responses.reduce((here, step) => here[step] as Plain, all);
        own[name] = own["404"];
        delete own["404"];
        const content = createInvariants(member.client.descriptors, all);
        expect(await content.faultsOf(samples["missing"]!), name).to.deep.equal([]);
      }
    });

    it("that it is none of OpenAPI 3.1", () => {
      for (const other of [null, {}, { openapi: "3.0.3" }, "text"])
        expect(() => createInvariants(member.client.descriptors, other)).to.throw("not one of OpenAPI 3.1");
    });
  });
});
