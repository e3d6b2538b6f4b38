import { expect } from "chai";
import { loadContract } from "../../../src/contract/model/load.js";
import { smallContract } from "../../support/contract-with.js";

const route = 'option (google.api.http) = {get: "/tiny/{id}"};';
const access = "option (lyceum.v1.access) = ACCESS_PUBLIC;";
const forUsers = "option (lyceum.v1.access) = ACCESS_USER;";
const scope = (name: string): string => `option (lyceum.v1.scope) = SCOPE_${name};`;

/** Loads the contract with one more rpc, whose body is `options`. */
function load(options: string): () => unknown {
  return loadText(`service TinyService { rpc Look(Named) returns (Thing) { ${options} } }`);
}

function loadText(text: string): () => unknown {
  const file = `
    syntax = "proto3";
    package tiny.v1;
    import "google/api/annotations.proto";
    import "google/api/httpbody.proto";
    import "google/protobuf/any.proto";
    import "google/protobuf/empty.proto";
    import "google/protobuf/struct.proto";
    import "lyceum/v1/options.proto";
    ${text}
    enum Colour { COLOUR_UNSPECIFIED = 0; }
    message Thing { int64 id = 1; Part part = 2; repeated Part parts = 3; optional int64 old_id = 4; string text = 5; }
    message Part { int64 version = 1; }
    message Named { int64 id = 1; repeated int64 ids = 2; Colour colour = 4; bytes raw = 5; optional int64 old_id = 6; }
    message Parted { int64 id = 1; Part part = 2; }
  `;
  return () => loadContract(smallContract, new Map([["tiny/v1/tiny.proto", file]]));
}

describe("a contract", () => {
  it("that is complete is read", () => {
    expect(load(`${route} ${access}`)).not.to.throw();
  });

  it("may have any single value in a path, such as an enum", () => {
    expect(load(`option (google.api.http) = {get: "/tiny/{colour}/{id}"}; ${access}`)).not.to.throw();
  });

  describe("is refused, by the name of the rpc,", () => {
    const http = (rule: string) => `option (google.api.http) = {${rule}}; ${access}`;
    const refusals: readonly (readonly [what: string, options: string, why: RegExp])[] = [
      ["without a route", access, /no google\.api\.http route/],
      ["without a verb", http('body: "*"'), /exactly one verb/],
      ["with two verbs", http('get: "/tiny/{id}" delete: "/tiny/{id}"'), /exactly one verb/],
      ["with an unknown part of a route", http('get: "/tiny/{id}" response_body: "id"'), /response_body/],
      ["with a path that is not a template", http('get: "tiny/{id}"'), /template/],
      ["with a path of several segments in one", http('get: "/tiny/{id=things/*}"'), /template/],
      [
        "with a path parameter that is not a field",
        http('get: "/tiny/{no_field}"'),
        /no_field is not a field of Named/,
      ],
      ["with a path parameter that is a list", http('get: "/tiny/{ids}"'), /ids is not a scalar/],
      ["with a path that a client makes shorter", http('get: "/tiny/../{id}"'), /template/],
      ["with a path that ends in a dot segment", http('get: "/tiny/{id}/."'), /template/],
      ["with an empty segment", http('get: "/tiny//{id}"'), /template/],
      ["with a slash at the end", http('get: "/tiny/{id}/"'), /template/],
      ["with a percent escape", http('get: "/tiny%20/{id}"'), /template/],
      ["with a capital in its path", http('get: "/Tiny/{id}"'), /template/],
      ["with one variable twice", http('get: "/tiny/{id}/of/{id}"'), /the path has id twice/],
      ["with a body on GET", http('get: "/tiny/{id}" body: "*"'), /GET has no body/],
      ["with a body on DELETE", http('delete: "/tiny/{id}" body: "*"'), /DELETE has no body/],
      ["without a body on POST", http('post: "/tiny/{id}"'), /POST needs body/],
      [
        "with a field as its body",
        http('post: "/tiny/{id}" body: "part"'),
        /a body is "\*", or a field of type google\.api\.HttpBody/,
      ],
      ["without access", route, /no \(lyceum\.v1\.access\)/],
      ["with an unspecified access", `${route} option (lyceum.v1.access) = ACCESS_UNSPECIFIED;`, /no \(lyceum/],
      ["with an unknown access", `${route} option (lyceum.v1.access) = ACCESS_PARENT;`, /ACCESS_PARENT/],
      ["without a scope", `${route} ${forUsers}`, /no \(lyceum\.v1\.scope\)/],
      ["with an unspecified scope", `${route} ${forUsers} ${scope("UNSPECIFIED")}`, /SCOPE_UNSPECIFIED is no scope/],
      ["with an unknown scope", `${route} ${forUsers} ${scope("TEA")}`, /SCOPE_TEA/],
      ["with a scope twice", `${route} ${forUsers} ${scope("CHATS_READ")} ${scope("CHATS_READ")}`, /a scope twice/],
      [
        "for no key and some",
        `${route} ${forUsers} ${scope("NONE")} ${scope("CHATS_READ")}`,
        /SCOPE_NONE beside another/,
      ],
      ["that is public, with a scope", `${route} ${access} ${scope("CHATS_READ")}`, /a public method has no/],
      ["with an unknown reason", `${route} ${access} option (lyceum.v1.reason) = REASON_NO_TEA;`, /NO_TEA/],
      [
        "with a Location of an unknown field",
        `${http('post: "/tiny" body: "*"')} option (lyceum.v1.created) = "/t/{x}";`,
        /x,/,
      ],
      [
        "with a Location of a message",
        `${http('post: "/tiny" body: "*"')} option (lyceum.v1.created) = "/t/{part}";`,
        /part, which is not a text or a number/,
      ],
      [
        "with a Location of a field that can be absent",
        `${http('post: "/tiny" body: "*"')} option (lyceum.v1.created) = "/t/{old_id}";`,
        /old_id, which can be absent/,
      ],
      [
        "with a Location that is no path",
        `${http('post: "/tiny" body: "*"')} option (lyceum.v1.created) = "t/{id}";`,
        /created: t\/\{id\} is not a template/,
      ],
      [
        "with a Location that a client makes shorter",
        `${http('post: "/tiny" body: "*"')} option (lyceum.v1.created) = "/t/../{id}";`,
        /created: .* is not a template/,
      ],
      ...["get", "delete", "patch"].map(
        (verb) =>
          [
            `with a Location on ${verb.toUpperCase()}`,
            `${http(`${verb}: "/tiny/{id}" ${verb === "patch" ? 'body: "*"' : ""}`)} option (lyceum.v1.created) = "/t/{id}";`,
            /only POST and PUT create/,
          ] as const,
      ),
      ...["get", "delete"].map(
        (verb) =>
          [
            `with a size of the body on ${verb.toUpperCase()}`,
            `${http(`${verb}: "/tiny/{id}"`)} option (lyceum.v1.max_body) = 5;`,
            /max_body goes with a body/,
          ] as const,
      ),
      [
        "with no size of the body",
        `${http('post: "/tiny" body: "*"')} option (lyceum.v1.max_body) = 0;`,
        /max_body is at least one byte/,
      ],
      [
        "with an ETag of a message",
        `${route} ${access} option (lyceum.v1.etag) = "part";`,
        /part is not a whole number/,
      ],
      ["with an ETag of a text", `${route} ${access} option (lyceum.v1.etag) = "text";`, /text is not a whole number/],
      [
        "with an ETag of a number that can be absent",
        `${route} ${access} option (lyceum.v1.etag) = "old_id";`,
        /old_id is not a whole number that is always there/,
      ],
      [
        "with an ETag of a list",
        `${route} ${access} option (lyceum.v1.etag) = "parts.version";`,
        /parts has many values/,
      ],
      ["with an ETag of an unknown field", `${route} ${access} option (lyceum.v1.etag) = "part.verse";`, /part\.verse/],
      [
        "with an ETag of a field inside a number",
        `${route} ${access} option (lyceum.v1.etag) = "id.version";`,
        /id\.version/,
      ],
      [
        "with an ETag on another verb than GET",
        `${http('delete: "/tiny/{id}"')} option (lyceum.v1.etag) = "id";`,
        /only a GET has an ETag/,
      ],
      [
        "with a precondition on GET",
        `${route} ${access} option (lyceum.v1.if_match) = true;`,
        /a GET changes nothing that If-Match could protect/,
      ],
      [
        "that is public and for those who have no second factor yet",
        `${route} ${access} option (lyceum.v1.before_second_factor) = true;`,
        /before_second_factor is for methods that need a login/,
      ],
      [
        "with a failure limit by an unknown field",
        `${route} ${access} option (lyceum.v1.failure_limit) = {failures: 1 seconds: 1 field: "nobody"};`,
        /failure_limit counts by a field that is not there/,
      ],
      [
        "with a failure limit by a list",
        `${route} ${access} option (lyceum.v1.failure_limit) = {failures: 1 seconds: 1 field: "ids"};`,
        /by ids, which is not a text or a number/,
      ],
      [
        "with a failure limit of no time",
        `${route} ${access} option (lyceum.v1.failure_limit) = {failures: 1 field: "id"};`,
        /needs failures and seconds/,
      ],
      [
        "with a longest delay that is shorter than the first",
        `${route} ${access} option (lyceum.v1.failure_limit) = {failures: 1 seconds: 9 field: "id" delay_seconds: 3 longest_delay_seconds: 2};`,
        /a longest delay that is shorter than the first/,
      ],
      [
        "with a delay that is longer than a refusal counts",
        `${route} ${access} option (lyceum.v1.failure_limit) = {failures: 1 seconds: 9 field: "id" delay_seconds: 3 longest_delay_seconds: 10};`,
        /forgets a refusal before its delay has passed/,
      ],
      ...(
        [
          ["requests: 0 seconds: 60 by: RATE_BY_ADDRESS", /rate needs requests and seconds/],
          ["requests: 5 by: RATE_BY_ADDRESS", /rate needs requests and seconds/],
          [
            "requests: 5 seconds: 60 by: RATE_BY_CALLER",
            /RATE_BY_CALLER, where a method with this access has RATE_BY_ADDR/,
          ],
          ["requests: 5 seconds: 60", /rate counts undefined/],
          ["requests: 5 seconds: 60 by: RATE_BY_NAME", /RATE_BY_NAME is not in RateBy/],
          ["requests: 5 seconds: 60 by: RATE_BY_ADDRESS burst: 1", /rate\)\.burst is not known/],
        ] as const
      ).map(([rate, why], index): [string, string, RegExp] => [
        `with a rate that cannot be, ${index}`,
        `${route} ${access} option (lyceum.v1.rate) = {${rate}};`,
        why,
      ]),
      ...(
        [
          ["10 60 20 60", /two bounds for 60 seconds/],
          ["10 60 10 3600", /no more in 3600 seconds than in 60/],
          ["10 60 600 3600", /reached by none who keeps that for 60/],
        ] as const
      ).map(([rates, why]): [string, string, RegExp] => {
        const [few, short, many, long] = rates.split(" ");
        const rate = (requests?: string, seconds?: string): string =>
          `option (lyceum.v1.rate) = {requests: ${requests} seconds: ${seconds} by: RATE_BY_ADDRESS};`;
        return [
          `with rates of which one is idle: ${rates}`,
          `${route} ${access} ${rate(many, long)} ${rate(few, short)}`,
          why,
        ];
      }),
      [
        "with a rate of an address, where there is a login",
        `${route} option (lyceum.v1.access) = ACCESS_USER; ${scope("NONE")} option (lyceum.v1.rate) = {requests: 5 seconds: 60 by: RATE_BY_ADDRESS};`,
        /RATE_BY_ADDRESS, where a method with this access has RATE_BY_CALLER/,
      ],
      // A name of a property that every object has is the name of no field.
      ...[
        [http('get: "/tiny/{constructor}"'), /constructor is not a field of Named/],
        [http('put: "/tiny" body: "constructor"'), /a body is/],
        [`${http('post: "/tiny" body: "*"')} option (lyceum.v1.created) = "/t/{constructor}";`, /which is not a field/],
        [`${route} ${access} option (lyceum.v1.etag) = "part.toString";`, /toString is not a field/],
        [
          `${route} ${access} option (lyceum.v1.failure_limit) = {failures: 1 seconds: 1 field: "valueOf"};`,
          /a field that is not there/,
        ],
        [
          `${http('get: "/tiny/{id}"').replace(access, "")} option (lyceum.v1.access) = toString;`,
          /toString is not in/,
        ],
        [`${route} ${access} option (lyceum.v1.failure_limit).valueOf.failures = 1;`, /valueOf is not known/],
      ].map(
        ([options, why], index) => [`with the name of no field, ${index}`, options, why] as [string, string, RegExp],
      ),
    ];
    for (const [what, options, why] of refusals) {
      it(`an rpc ${what}`, () => {
        expect(load(options)).to.throw(/^tiny\.v1\.TinyService\.Look: /);
        expect(load(options)).to.throw(why);
      });
    }

    const fields: readonly (readonly [what: string, rule: string, fields: string, why: RegExp])[] = [
      ["a message in a query", 'get: "/tiny"', "Part part = 1;", /the field part cannot be given/],
      ["an Any in a query", 'get: "/tiny"', "google.protobuf.Any any = 1;", /the field any cannot be given/],
      ["an Any in a path", 'get: "/tiny/{any}"', "google.protobuf.Any any = 1;", /any is not a scalar/],
      ["a map in a query", 'delete: "/tiny"', "map<string, string> tags = 1;", /the field tags cannot be given/],
      ["messages in a query", 'get: "/tiny"', "repeated Part parts = 1;", /the field parts cannot be given/],
      ["a message in a path", 'get: "/tiny/{part}"', "Part part = 1;", /part is not a scalar/],
      ["alt in a query", 'get: "/tiny"', "string alt = 1;", /alt is the serialization/],
      [
        "alt in a query, under another name too",
        'get: "/tiny"',
        'string alt = 1 [json_name = "a"];',
        /alt is the serial/,
      ],
      ["alt in a query, as its name in JSON", 'get: "/tiny"', 'string a = 1 [json_name = "alt"];', /alt is the serial/],
      [
        "a message beside an upload",
        'put: "/tiny" body: "b"',
        "google.api.HttpBody b = 1; Part part = 2;",
        /field part/,
      ],
      ["alt beside an upload", 'put: "/tiny" body: "b"', "google.api.HttpBody b = 1; bool alt = 2;", /the field alt/],
      ...Object.getOwnPropertyNames(Object.prototype)
        .filter((name) => name !== "__proto__")
        .map((name) => [name, 'post: "/tiny" body: "*"', `string ${name} = 1;`, /every object has/] as const),
      ["valueOf in a oneof", 'get: "/tiny"', "oneof one { string valueOf = 1; string b = 2; }", /every object has/],
      [
        "toString in a message inside",
        'post: "/tiny" body: "*"',
        "Odd odd = 1;",
        /tiny\.v1\.Odd\.toString: every object/,
      ],
      [
        "a type that is not served",
        'post: "/tiny" body: "*"',
        "google.protobuf.Struct s = 1;",
        /Struct cannot be served/,
      ],
    ];
    const odd = "message Odd { string toString = 1; } message Empty {} service TinyService {";
    for (const [what, rule, declared, why] of fields) {
      it(`a field of a request: ${what}`, () => {
        const rpc = `rpc Look(Asked) returns (Empty) { ${http(rule)} option (lyceum.v1.consumes) = "image/png"; }`;
        const load =
          loadText(`${odd} ${what.includes("upload") ? rpc : rpc.replace(/option \(lyceum.v1.con[^;]*;/, "")} }
          message Asked { ${declared} }`);
        expect(load).to.throw(/^tiny\.v1\.TinyService\.Look: /);
        expect(load).to.throw(why);
      });
    }

    it("a field of an answer that no codec can write", () => {
      for (const [answer, why] of [
        ["Odd", /^tiny\.v1\.TinyService\.Look: tiny\.v1\.Odd\.toString: every object/],
        [
          "google.protobuf.Any",
          /^tiny\.v1\.TinyService\.Look: google\.protobuf\.Any cannot be a whole request or answer/,
        ],
        ["google.protobuf.Struct", /^tiny\.v1\.TinyService\.Look: .* cannot be served/],
      ] as const)
        expect(loadText(`${odd} rpc Look(Named) returns (${answer}) { ${route} ${access} } }`)).to.throw(why);
    });

    it("an rpc whose handler every object has", () => {
      for (const name of ["Constructor", "ToString", "hasOwnProperty"])
        expect(loadText(`service TinyService { rpc ${name}(Named) returns (Thing) { ${route} ${access} } }`)).to.throw(
          new RegExp(`^tiny\\.v1\\.TinyService\\.${name}: its handler`),
        );
    });

    it("a stream of requests", () => {
      const stream = `rpc Look(stream Named) returns (Thing) { ${route} ${access} }`;
      expect(loadText(`service TinyService { ${stream} }`)).to.throw(/TinyService\.Look: a stream of requests/);
    });

    const content = (rpc: string): (() => unknown) =>
      loadText(`service TinyService { rpc ${rpc} }
        message Upload { int64 id = 1; google.api.HttpBody content = 2; }`);
    const bodies: readonly (readonly [what: string, rpc: string, why: RegExp])[] = [
      [
        "an upload without media types",
        `Put(Upload) returns (Thing) { option (google.api.http) = {put: "/tiny/{id}" body: "content"}; ${access} }`,
        /needs consumes/,
      ],
      [
        "an upload with a malformed media type",
        `Put(Upload) returns (Thing) { option (google.api.http) = {put: "/tiny/{id}" body: "content"}; ${access}
           option (lyceum.v1.consumes) = "image/*"; }`,
        /image\/\* is no media type/,
      ],
      [
        "an upload of a form alone",
        `Put(Upload) returns (Thing) { option (google.api.http) = {put: "/tiny/{id}" body: "content"}; ${access}
           option (lyceum.v1.consumes) = "multipart/form-data"; }`,
        /the type of the file in a form is missing/,
      ],
      [
        "a created resource without an answer",
        `Add(Named) returns (google.protobuf.Empty) { option (google.api.http) = {post: "/tiny" body: "*"}; ${access}
           option (lyceum.v1.created) = "/t/{id}"; }`,
        /created goes with an answer that is a message/,
      ],
      [
        "an ETag of a stream",
        `Get(Named) returns (stream Part) { ${route} ${access} option (lyceum.v1.etag) = "version"; }`,
        /a stream has no ETag/,
      ],
      [
        "media types of a body that is a message",
        `Put(Named) returns (Thing) { option (google.api.http) = {put: "/tiny/{id}" body: "*"}; ${access}
           option (lyceum.v1.consumes) = "image/png"; }`,
        /consumes goes with a body of type google\.api\.HttpBody/,
      ],
      [
        "a download without media types",
        `Get(Named) returns (google.api.HttpBody) { ${route} ${access} }`,
        /needs produces/,
      ],
      [
        "media types of an answer that is a message",
        `Get(Named) returns (Thing) { ${route} ${access} option (lyceum.v1.produces) = "image/png"; }`,
        /produces goes with an answer of type google\.api\.HttpBody/,
      ],
      [
        "a stream of bytes",
        `Get(Named) returns (stream google.api.HttpBody) { ${route} ${access} }`,
        /a stream of google\.api\.HttpBody/,
      ],
    ];
    for (const [what, rpc, why] of bodies) it(what, () => expect(content(rpc)).to.throw(why));

    it("the second of two rpcs on one route, whatever the names of its parameters are", () => {
      const renamed = `
        service TinyService {
          rpc Look(Named) returns (Thing) { ${route} ${access} }
          rpc Find(Other) returns (Thing) { option (google.api.http) = {get: "/tiny/{name}"}; ${access} }
        }
        message Other { string name = 1; }`;
      expect(loadText(renamed)).to.throw(/(Look|Find): tiny\.v1\.TinyService\.(Find|Look) has the same route/);
    });
  });
});
