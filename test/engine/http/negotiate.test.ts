// The choice of codecs for a request and its answer, by headers.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import {
  negotiateError,
  mediaTypes,
  negotiate,
  supportedTypes,
  type Negotiable,
  type Negotiated,
} from "../../../src/contract/http/negotiate.js";
import { ApiError } from "../../../src/errors.js";

const silent: Negotiable = {
  accept: undefined,
  contentType: undefined,
  alt: undefined,
  hasBody: false,
  requestName: "lyceum.v1.SendMessageRequest",
  responseName: "lyceum.v1.Message",
};

function get(accept: string | undefined, alt?: string): Negotiable {
  return { ...silent, accept, alt };
}

function post(contentType: string | undefined, accept?: string, alt?: string): Negotiable {
  return { ...silent, contentType, accept, alt, hasBody: true };
}

function refusal(input: Negotiable): ApiError {
  try {
    negotiate(input);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** The media type of an answer without its charset, or the reason of its refusal. */
function outcome(input: Negotiable): string {
  try {
    return negotiate(input).contentType.replace("; charset=utf-8", "");
  } catch (error) {
    if (error instanceof ApiError) return error.reason;
    throw error;
  }
}

const refusedType = "UNSUPPORTED_MEDIA_TYPE";
const [json] = mediaTypes.json;
const [protobuf] = mediaTypes.protobuf;
const [protojson] = mediaTypes.protojson;

describe("negotiation", () => {
  interface Vector {
    readonly method: "GET" | "POST";
    readonly content_type?: string | null;
    readonly accept: string | null;
    readonly expect: string | 406 | 415;
  }
  const vectors = JSON.parse(readFileSync(new URL("../../vectors/accept.json", import.meta.url), "utf8")) as {
    cases: Vector[];
  };
  const statuses = { 406: "NOT_ACCEPTABLE", 415: "UNSUPPORTED_MEDIA_TYPE" };

  for (const { method, content_type, accept, expect: expected } of vectors.cases) {
    const [contentType, accepted] = [content_type ?? undefined, accept ?? undefined];
    it(`${method} of ${JSON.stringify(content_type ?? null)} that accepts ${JSON.stringify(accept)} gets ${expected}`, () => {
      const input = method === "POST" ? post(contentType, accepted) : get(accepted);
      expect(outcome(input)).to.equal(typeof expected === "number" ? statuses[expected] : expected);
    });
  }

  it("an answer in JSON has a charset, and one in protobuf has none", () => {
    expect(negotiate(get(json)).contentType).to.equal("application/json; charset=utf-8");
    expect(negotiate(get(protojson)).contentType).to.equal("application/protobuf+json; charset=utf-8");
    expect(negotiate(get("application/x-protobuf; charset=utf-8")).contentType).to.equal("application/x-protobuf");
  });

  it("a request is read in the codec of its media type, independently of the answer", () => {
    for (const [codec, types] of Object.entries(mediaTypes)) {
      for (const type of types) expect(negotiate(post(type, json))).to.include({ request: codec, response: "json" });
    }
  });

  describe("of the answer", () => {
    const outcomes: readonly [name: string, input: Negotiable, outcome: string][] = [
      ["an Accept that cannot be read is ignored", get("foo, ;;, a b/c"), json],
      [
        "an Accept that cannot be read gives the codec of the request",
        post("application/proto", "gibberish"),
        "application/proto",
      ],
      ["a member that cannot be read is ignored", get(`json, ${protojson}`), protojson],
      ["a comma in quotes does not separate members", get(`text/html;x="a, ${json}", ${protojson}`), protojson],
      ["a member with an open quote is ignored", get(`${protojson}, ${json};x="`), protojson],
      [".2 is 0.2", get(`${json};q=.1, ${protojson};q=.2`), protojson],
      ["a q above 1 is 1", get(`${protojson}, ${json};q=7`), protojson],
      ["a q below 0 is 0", get(`${json};q=-1`), "NOT_ACCEPTABLE"],
      ["an unreadable q is 1", get(`${protojson};q=0.9, ${json};q=high`), json],
      ["a q without value is 1", get(`${protojson};q=0.9, ${json};q=`), json],
      ["a q of many digits is read in linear time", get(`${json};q=${"1".repeat(4000)}x`), json],
      ["the first of two q counts", get(`${protojson};q=0.9;q=0.1, ${json};q=0.5`), protojson],
      ["q has priority over specificity", get(`*/*, ${protojson};q=0.9`), json],
      ["the more specific range gives the q", get(`*/*;q=0.9, application/*;q=0.8, ${json};q=0.1`), protobuf],
      [
        "a range with a parameter is more specific than one without",
        get(`${json};q=0.9, ${json};charset=utf-8;q=0.1, ${protojson};q=0.5`),
        protojson,
      ],
      [
        "a type excluded by name is not accepted by a wildcard, nor under another name",
        get(`${json};q=0, ${protobuf};q=0, application/*`),
        protojson,
      ],
      [
        "an alias is accepted beside an exclusion of its main type where it is named",
        get(`${json};q=0, ${protobuf};q=0, application/proto;q=0.1`),
        "application/proto",
      ],
      [
        "a weight of a main type is that of its aliases",
        get(`${json};q=0.5, ${protobuf};q=0.1, ${protojson};q=0, */*`),
        json,
      ],
      ["the order of Accept decides between equals", get(`${protojson}, ${protobuf}, ${json}`), protojson],
      [
        "a wildcard gives the alias of the request",
        post("application/x-protobuffer", "application/*"),
        "application/x-protobuffer",
      ],
      [
        "a wildcard beside an exclusion of the request's codec gives json",
        post(protobuf, `*/*, ${mediaTypes.protobuf.map((type) => `${type};q=0`).join(", ")}`),
        json,
      ],
      [
        "an alias in Accept has priority over the alias of the request",
        post("application/x-protobuf", protobuf),
        protobuf,
      ],
      ["wildcards for other types match nothing", get("text/*, image/*"), "NOT_ACCEPTABLE"],
      ["a wildcard for the type alone is not a range", get("*/json"), "NOT_ACCEPTABLE"],
      ["the media type of a Problem is not one of an answer", get("application/problem+json"), "NOT_ACCEPTABLE"],
      [
        "a request without bytes has the codec of its Content-Type",
        { ...post("application/x-protobuf"), hasBody: false },
        "application/x-protobuf",
      ],
      [
        "a request without bytes may have any Content-Type",
        { ...post("application/x-www-form-urlencoded"), hasBody: false },
        json,
      ],
      ["a body with the same Content-Type is refused", post("application/x-www-form-urlencoded"), refusedType],
      ["charset=utf8 is utf-8", get(`${json}; charset=utf8`), json],
      ["a charset is ignored on protobuf", get(`${protobuf}; charset=latin1`), protobuf],
      ["an encoding that contradicts the type does not match", get(`${protojson}; encoding=binary`), "NOT_ACCEPTABLE"],
      ["an encoding that agrees matches", get(`${protojson}; encoding=JSON`), protojson],
      ["messageType names the message of the answer", get(`${protobuf}; messageType="lyceum.v1.Message"`), protobuf],
      [
        "messageType of the request does not match the answer",
        get(`${protobuf}; messageType=lyceum.v1.SendMessageRequest`),
        "NOT_ACCEPTABLE",
      ],
      [
        "a range that does not match is followed by the next",
        get(`${protobuf}; proto=other.Type, ${json};q=0.1`),
        json,
      ],
      ["an unknown parameter is ignored", get(`${json}; profile="x"; indent=2`), json],
      ["alt overrides Accept", get("text/html", "proto"), protobuf],
      ["alt=json", get(protobuf, "json"), json],
      ["alt=protojson", get(protobuf, "protojson"), protojson],
      ["alt keeps the alias of the request", post("application/x-protobuf", json, "proto"), "application/x-protobuf"],
      ["another alt is refused", get(json, "xml"), "MALFORMED_REQUEST"],
      ["an empty alt is refused", get(json, ""), "MALFORMED_REQUEST"],
      ["64 members are read", get(Array(64).fill("text/html").join() + ","), "NOT_ACCEPTABLE"],
      ["65 members are refused", get(Array(65).fill(json).join()), "MALFORMED_REQUEST"],
      ["8 KiB are read", get(`${json};x=`.padEnd(8192, "x")), json],
      ["more than 8 KiB are refused", get(`${json};x=`.padEnd(8193, "x")), "MALFORMED_REQUEST"],
    ];
    for (const [name, input, expected] of outcomes) {
      it(name, () => expect(outcome(input)).to.equal(expected));
    }
  });

  describe("of the request", () => {
    const readable = [
      "application/json; charset=utf8",
      "application/json; encoding=json; version=1; anything=else",
      "application/protobuf; delimited=false; charset=latin1",
      'application/protobuf; messageType="lyceum.v1.SendMessageRequest"',
      "application/vnd.google.protobuf; proto=lyceum.v1.SendMessageRequest",
    ];
    for (const contentType of readable) {
      it(`${contentType} is read`, () => expect(negotiate(post(contentType)).request).to.be.a("string"));
    }

    const unreadable = [
      undefined,
      "application/json; charset=",
      "application/json, application/json",
      "application/json; encoding=binary",
      "application/protobuf; DELIMITED=True",
      "application/protobuf; messageType=lyceum.v1.Message",
      "application/problem+json",
      "application/*",
      "*/*",
    ];
    for (const contentType of unreadable) {
      it(`${JSON.stringify(contentType)} is refused`, () => {
        const refused = { reason: "UNSUPPORTED_MEDIA_TYPE", more: { supported: supportedTypes } };
        expect(refusal(post(contentType))).to.deep.include(refused);
      });
    }
  });

  describe("where an answer has no body", () => {
    for (const accept of ["application/problem+json", "text/html", "*/*;q=0", `${json};q=0`, "image/*"]) {
      it(`Accept: ${accept} refuses nothing, there alone`, () => {
        expect(refusal(get(accept)).reason).to.equal("NOT_ACCEPTABLE");
        expect(negotiate({ ...get(accept), responseName: undefined }).problem).to.equal("json");
        expect(refusal(get(accept)).reason).to.equal("NOT_ACCEPTABLE");
      });
    }

    it("Accept chooses the serialization of errors", () => {
      const input = { ...get(`text/html, ${protojson}`), responseName: undefined };
      expect(negotiate(input).problemType).to.equal("application/protobuf+json; charset=utf-8");
    });

    it("an alt or an Accept that cannot be read is refused, and so is the media type of a body", () => {
      const refusals = [
        [get(undefined, "xml"), "MALFORMED_REQUEST"],
        [get(Array(65).fill(json).join()), "MALFORMED_REQUEST"],
        [post("text/plain"), refusedType],
      ] as const;
      for (const [input, reason] of refusals)
        expect(refusal({ ...input, responseName: undefined }).reason).to.equal(reason);
    });
  });

  it("a request without body and Content-Type has no request codec", () => {
    expect(negotiate(silent)).to.include({ request: undefined, response: "json" });
  });

  it("406 comes before 415, and lists the supported types", () => {
    const { reason, more } = refusal(post("text/plain", "text/html"));
    expect([reason, more.supported]).to.deep.equal(["NOT_ACCEPTABLE", [json, protobuf, protojson]]);
  });

  it("a cached result for one message is not used for another", () => {
    const input = get(`${protobuf}; messageType="lyceum.v1.Message"`);
    expect(outcome(input)).to.equal(protobuf);
    expect(outcome({ ...input, responseName: "lyceum.v1.Chat" })).to.equal("NOT_ACCEPTABLE");
    expect(outcome(input)).to.equal(protobuf);
  });

  it("the same headers give the same cached object, and many other headers do not make the results wrong", () => {
    expect(negotiate(get(json))).to.equal(negotiate(get(json)));
    for (let number = 0; number < 3000; number++) outcome(get(`text/x-${number}, ${protojson}`));
    expect(outcome(get(json))).to.equal(json);
    expect(outcome(get(`text/x-1, ${protojson}`))).to.equal(protojson);
  });
});

describe("the media type of any answer", () => {
  const types = [...Object.values(mediaTypes).flat(), "application/problem+json"];
  const members = fc.tuple(
    fc.constantFrom(...types, "application/*", "*/*", "text/html"),
    fc.constantFrom(0, 0.001, 0.5, 1),
  );
  type Members = readonly (readonly [range: string, q: number])[];

  /** The weight of a type by RFC 9110, section 12.5.1; undefined when no range matches it. */
  function weight(accept: Members, type: string): number | undefined {
    for (const range of [type, "application/*", "*/*"]) {
      const weights = accept.filter(([each]) => each === range).map(([, q]) => q);
      if (weights.length > 0) return Math.max(...weights);
    }
    return undefined;
  }

  const isNamed = (accept: Members, type: string): boolean => accept.some(([range]) => range === type);
  const plain = (contentType: string): string => contentType.replace("; charset=utf-8", "");
  const inputs = fc.record({
    accept: fc.array(members, { minLength: 1, maxLength: 6 }),
    sent: fc.constantFrom(undefined, ...types),
  });

  it("is never one that Accept gives q=0, nor an unnamed alias of one, unless it excludes all", () => {
    const counts = { successes: 0, refusals: 0 };
    fc.assert(
      fc.property(inputs, ({ accept, sent }) => {
        const header = accept.map(([range, q]) => `${range};q=${q}`).join(", ");
        const input = sent === undefined ? get(header) : post(sent, header);
        const success = outcome(input);
        if (success.includes("/")) {
          counts.successes++;
          expect(weight(accept, success)).to.be.greaterThan(0);
          const [main] = Object.values(mediaTypes).find((names: readonly string[]) => names.includes(success))!;
          if (!isNamed(accept, success)) expect(weight(accept, main), header).to.be.greaterThan(0);
        } else counts.refusals++;
        const problem = plain(negotiateError(input).problemType);
        if (types.some((type) => weight(accept, type) !== 0)) expect(weight(accept, problem), header).not.to.equal(0);
      }),
      { seed: 20261123, numRuns: 3000 },
    );
    expect(counts.successes).to.be.greaterThan(1000);
    expect(counts.refusals).to.be.greaterThan(500);
  });
});

describe("the codec of an error", () => {
  const problem = "application/problem+json; charset=utf-8";
  const cases: readonly [name: string, input: Negotiable, negotiated: Partial<Negotiated>][] = [
    ["is json without any header", silent, { response: "json", problemType: problem }],
    [
      "is the codec of a success",
      get(protojson),
      { response: "protojson", problemType: "application/protobuf+json; charset=utf-8" },
    ],
    [
      "is protobuf in the media type of a success",
      get("application/x-protobuf"),
      { response: "protobuf", problemType: "application/x-protobuf" },
    ],
    [
      "is the codec of the request",
      post("application/x-protobuf"),
      { request: "protobuf", response: "protobuf", problemType: "application/x-protobuf" },
    ],
    ["is the codec of the request when Accept excludes all", post(protojson, "text/html"), { response: "protojson" }],
    [
      "is the codec of the request when its parameters are refused",
      post(`${protobuf}; version=2`, "text/html"),
      { response: "protobuf" },
    ],
    [
      "is json when no other codec is possible",
      post("text/plain", "text/html"),
      { response: "json", problemType: problem },
    ],
    [
      "is the codec of the request when Accept exceeds its limits",
      post(protobuf, Array(65).fill(json).join()),
      { response: "protobuf" },
    ],
    ["is the codec of the request when alt is refused", post(protobuf, json, "xml"), { response: "protobuf" }],
    ["follows alt", get(json, "proto"), { response: "protobuf", problemType: protobuf }],
    ["does not depend on messageType", get(`${protobuf}; messageType="other.Type"`), { response: "protobuf" }],
    [
      "needs no message names",
      { ...get(`${protobuf}; proto=other.Type`), requestName: "", responseName: "" },
      { response: "protobuf" },
    ],
    ["is problem+json to a browser", get("text/html, */*;q=0.8"), { problemType: problem }],
    [
      "is plain json to a client that names only application/json",
      get(json),
      { problemType: "application/json; charset=utf-8" },
    ],
    [
      "is plain json when problem+json is excluded",
      get(`${json}, */*, application/problem+json;q=0`),
      { problemType: "application/json; charset=utf-8" },
    ],
    [
      "is plain json when problem+json is excluded beside a wildcard",
      get("application/problem+json;q=0, */*"),
      { problemType: "application/json; charset=utf-8" },
    ],
    [
      "is plain json when a range excludes problem+json",
      get(`application/*;q=0, ${json}`),
      { problemType: "application/json; charset=utf-8" },
    ],
    [
      "is plain json when problem+json is excluded and nothing else is said",
      get("application/problem+json;q=0"),
      { problemType: "application/json; charset=utf-8" },
    ],
    [
      "is problem+json when Accept excludes all codecs but not that",
      post(protobuf, `${json};q=0, ${protobuf};q=0, ${protojson};q=0, */*`),
      { response: "json", problemType: problem },
    ],
    [
      "is a codec that Accept does not exclude, where it allows none",
      post(protobuf, `${protobuf};q=0`),
      { response: "json", problemType: problem },
    ],
    [
      "is the codec of the request where Accept excludes everything",
      post(protobuf, "*/*;q=0"),
      { response: "protobuf", problemType: protobuf },
    ],
    ["is problem+json when a wildcard covers it", get(`${json}, application/*;q=0.1`), { problemType: problem }],
    ["is problem+json to a client that names both", get(`${json}, application/problem+json`), { problemType: problem }],
    [
      "is problem+json to a client that names only application/problem+json",
      get("application/problem+json"),
      { response: "json", problemType: problem },
    ],
    [
      "is problem+json to a client that names it beside another type",
      get(`${protobuf}, application/problem+json`),
      { response: "protobuf", problem: "json", problemType: problem },
    ],
    [
      "is that of a success where problem+json has a lower weight",
      get(`${protobuf}, application/problem+json;q=0.9`),
      { problem: "protobuf", problemType: protobuf },
    ],
    [
      "is that of a success where only a wildcard covers problem+json",
      get(`${protobuf}, application/*`),
      { problem: "protobuf", problemType: protobuf },
    ],
    ["is problem+json when alt is json", get(json, "json"), { problemType: problem }],
  ];
  for (const [name, input, negotiated] of cases) {
    it(name, () => expect(negotiateError(input)).to.include(negotiated));
  }

  it("is part of the result of a successful negotiation", () => {
    expect(negotiate(get(json)).problemType).to.equal("application/json; charset=utf-8");
    expect(negotiate(post(protobuf)).problemType).to.equal(protobuf);
  });
});
