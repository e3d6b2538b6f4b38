// Faults of headers, codings, media types, statuses of success, tags and bodies.
import { gzipSync } from "node:zlib";
import type { Change, Fault } from "./change.js";

const tag = (text: string): Change => ({ headers: { etag: text } });

/** Faults of the headers RateLimit-Policy and RateLimit in the answer of a method with rates. */
function rateFaults(
  faults: readonly (readonly [what: string, policy: string | undefined, left: string | undefined, words: string])[],
): Fault[] {
  return faults.map(([what, policy, left, words]) => [
    what,
    "limited",
    { headers: { "ratelimit-policy": policy, ratelimit: left } },
    words,
  ]);
}

export const responseFaults: readonly Fault[] = [
  // Headers.
  ["no Vary", "chat", { headers: { vary: undefined } }, "Vary does not name Accept: there is none"],
  ["a Vary without Accept", "missing", { headers: { vary: "Accept-Encoding" } }, "Vary does not name Accept:"],
  ["a Vary without Accept-Encoding", "known", { headers: { vary: "Accept" } }, "Vary does not name Accept-Encoding"],
  ["no Vary on OPTIONS", "options", { headers: { vary: undefined } }, "Vary does not name"],
  [
    "no X-Content-Type-Options",
    "head",
    { headers: { "x-content-type-options": undefined } },
    "X-Content-Type-Options is not nosniff",
  ],
  ["no request id", "gone", { headers: { "x-request-id": undefined } }, "X-Request-Id is not an id"],
  ["another request id than was sent", "chat", { sent: [["X-Request-Id", "mine"]] }, "had the valid id mine"],
  [
    "a state of the process that may be kept",
    "health",
    { headers: { "cache-control": undefined } },
    'Cache-Control is not "no-store"',
  ],
  [
    "a response with an ETag that is not private",
    "chat",
    { headers: { "cache-control": "no-cache" } },
    'Cache-Control is not "private, no-cache"',
  ],
  [
    "an error that may be cached",
    "missing",
    { headers: { "cache-control": "private, no-cache" } },
    'is not "no-store"',
  ],
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
  ["another body with the tag of one before", "chat", { body: "{}" }, "stood for other bytes in an answer before"],
  ["another tag for the same body", "chat", tag('"1.AAAAAAAAAAAAAAAA-json"'), "stands for the bytes that had the ETag"],
  // Codings.
  ["an unknown coding", "chat", { headers: { "content-encoding": "zip" } }, "Content-Encoding is neither gzip nor br"],
  ["bytes that are not gzip", "zipped", { body: "no gzip" }, "The body cannot be decompressed"],
  ["a coding that is not accepted", "coded", { sent: [["Accept-Encoding", "br"]] }, "does not accept"],
  ["a coding that is not preferred", "coded", { sent: [["Accept-Encoding", "gzip;q=0.5, br"]] }, "prefers br"],
  [
    "a coding where none is preferred",
    "coded",
    { sent: [["Accept-Encoding", "gzip;q=0.5, identity"]] },
    "where Accept-Encoding prefers none",
  ],
  ["a coding that is excluded", "coded", { sent: [["Accept-Encoding", "gzip;q=0, *"]] }, "does not accept"],
  [
    "a short body that is compressed",
    "me",
    { headers: { "content-encoding": "gzip" }, body: gzipSync("{}") },
    "A body of 2 bytes is coded in gzip",
  ],
  [
    "a long body that is not compressed",
    "chat",
    { sent: [["Accept-Encoding", "gzip"]] },
    "is not compressed, where Accept-Encoding prefers gzip",
  ],
  ["304 with a coding", "known", { headers: { "content-encoding": "br" } }, "304 has a Content-Encoding: br"],
  // Rates.
  ...rateFaults([
    ["no RateLimit-Policy", undefined, '"login-60";r=1;t=1', "RateLimit-Policy does not: there is none"],
    ["no RateLimit", '"login-60";q=600;w=60, "login-3600";q=6000;w=3600', undefined, "login 429 has no RateLimit"],
    [
      "a rate of another time than declared",
      '"a";q=600;w=61, "b";q=6000;w=3600',
      '"a";r=1;t=1',
      "600 requests in 60 s",
    ],
    ["a stricter rate than declared", '"a";q=599;w=60, "b";q=6000;w=3600', '"a";r=1;t=1', "600 requests in 60 s"],
    ["more requests left than there are", '"a";q=9;w=60', '"a";r=10;t=1', "RateLimit is more than its policy"],
    ["a longer wait than the whole", '"a";q=9;w=60', '"a";r=9;t=61', "RateLimit is more than its policy"],
    ["a rate without a policy", '"a";q=9;w=60', '"b";r=9;t=1', "RateLimit has b, and RateLimit-Policy has not"],
    ["two policies of one name", '"a";q=9;w=60, "a";q=8;w=6', '"a";r=1;t=1', "RateLimit-Policy is not a list"],
    ["the name of a policy without quotes", "a;q=9;w=60", '"a";r=1;t=1', "RateLimit-Policy is not a list"],
    ["a fraction", '"a";q=9;w=60', '"a";r=1.5;t=1', "RateLimit is not a list"],
    ["a number below zero", '"a";q=9;w=60', '"a";r=-1;t=1', "RateLimit is not a list"],
    ["no time of what is left", '"a";q=9;w=60', '"a";r=1', "RateLimit is not a list"],
    ["the form of an older draft", "9;w=60", "limit=9, remaining=1, reset=1", "RateLimit is not a list"],
    ["a policy that allows nothing", '"a";q=0;w=60', '"a";r=0;t=1', "The rate a allows nothing"],
  ]),
  // Media types.
  ["JSON without charset", "chat", { headers: { "content-type": "application/json" } }, "not a canonical one"],
  [
    "protobuf with a parameter",
    "binary",
    { headers: { "content-type": "application/protobuf; x=1" } },
    "not a canonical one",
  ],
  ["no Content-Type", "chat", { headers: { "content-type": undefined } }, "There is no Content-Type"],
  ["an unknown type", "chat", { headers: { "content-type": "text/plain" } }, "not a canonical one: text/plain"],
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
    "the negotiation gives application/protobuf",
  ],
  [
    "JSON where protobuf is accepted",
    "chat",
    { sent: [["Accept", "application/protobuf"]] },
    "the negotiation gives application/protobuf",
  ],
  [
    "JSON for a request in protobuf",
    "made",
    { sent: [["Content-Type", "application/proto"]] },
    "the negotiation gives application/proto",
  ],
  ["JSON for alt=proto", "chat", { path: "/v1/chats/1?alt=proto" }, "the negotiation gives application/protobuf"],
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
    "of an answer that is not protobuf",
  ],
  // Statuses of success.
  ["200 for a created resource", "made", { status: 200 }, "createChat answers 200, where its success is 201"],
  ["201 for a read resource", "chat", { status: 201 }, "getChat answers 201, where its success is 200"],
  ["200 for a deleted resource", "gone", { status: 200 }, "deleteChat answers 200, where its success is 204"],
  ["204 with a body", "gone", { body: "{}" }, "There is a body of 2 bytes, where 204 has none"],
  ["204 with a Content-Type", "gone", { headers: { "content-type": "application/json" } }, "204 has a Content-Type"],
  ["204 with a Content-Length", "gone", { headers: { "content-length": "1" } }, "204 has a Content-Length"],
  ["HEAD with a body", "head", { body: "{}" }, "There is a body of 2 bytes, where HEAD has none"],
  ["200 instead of 406", "chat", { sent: [["Accept", "text/html"]] }, "and the answer is 200 and not 406"],
  ["a success of a verb without a method", "chat", { verb: "PUT" }, "PUT is no method of this path"],
  ["201 without Location", "made", { headers: { location: undefined } }, "201 has no Location"],
  [
    "a Location of another resource",
    "made",
    { headers: { location: "/v1/chats/0" } },
    "Location is /v1/chats/0, where /v1/chats/{id}",
  ],
  [
    "a Location with another path parameter",
    "batch",
    { headers: { location: "/v1/chats/0/messages" } },
    "Location is /v1/chats/0/messages",
  ],
  ["a Location of a read resource", "chat", { headers: { location: "/v1/chats/1" } }, "an unexpected Location"],
  [
    "a Location for an invalid path parameter",
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
  ["an ETag of an error", "missing", tag('"1.aaaaaaaaaaaaaaaa-json"'), "an unexpected ETag"],
  ["an ETag of the state of the process", "health", tag('"aaaaaaaaaaaaaaaa-json"'), "an unexpected ETag"],
  ["a version in the ETag of a list", "zipped", tag('"1.aaaaaaaaaaaaaaaa-json-gzip"'), "ETag is not strong"],
  [
    "a list without an ETag",
    "zipped",
    { headers: { etag: undefined, "cache-control": "no-store" } },
    "ETag is not strong",
  ],
  ["a weak ETag", "chat", tag('W/"1.aaaaaaaaaaaaaaaa-json"'), "ETag is not strong"],
  ["an ETag of another form", "head", tag('"abc"'), "ETag is not strong"],
  [
    "an ETag of another codec",
    "chat",
    tag('"1.aaaaaaaaaaaaaaaa-protobuf"'),
    "has the codec protobuf, and the answer is in json",
  ],
  [
    "an ETag of another coding",
    "coded",
    tag('"1.aaaaaaaaaaaaaaaa-json"'),
    "has the coding none, and the answer has gzip",
  ],
  [
    "an ETag of another version",
    "binary",
    tag('"7.aaaaaaaaaaaaaaaa-protobuf"'),
    "has version 7, and chat.version is 1",
  ],
  [
    "a coding in the ETag of 304 that is not accepted",
    "known",
    tag('"1.aaaaaaaaaaaaaaaa-json-br"'),
    "has the coding br",
  ],
  ["304 without an ETag", "known", { headers: { etag: undefined } }, "ETag is not strong"],
  ["304 for another tag", "known", { sent: [["If-None-Match", '"other"']] }, 'and If-None-Match is "other"'],
  ["304 without If-None-Match", "chat", { status: 304 }, "304 answers a request without If-None-Match"],
  ["304 of a method without ETag", "health", { status: 304 }, "getHealth answers 304, and has no ETag"],
  ["304 with a body", "known", { body: "{}" }, "There is a body of 2 bytes, where 304 has none"],
  ["200 instead of 304", "chat", { sent: [["If-None-Match", "*"]] }, "and the answer is 200 and not 304"],
  // Bodies.
  ["an unknown field", "me", { fields: { more: 1 } }, "The body is not a lyceum.v1.User"],
  ["a missing field", "me", { fields: { first_name: undefined } }, "The body is not a lyceum.v1.User"],
  [
    "a fraction for an integer",
    "me",
    { fields: { id: 1.5 } },
    "does not fit the OpenAPI document: /id must be integer",
  ],
  ["a string for an integer", "me", { fields: { id: "1" } }, "not the json form"],
  ["an invalid timestamp", "me", { fields: { created_at: "yesterday" } }, '/created_at must match format "date-time"'],
  ["a body that is not JSON", "me", { body: "{" }, "The body is not a lyceum.v1.User"],
  [
    "bytes that are not the message",
    "binary",
    { body: Buffer.from([0x0a, 0x05]) },
    "The body is not a lyceum.v1.GetChatResponse",
  ],
  [
    "an unknown field in protobuf",
    "binary",
    { body: Buffer.from([0x78, 0x01]) },
    "field number 15 is not in the contract",
  ],
];
