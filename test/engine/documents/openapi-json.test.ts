// The OpenAPI document of JSON alone, from which generators make clients: every model once, and nothing that they stumble over.
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import protobuf from "protobufjs";
import { openApi, type About } from "../../../src/contract/documents/openapi.js";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import { lint } from "./lint.js";

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Json }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { example: Json }> };
  readonly responses: Record<string, { readonly content?: Json }>;
}
type Json = Record<string, unknown>;
interface Document {
  readonly info: { readonly contact: Json; readonly license: Json };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, Json>;
    readonly responses: Record<string, { content?: Json }>;
  };
}

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
const about: About = { title: "Lyceum", version: "1.2.3" };
const documentOf = (contract: Contract, more: Partial<About> = {}): Document =>
  openApi(contract, { ...about, ...more }) as Document;
const operationsOf = ({ paths }: Document): Operation[] =>
  Object.values(paths).flatMap((verbs) => Object.values(verbs));

describe("the OpenAPI document of JSON alone", () => {
  const contract = loadContract(protoDirectory);
  const document = documentOf(contract);
  const operations = operationsOf(document);
  const operation = (id: string): Operation => operations.find(({ operationId }) => operationId === id)!;

  it("passes a public linter without a warning", async () => {
    expect(await lint(document as never)).to.deep.equal([]);
  });

  it("has no media type, parameter or header of another serialization", () => {
    const contents = [
      ...operations.flatMap(({ requestBody, responses }) => [requestBody, ...Object.values(responses)]),
      ...Object.values(document.components.responses),
    ].flatMap((each) => Object.keys(each?.content ?? {}));
    const bodies = contract.methods.flatMap(({ consumes, produces }) => [...consumes, ...produces]);
    bodies.push("application/x-www-form-urlencoded");
    expect(new Set(contents)).to.deep.equal(new Set(["application/json", "application/problem+json", ...bodies]));
    expect(JSON.stringify(document)).to.not.match(/"alt"|X-Protobuf-Message|\.protojson/);
  });

  it("has each message and enum once, under its own name", () => {
    const texts = Object.entries(document.components.schemas).map(
      ([name, schema]) => [JSON.stringify(schema), name] as const,
    );
    expect(new Map(texts).size, "schemas that differ").to.equal(texts.length);
    const own = new Set(["Reason", "Code"]);
    for (const [, name] of texts) {
      const found = own.has(name) || contract.root.lookup(name.replace(/Input$/, ""));
      expect(found, name).to.not.equal(null);
    }
    expect(Object.keys(document.components.schemas)).to.include.members(["Chat", "Message", "Problem", "User"]);
    const problems = JSON.stringify(document).match(/"retry_after_seconds":\{/g);
    expect(problems).to.have.length(1);
  });

  it("has no object that stands in a schema without a name, but forms", () => {
    const inline = [...objectsIn(document.components.schemas)].filter(({ place }) => place.length > 2);
    expect(inline.map(({ place }) => place.join("/"))).to.deep.equal([]);
    for (const { requestBody, responses } of operations) {
      const contents = [requestBody, ...Object.values(responses)].flatMap((each) =>
        Object.entries(each?.content ?? {}),
      );
      for (const [media, { schema }] of contents as [string, { schema: Json }][])
        expect("$ref" in schema || schema["type"] === "string" || media === "multipart/form-data", media).to.equal(
          true,
        );
    }
  });

  it("lists the reasons and codes of a Problem, and the names of every enum of an answer, as lists that may grow", () => {
    const { Problem, Reason, Code, ...others } = document.components.schemas;
    const { reason, code } = Problem!["properties"] as Record<string, Json>;
    expect([reason!["$ref"], code!["$ref"]]).to.deep.equal([
      "#/components/schemas/Reason",
      "#/components/schemas/Code",
    ]);
    expect(Reason!["x-extensible-enum"]).to.deep.equal([...contract.reasons.keys()]);
    const codes = new Set([...contract.reasons.values()].map((meaning) => meaning.code));
    expect(new Set(Code!["x-extensible-enum"] as string[])).to.deep.equal(codes);
    const open = Object.entries(others).filter(([, schema]) => "x-extensible-enum" in schema);
    expect(open.map(([name]) => name)).to.have.members(enumsOf(contract.methods.map(({ response }) => response)));
    for (const [name, schema] of [...open, ["Reason", Reason!] as const])
      expect(schema, name).to.not.have.property("enum");
  });

  it("has a default for each parameter whose comment has one, and it fits", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const found: Record<string, unknown[]> = {};
    for (const { parameters } of operations) {
      for (const { name, schema } of parameters) {
        if (!schema || !("default" in schema)) continue;
        (found[name] ??= []).push(schema["default"]);
        // A default of an enum has its names in the components.
        const whole = { ...schema, components: document.components };
        expect(ajv.validate(whole, schema["default"]), name).to.equal(true);
      }
    }
    expect(new Set(found["limit"])).to.deep.equal(new Set([20]));
    expect(found["limit"]).to.have.length(operations.filter(({ parameters }) => takesLimit(parameters)).length);
    expect(found["sort"]).to.include.members(["-active_at", "-created_at"]);
    expect(found["time_zone"]).to.deep.equal(["UTC"]);
    const configured = documentOf(contract, { defaults: { "lyceum.v1.ListMessagesRequest.limit": 7 } });
    const { parameters } = operationsOf(configured).find(({ operationId }) => operationId === "ListMessages")!;
    expect(parameters.find(({ name }) => name === "limit")!.schema["default"]).to.equal(7);
  });

  it("has no default in a body: generators take such a field for one that is always there", () => {
    const schemas = Object.values(document.components.schemas);
    for (const { properties = {} } of schemas)
      for (const schema of Object.values(properties as Record<string, Json>))
        expect(schema).to.not.have.property("default");
  });

  it("has no request body where there is nothing to send, and none that is required where all may be absent", () => {
    expect(operation("Logout").requestBody).to.equal(undefined);
    expect(operation("LeaveChat").requestBody!.required).to.equal(false);
    expect(operation("CreateChat").requestBody!.required).to.equal(true);
  });

  it("has no example of what a client chooses anew for each request", () => {
    for (const { operationId, requestBody } of operations)
      expect(JSON.stringify(requestBody?.content ?? {}), operationId).to.not.include("client_message_id");
  });

  it("names its licence and a contact", () => {
    const contact = { email: "office@example.org", url: "https://school.example.org" };
    expect(document.info).to.deep.include({ contact: { name: "Lyceum" }, license: { name: "MIT", identifier: "MIT" } });
    expect(documentOf(contract, { contact }).info.contact).to.deep.equal({ name: "Lyceum", ...contact });
  });

  it("requires in an answer what is always there, and lets the rest be absent", () => {
    const requiredIn = (name: string): unknown => document.components.schemas[name]!["required"];
    expect(requiredIn("User")).to.have.members([
      "id",
      "first_name",
      "last_name",
      "role",
      "created_at",
      "version",
      "patronymic_name",
      "rating",
    ]);
    expect(requiredIn("Message")).to.include.members(["created_at", "version"]).and.not.include("edited_at");
    expect(document.components.schemas["UpdateChatRequest"]).to.not.have.property("required");
  });
});

describe("the OpenAPI document of a contract with names that meet", () => {
  const twice = `syntax = "proto3"; package twice.v1;
    import "google/api/annotations.proto"; import "lyceum/v1/options.proto";
    message Tree { int32 a = 1; } message TreeInput { int32 b = 1; } message Treeinput { int32 c = 1; }
    service OakService {
      rpc Find(TreeInput) returns (Tree) {
        option (google.api.http) = {post: "/oaks" body: "*"}; option (lyceum.v1.access) = ACCESS_PUBLIC; }
      rpc Grow(Tree) returns (Tree) {
        option (google.api.http) = {put: "/oaks" body: "*"}; option (lyceum.v1.access) = ACCESS_PUBLIC; }
    }
    service ElmService {
      rpc Find(Treeinput) returns (Tree) {
        option (google.api.http) = {post: "/elms" body: "*"}; option (lyceum.v1.access) = ACCESS_PUBLIC; }
    }`;
  const document = documentOf(loadContract(protoDirectory, new Map([["twice.proto", twice]])));

  it("has operations with names that differ", () => {
    const ids = operationsOf(document).map(({ operationId }) => operationId);
    expect(ids).to.include.members(["OakService_Find", "ElmService_Find", "Grow"]);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it("has schemas with names that differ in more than their case and signs", () => {
    const names = Object.keys(document.components.schemas);
    const keys = names.map((name) => name.replace(/[^a-z0-9]/gi, "").toLowerCase());
    expect(new Set(keys).size).to.equal(names.length);
    const fields = names.flatMap((name) =>
      Object.keys((document.components.schemas[name]!["properties"] ?? {}) as Json),
    );
    expect(fields.filter((field) => ["a", "b", "c"].includes(field)).sort()).to.deep.equal(["a", "a", "b", "c"]);
  });
});

function takesLimit(parameters: Operation["parameters"]): boolean {
  return parameters.some(({ name }) => name === "limit");
}

function* objectsIn(value: unknown, place: readonly string[] = []): Generator<{ readonly place: readonly string[] }> {
  if (typeof value !== "object" || value === null) return;
  if ((value as Json)["type"] === "object" && "properties" in value) yield { place: [...place, ""] };
  for (const [name, inner] of Object.entries(value)) yield* objectsIn(inner, [...place, name]);
}

/** The names of the enums in messages. */
function enumsOf(types: readonly protobuf.Type[]): string[] {
  const seen = new Set<protobuf.ReflectionObject>();
  const visit = (type: protobuf.ReflectionObject | null): void => {
    if (type === null || seen.has(type)) return;
    seen.add(type);
    if (type instanceof protobuf.Type) type.fieldsArray.forEach(({ resolvedType }) => visit(resolvedType));
  };
  types.forEach(visit);
  return [...seen].flatMap((type) => (type instanceof protobuf.Enum ? [type.name] : []));
}
