// One fault in a real exchange, or in the OpenAPI document, is found by the invariants and described.
import { randomUUID } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import type { Exchange } from "../../../runner/client/client.js";
import { codecOf, decode, encode, mediaTypes, type Plain } from "../../../runner/client/encoding.js";
import { createInvariants, type Invariants } from "../../../runner/invariants/invariants.js";
import { openMember, type HeaderList, type Member } from "../../engine/http/member.js";
import type { Change } from "./change.js";
import { problemFaults } from "./problem-faults.js";
import { responseFaults } from "./response-faults.js";

describe("the invariants find", function () {
  this.timeout(30_000);
  let member: Member;
  let document: string;
  let invariants: Invariants;
  const samples: Record<string, Exchange> = {};

  before(async () => {
    member = await openMember();
    document = (await member.sendBare({ verb: "GET", path: "/openapi.json?serialization=all" })).body.toString("utf8");
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
    await take("health", "GET", "/health");
    await take("unacceptable", "GET", chat, [["Accept", "text/html"]]);
    await take("unsupported", "POST", list, [token, ["Content-Type", "text/plain"]], "x");
    await take("uncoded", "POST", list, [token, json, ["Content-Encoding", "br"]], "x");
    await take("invalid", "POST", list, [token, json], '{"text":""}');
    await take("malformed", "POST", list, [token, json], '{"text":1}');
    const wrongLogin = JSON.stringify({ email: `guess.${randomUUID()}@example.org`, password: "not the password" });
    for (let turn = 0; turn <= 20; turn++) await take("limited", "POST", "/v1/auth/login", [json], wrongLogin);
  });
  after(() => member?.close());

  /** An exchange with a change. */
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

  it("nothing in the recorded exchanges, with and without a document", async () => {
    for (const each of [invariants, createInvariants(member.client.descriptors, undefined)]) {
      for (const [name, seen] of Object.entries(samples)) expect(await each.faultsOf(seen), name).to.deep.equal([]);
    }
  });

  for (const [what, sample, change, words] of [...responseFaults, ...problemFaults]) {
    it(`${what} (${sample})`, async () => {
      await invariants.faultsOf(samples[sample]!);
      const faults = await invariants.faultsOf(changed(samples[sample]!, change));
      expect(faults.join("\n")).to.contain(words);
    });
  }

  it("faults in any generated response, without failing", async () => {
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
    const property = fc.asyncProperty(
      fc.constantFrom(...Object.values(samples)),
      answer,
      async ({ request }, answer) => {
        expect(await invariants.faultsOf({ request, answer })).to.be.an("array").that.is.not.empty;
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  describe("in the OpenAPI document", () => {
    /** The document with another value at a place; undefined removes it. */
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
      ["a missing operation", "chat", ["paths", path, "get"], undefined, "has no operation GET /v1/chats/{chat_id}"],
      ["a missing success", "chat", success, undefined, "does not declare 200 for getChat"],
      ["a missing refusal", "missing", [...success.slice(0, -1), "404"], undefined, "does not declare 404 for getChat"],
      ["a missing 304", "known", [...success.slice(0, -1), "304"], undefined, "does not declare 304 for getChat"],
      [
        "a missing media type",
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
        "a name that an enumeration lacks",
        "me",
        ["components", "schemas", "Role", "x-extensible-enum"],
        ["ROLE_HEADMASTER"],
        "/role must be one of the names in x-extensible-enum",
      ],
      [
        "a required field that is not sent",
        "me",
        ["components", "schemas", "User", "required"],
        ["shoe_size"],
        "must have required property 'shoe_size'",
      ],
      [
        "a wrong schema of problems",
        "missing",
        ["components", "schemas", "Problem", "properties", "detail"],
        { maxLength: 1 },
        "/detail must NOT have more than 1 characters",
      ],
      [
        "a required header that is not sent",
        "chat",
        [...success, "headers"],
        { "X-More": { required: true } },
        "requires the header x-more",
      ],
      [
        "a header with another format",
        "limited",
        ["components", "headers", "Retry-After", "schema"],
        { type: "integer", maximum: 0 },
        "The header retry-after does not fit",
      ],
      [
        "a reference without a target",
        "chat",
        success,
        { $ref: "#/components/nothing" },
        "cannot be read for getChat 200",
      ],
      ["an invalid schema", "me", ["components", "schemas", "User", "type"], "thing", "cannot be read for getMe 200"],
    ] as const) {
      it(what, async () => {
        const other = createInvariants(member.client.descriptors, edited(place, value));
        expect((await other.faultsOf(samples[sample]!)).join("\n")).to.contain(words);
      });
    }

    it("nothing where a range of statuses, or the default, declares the status", async () => {
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

    it("that it is not OpenAPI 3.1", () => {
      for (const document of [null, {}, { openapi: "3.0.3" }, "text"])
        expect(() => createInvariants(member.client.descriptors, document)).to.throw("not OpenAPI 3.1");
    });
  });
});
