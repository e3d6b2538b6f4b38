import { messageOfForm } from "../../../src/contract/http/oauth-form.js";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import protobuf from "protobufjs";
import { codecs, defaults, type CodecName } from "../../../src/contract/codecs/codec.js";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import { integerPattern } from "../../../src/contract/documents/openapi/integer-pattern.js";
import { openApi } from "../../../src/contract/documents/openapi.js";
import { reasonsOf, successOf } from "../../../src/contract/model/outcomes.js";
import { reachable } from "../../../src/contract/validation/json-schema.js";
import { keywordsOf } from "../../../src/contract/validation/rules.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { lint } from "./lint.js";

interface Media {
  schema: object;
  example?: Record<string, unknown>;
  examples?: Record<string, { $ref: string }>;
}
interface Response {
  $ref?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, Media>;
}
interface Parameter {
  $ref?: string;
  name?: string;
  in?: string;
  required?: boolean;
  schema?: object;
  example?: unknown;
}
interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security?: unknown[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, Media> };
  responses: Record<string, Response>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
  components: {
    schemas: Record<string, Record<string, unknown>>;
    responses: Record<string, Response>;
    examples: Record<string, { value: Record<string, unknown> }>;
  };
}

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
const about = { title: "Lyceum", version: "1.2.3" };
const jsonCodecs = { "application/json": "json", "application/protobuf+json": "protojson" } as const;
const binary = ["application/protobuf", "application/x-protobuf"];

describe("the OpenAPI document", () => {
  let contract: Contract;
  let document: Document;
  let ajv: Ajv2020;

  before(() => {
    contract = loadContract(protoDirectory);
    document = openApi(contract, about, "all") as Document;
    ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema(document, "document");
  });

  const operationOf = (name: string): Operation => {
    const { path, verb } = contract.methods.find((method) => method.name === name)!;
    return document.paths[path]![verb.toLowerCase()]!;
  };
  const responseOf = (operation: Operation, status: number): Response => {
    const response = operation.responses[status]!;
    return response.$ref ? document.components.responses[response.$ref.split("/").pop()!]! : response;
  };
  const fits = (schema: object, value: unknown): string => {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    return ajv.validate(JSON.parse(text), value) ? "" : ajv.errorsText();
  };

  it("passes a public linter without a warning", async () => {
    expect(await lint(document as never)).to.deep.equal([]);
  });

  it("is the same byte for byte each time it is made", () => {
    expect(JSON.stringify(openApi(loadContract(protoDirectory), about, "all"))).to.equal(JSON.stringify(document));
  });

  it("has one operation for each rpc, named and explained as in the .proto files", () => {
    const operations = Object.values(document.paths).flatMap((verbs) => Object.values(verbs));
    expect(operations).to.have.length(contract.methods.length);
    for (const { name, service, comment } of contract.methods) {
      const { operationId, tags, summary, description } = operationOf(name);
      expect({ operationId, tags }).to.deep.equal({ operationId: name, tags: [service.split(".").pop()] });
      expect(description.startsWith(comment.replaceAll("\n", " ")), name).to.equal(true);
      expect(comment.replaceAll("\n", " ").startsWith(`${summary}.`), name).to.equal(true);
      expect(document.tags.map((tag) => tag.name)).to.include(tags[0]);
    }
  });

  it("requires a login exactly where the contract does, or an API key with the scopes of the method", () => {
    for (const { name, access, scopes } of contract.methods) {
      const byKey = [{ bearer: [] }, { password: [] }, { apiKey: scopes }, { basic: scopes }];
      const withLogin = scopes.includes("SCOPE_NONE") ? undefined : byKey;
      expect(operationOf(name).security, name).to.deep.equal(access === "ACCESS_PUBLIC" ? [] : withLogin);
      for (const scope of scopes)
        expect(operationOf(name).description, name).to.contain(scope === "SCOPE_NONE" ? "None may call" : scope);
    }
  });

  it("has the parameters of path and query as in the contract, and only alt in the query of a method with a body", () => {
    for (const { name, pathFields, request, hasBody, bodyField } of contract.methods) {
      const parameters = operationOf(name).parameters.filter(({ name }) => name !== undefined);
      const rest = Object.keys(request.fields).filter((field) => !pathFields.includes(field) && field !== bodyField);
      const wanted = [
        ...pathFields.map((field) => [field, "path", true]),
        ...(hasBody ? [] : rest.map((field) => [field, "query", undefined])),
      ];
      expect(
        parameters.map((parameter) => [parameter.name, parameter.in, parameter.required]),
        name,
      ).to.deep.equal(wanted);
      expect(operationOf(name).parameters.at(-1)).to.deep.equal({ $ref: "#/components/parameters/alt" });
    }
  });

  it("shows every request and every answer in all serializations", () => {
    for (const method of contract.methods) {
      const operation = operationOf(method.name);
      if (method.bodyField !== undefined) expect(operation.requestBody!.content).to.have.all.keys(...method.consumes);
      if (method.oauthForm)
        expect(operation.requestBody!.content).to.have.all.keys("application/x-www-form-urlencoded");
      else if (operation.requestBody && method.hasBody)
        expect(operation.requestBody.content).to.have.all.keys(...Object.keys(jsonCodecs), ...binary);
      const status = successOf(method);
      const { content } = responseOf(operation, status);
      if (status === 204) expect(content, method.name).to.equal(undefined);
      else if (method.produces.length > 0) expect(content, method.name).to.have.all.keys(...method.produces);
      else expect(content, method.name).to.have.all.keys(...Object.keys(jsonCodecs), ...binary);
    }
  });

  it("shows every reason of a method under its status, with an example of it in both JSON forms", () => {
    for (const method of contract.methods) {
      for (const { reason, status } of reasonsOf(contract, method)) {
        const content = responseOf(operationOf(method.name), status).content!;
        expect(content).to.include.keys("application/problem+json", "application/json", ...binary);
        expect(content["application/problem+json"]!.examples, method.name).to.have.property(reason);
        expect(content["application/protobuf+json"]!.examples, method.name).to.have.property(reason);
      }
    }
  });

  it("describes ETags, 304, If-Match and Location where they exist", () => {
    expect(responseOf(operationOf("GetMessage"), 200).headers).to.have.property("ETag");
    expect(operationOf("GetMessage").responses).to.have.property("304");
    expect(operationOf("GetMessage").parameters).to.deep.include({ $ref: "#/components/parameters/If-None-Match" });
    for (const name of ["If-Match", "If-None-Match.change"])
      expect(operationOf("UpdateMessage").parameters).to.deep.include({ $ref: `#/components/parameters/${name}` });
    for (const { name } of contract.methods) expect(operationOf(name).responses, name).to.have.property("412");
    expect(responseOf(operationOf("SendMessage"), 201).headers).to.include.keys("Location", "ETag");
    expect(responseOf(operationOf("UpdateMessage"), 200).headers).to.include.keys("ETag");
    expect(operationOf("UpdateMessage").responses).not.to.have.property("304");
    expect(responseOf(operationOf("ListMessages"), 200).headers).to.include.keys("ETag");
    expect(operationOf("ListMessages").responses).to.have.property("304");
    expect(responseOf(operationOf("ListMessages"), 200).headers).not.to.have.property("Location");
    expect(responseOf(operationOf("GetHealth"), 200).headers).not.to.have.property("ETag");
    expect(responseOf(operationOf("GetMe"), 401).headers).to.have.property("WWW-Authenticate");
    expect(responseOf(operationOf("GetMe"), 503).headers).to.have.property("Retry-After");
  });

  it("has examples of requests that the engine reads alike in both JSON forms, and accepts", () => {
    for (const { name, hasBody, oauthForm, request, pathFields } of contract.methods) {
      if (!hasBody || oauthForm || !operationOf(name).requestBody) continue;
      const read = Object.entries(jsonCodecs).map(([media, codec]) => {
        const { schema, example } = operationOf(name).requestBody!.content[media]!;
        expect(fits(schema, example), `${name} ${media}`).to.equal("");
        return codecs[codec].reader(request)(Buffer.from(JSON.stringify(example)));
      });
      expect(read[0], name).to.deep.equal(read[1]);
      const inPath = Object.fromEntries(pathFields.map((field) => [field, 1]));
      expect(() => validator(request)({ ...read[0], ...inPath }), name).to.not.throw();
    }
  });

  it("lets people log in with the form of OAuth, and has an example of it that the engine accepts", () => {
    const { securitySchemes } = document.components as unknown as { securitySchemes: Record<string, object> };
    const flows = { password: { tokenUrl: "/v1/token", refreshUrl: "/v1/token", scopes: {} } };
    expect(securitySchemes["password"]).to.include({ type: "oauth2" }).and.to.deep.include({ flows });
    const { request } = contract.methods.find(({ name }) => name === "IssueToken")!;
    const { schema, example } = operationOf("IssueToken").requestBody!.content["application/x-www-form-urlencoded"]!;
    expect(fits(schema, example)).to.equal("");
    const form = new URLSearchParams(example as Record<string, string>);
    expect(() => validator(request)(messageOfForm(request, Object.fromEntries(form)))).to.not.throw();
  });

  it("has examples of parameters that fit their schemas", () => {
    for (const { name } of contract.methods) {
      for (const { schema, example, ...parameter } of operationOf(name).parameters) {
        if (example !== undefined) expect(fits(schema!, example), `${name} ${parameter.name}`).to.equal("");
      }
    }
  });

  it("has examples of answers in the form in which the engine writes them", () => {
    for (const method of contract.methods) {
      const { content = {} } = responseOf(operationOf(method.name), successOf(method));
      for (const [media, codec] of Object.entries(jsonCodecs)) {
        if (!content[media]) continue;
        const { schema, example } = content[media];
        expect(fits(schema, example), `${method.name} ${media}`).to.equal("");
        const plain = content["application/json"]!.example!;
        expect(write(codec, method.response, plain), `${method.name} ${media}`).to.deep.equal(example);
      }
    }
  });

  it("has examples of problems in the form in which the engine writes them", () => {
    for (const reason of contract.reasons.keys()) {
      const json = document.components.examples[reason];
      if (!json) continue; // No method answers with this reason.
      expect(fits({ $ref: "#/components/schemas/Problem" }, json.value), reason).to.equal("");
      expect(write("json", contract.problem, json.value)).to.deep.equal(json.value);
      const { value } = document.components.examples[`${reason}.protojson`]!;
      expect(fits({ $ref: "#/components/schemas/Problem.protojson" }, value), reason).to.equal("");
      expect(write("protojson", contract.problem, json.value)).to.deep.equal(value);
    }
  });

  it("requires in an answer the fields that an empty message has, and those that the contract requires", () => {
    for (const type of answered(contract)) {
      const requiredIn = (schema: Record<string, unknown>): unknown => [schema["required"] ?? []].flat().sort();
      const always = type.fieldsArray.filter((field) => keywordsOf(field).isRequired);
      const empty = Object.keys(write("json", type, defaults(type)) as object);
      const { [type.name]: json, [`${type.name}.protojson`]: protojson } = document.components.schemas;
      expect(requiredIn(json!), type.name).to.deep.equal([...empty, ...always.map(({ name }) => name)].sort());
      // A stream is JSON alone.
      if (protojson) expect(requiredIn(protojson)).to.deep.equal(always.map(({ jsonName }) => jsonName).sort());
    }
  });

  it("requires every message in an answer unless its comment says when it is absent", () => {
    const fields = answered(contract).flatMap(({ fieldsArray }) => fieldsArray);
    const messages = fields.filter(({ resolvedType, repeated }) => resolvedType instanceof protobuf.Type && !repeated);
    const isRequired = (field: protobuf.Field): boolean => keywordsOf(field).isRequired;
    expect(messages.filter(isRequired)).to.have.length.above(5);
    for (const field of messages)
      expect(isRequired(field), field.fullName).to.equal(!/\babsent\b/.test(field.comment ?? ""));
  });

  it("has bounds for every 64-bit integer, within which JavaScript's numbers are exact", () => {
    let count = 0;
    for (const [where, schema] of schemasIn(document)) {
      if (!/^[su]?(?:int|fixed)64$|^sfixed64$/.test(String(schema["format"]))) continue;
      count++;
      if ([schema["type"]].flat().includes("string")) {
        const pattern = new RegExp(schema["pattern"] as string, "u");
        const beyond = [2n ** 53n, 2n ** 63n, -(2n ** 53n), -(2n ** 63n)].map(String);
        expect(
          beyond.filter((text) => pattern.test(text)),
          where,
        ).to.deep.equal([]);
        continue;
      }
      const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
      expect([minimum, exclusiveMinimum].filter(Number.isSafeInteger), where).to.have.length(1);
      expect([maximum, exclusiveMaximum].filter(Number.isSafeInteger), where).to.have.length(1);
    }
    expect(count).to.be.above(80);
  });
});

/** The messages of the answers of a contract, with those inside of them. */
function answered({ methods, problem }: Contract): protobuf.Type[] {
  const found = new Set<protobuf.Type | protobuf.Enum>();
  for (const type of [problem, ...methods.map(({ response }) => response)]) reachable(type, found);
  const isMessage = (type: protobuf.Type | protobuf.Enum): type is protobuf.Type => type instanceof protobuf.Type;
  return [...found].filter(isMessage).filter(({ fullName }) => !fullName.startsWith(".google."));
}

/** Every object of a document, with its place; among them are all schemas. */
function* schemasIn(value: unknown, where = "#"): Generator<[where: string, schema: Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  yield [where, value as Record<string, unknown>];
  for (const [name, inner] of Object.entries(value)) yield* schemasIn(inner, `${where}/${name}`);
}

const tiny = `
syntax = "proto3";
package tiny.v1;
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
import "google/api/annotations.proto";
import "lyceum/v1/options.proto";
service TinyService {
  // Puts a tree. It is told back.
  rpc PutTree(PutTreeRequest) returns (Tree) {
    option (google.api.http) = {put: "/trees/{id}" body: "*"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.max_body) = 2048;
  }
}
service LeafService {
  // Adds a leaf.
  rpc AddLeaf(Leaf) returns (Leaf) {
    option (google.api.http) = {post: "/leaves" body: "*"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
  }
  // Puts a leaf.
  rpc PutLeaf(Leaf) returns (Root) {
    option (google.api.http) = {put: "/leaves/{id}" body: "*"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
  }
}
message Leaf {
  message Part {
    int32 edge = 1;
  }
  int64 id = 1;
  Part part = 2;
}
message Root {
  message Part {
    int32 depth = 1;
  }
  Part part = 1;
}
// Of what wood.
enum Wood {
  // Not said.
  WOOD_UNSPECIFIED = 0;
  // Oak.
  WOOD_OAK = 1;
}
message PutTreeRequest {
  int64 id = 1 [(buf.validate.field).int64.gt = 0];
  Tree tree = 2 [(buf.validate.field).required = true];
  Wood wood = 3;
  repeated int64 rings = 4 [(buf.validate.field).repeated = {min_items: 1 max_items: 3 items: {int64: {gt: 4}}}];
  optional string note = 5 [(buf.validate.field).string.min_len = 1];
  string kind = 6 [(buf.validate.field).string = {in: ["tall", "small"]}];
  map<string, int64> birds = 7;
  repeated string names = 8 [(buf.validate.field).repeated.items.string.example = "Fir", (buf.validate.field).repeated.items.string.example = "Oak"];
  google.protobuf.Timestamp planted_at = 9 [(buf.validate.field).required = true];
  google.protobuf.Timestamp ends_at = 10 [(buf.validate.field).required = true];
  repeated int64 guests = 11;
}
message Tree {
  int64 id = 1;
  repeated Tree branches = 2;
  Wood wood = 3;
}
`;

describe("the OpenAPI document of any contract", () => {
  let document: Document;

  before(() => {
    const contract = loadContract(protoDirectory, new Map([["tiny/v1/tiny.proto", tiny]]));
    document = openApi(contract, about, "all") as Document;
  });

  it("requires in a request the fields that its rules require, and omits the path's fields from the body", () => {
    const schema = document.components.schemas["PutTreeRequest"]!;
    expect(schema["required"]).to.deep.equal(["tree", "rings", "kind", "planted_at", "ends_at"]);
    expect(schema["additionalProperties"]).to.equal(false);
    expect(Object.keys(schema["properties"] as object)).to.deep.equal([
      "tree",
      "wood",
      "rings",
      "note",
      "kind",
      "birds",
      "names",
      "planted_at",
      "ends_at",
      "guests",
    ]);
    expect(schema["properties"]).to.deep.include({
      wood: { anyOf: [{ $ref: "#/components/schemas/WoodInput" }, { type: "null" }] },
      rings: {
        type: "array",
        items: { type: "integer", format: "int64", exclusiveMinimum: 4, maximum: Number.MAX_SAFE_INTEGER },
        minItems: 1,
        maxItems: 3,
      },
      kind: { type: "string", enum: ["tall", "small"] },
    });
  });

  it("writes 64-bit integers of ProtoJSON as text, in lists and maps too", () => {
    const properties = document.components.schemas["PutTreeRequest.protojson"]!["properties"] as Record<string, object>;
    const { MIN_SAFE_INTEGER: least, MAX_SAFE_INTEGER: most } = Number;
    const text = { type: "string", format: "int64" };
    expect(properties["rings"]).to.deep.include({ items: { ...text, pattern: integerPattern(5, most) } });
    expect(properties["birds"]).to.deep.include({
      additionalProperties: { ...text, pattern: integerPattern(least, most) },
    });
  });

  it("has a schema for each side of a message that is used on both sides and contains itself", () => {
    const { schemas } = document.components;
    expect(schemas["Tree"]).to.deep.include({ required: ["id", "branches", "wood"] });
    expect(schemas["TreeInput"]).to.include({ additionalProperties: false }).and.not.have.property("required");
    const { branches } = schemas["TreeInput"]!["properties"] as Record<string, object>;
    expect(branches).to.deep.equal({
      type: ["array", "null"],
      items: { $ref: "#/components/schemas/TreeInput" },
    });
  });

  it("has a schema of its own for each message, whatever other messages are called, and for each body", () => {
    const refOf = (path: string, verb: string): string => {
      const { schema } = document.paths[path]![verb]!.requestBody!.content["application/json"]!;
      return (schema as { $ref: string }).$ref.split("/").pop()!;
    };
    const { schemas } = document.components;
    const keys = (name: string): string[] => Object.keys(schemas[name]!["properties"] as object);
    expect(keys("Leaf")).to.deep.equal(["id", "part"]);
    expect(keys(refOf("/leaves", "post"))).to.deep.equal(["id", "part"]);
    expect(keys(refOf("/leaves/{id}", "put"))).to.deep.equal(["part"]);
    expect(schemas[refOf("/leaves", "post")]).to.include({ additionalProperties: false });
    expect(schemas["Leaf"]).to.have.property("required").and.not.have.property("additionalProperties");
    expect(keys("Part")).to.deep.equal(["edge"]);
    expect(keys("tiny.v1.Root.Part")).to.deep.equal(["depth"]);
  });

  it("explains each value of an enum, which may grow in answers alone", () => {
    const { Wood: answered, WoodInput: asked } = document.components.schemas;
    const names = ["WOOD_UNSPECIFIED", "WOOD_OAK"];
    const description = "Of what wood.\n\n- `WOOD_UNSPECIFIED`: Not said.\n- `WOOD_OAK`: Oak.";
    const numbers = { WOOD_UNSPECIFIED: 0, WOOD_OAK: 1 };
    expect(asked).to.deep.equal({ type: "string", enum: names, description, "x-enum-numbers": numbers });
    expect(answered).to.deep.equal({
      type: "string",
      "x-extensible-enum": names,
      description: `${description}\n\nMore names may follow.`,
    });
  });

  it("makes examples that obey the rules, with each example of a list, and without a list that may be empty and has none", () => {
    const { requestBody, summary } = document.paths["/trees/{id}"]!["put"]!;
    expect(summary).to.equal("Puts a tree");
    expect(requestBody!.content["application/json"]!.example).to.deep.equal({
      tree: { id: 1, wood: "WOOD_UNSPECIFIED" },
      wood: "WOOD_UNSPECIFIED",
      rings: [5],
      kind: "tall",
      birds: {},
      names: ["Fir", "Oak"],
      planted_at: "2026-11-23T12:00:00.000Z",
      ends_at: "2026-11-23T13:30:00.000Z",
    });
    expect(requestBody).to.have.property("description").that.includes("At most 2048 bytes");
  });
});

/** The parsed JSON that a codec writes. */
function write(codec: CodecName, type: protobuf.Type, value: object): unknown {
  return JSON.parse(codecs[codec].writer(type)(value).toString("utf8"));
}
