// A law: whatever a client may send has an end. A rule bounds every text, every field of bytes and every list of a request.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import protobuf from "protobufjs";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import { isHttpBody } from "../../../src/contract/model/http-body.js";
import { scalarTypeOf } from "../../../src/contract/model/well-known-types.js";
import { keywordsOf, type Schema } from "../../../src/contract/validation/rules.js";
import { reachable } from "../../../src/contract/validation/json-schema.js";
import { textOf } from "../../../src/contract/validation/texts.js";
import { smallContract } from "../../support/contract-with.js";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));

/** The fields of all requests without a bound, by full name. A body that is no message has the limit of its method. */
function unbounded(contract: Contract): string[] {
  return sent(contract)
    .flatMap(({ fieldsArray }) => fieldsArray.filter(isUnbounded))
    .map(({ fullName }) => fullName.slice(1));
}

/** All messages that a client may send: as a request, or in a frame of a web socket. */
function sent({ root, methods }: Contract): protobuf.Type[] {
  const found = new Set<protobuf.Type | protobuf.Enum>();
  for (const { request } of methods) reachable(request, found);
  const frame = root.lookup("lyceum.v1.ClientFrame");
  if (frame instanceof protobuf.Type) reachable(frame, found);
  return [...found].filter((type) => type instanceof protobuf.Type && !isHttpBody(type)) as protobuf.Type[];
}

function isUnbounded(field: protobuf.Field): boolean {
  const { value, items, keys } = keywordsOf(field);
  const hasLength = ["string", "bytes"].includes(scalarTypeOf(field) ?? "");
  if (field.repeated) return !("maxItems" in value) || (hasLength && isEndless(items));
  if (field instanceof protobuf.MapField)
    return (
      !("maxProperties" in value) || (field.keyType === "string" && isEndless(keys)) || (hasLength && isEndless(items))
    );
  return hasLength && isEndless(value);
}

/** Whether the rules of a text, or of bytes, have no bound for its length. */
function isEndless(rules: Schema): boolean {
  return !["maxLength", "x-max-bytes", "enum"].some((keyword) => keyword in rules) && rules["format"] !== "uuid";
}

/** The strings of requests that neither the option (lyceum.v1.text) nor another closed form describes, by full name. */
function formless(contract: Contract): string[] {
  return sent(contract)
    .flatMap(({ fieldsArray }) => fieldsArray.filter(isFormless))
    .map(({ fullName }) => fullName.slice(1));
}

function isFormless(field: protobuf.Field): boolean {
  if (scalarTypeOf(field) !== "string" || textOf(field) !== undefined) return false;
  const { value, items } = keywordsOf(field);
  const rules = field.repeated || field.map ? items : value;
  return !["pattern", "enum", "format"].some((keyword) => keyword in rules);
}

/** A contract with one method, whose request has these fields. */
function contractOf(fields: string): Contract {
  const text = `syntax = "proto3"; package odd; import "buf/validate/validate.proto"; import "lyceum/v1/options.proto";
    import "google/api/annotations.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/empty.proto";
    import "google/protobuf/wrappers.proto";
    service S { rpc M(Odd) returns (google.protobuf.Empty) { option (google.api.http) = {post: "/odd" body: "*"}; option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE; } }
    message Odd { ${fields} }`;
  return loadContract(smallContract, new Map([["odd.proto", text]]));
}

describe("the texts of requests", () => {
  it("have the option text, or another closed form", () => {
    expect(formless(loadContract(proto))).to.deep.equal([]);
  });

  const faults: readonly string[] = [
    "string a = 1 [(buf.validate.field).string.max_len = 1];",
    "repeated string a = 1;",
    "map<int32, string> a = 1;",
    "google.protobuf.StringValue a = 1;",
    "repeated Inner b = 1; message Inner { string a = 1; }",
  ];
  for (const fields of faults) {
    it(`a field without one is found: ${fields}`, () => {
      expect(formless(contractOf(fields)))
        .to.have.lengthOf(1)
        .and.property("0")
        .to.match(/\.a$/);
    });
  }

  it("no field is found where text, pattern, in or a format is", () => {
    const fields = `string a = 1 [(lyceum.v1.text) = TEXT_ANY]; repeated string b = 2 [(lyceum.v1.text) = TEXT_LINE];
      string c = 3 [(buf.validate.field).string.in = "x"]; string d = 4 [(buf.validate.field).string.uuid = true];
      string e = 5 [(buf.validate.field).string = {pattern: "^a$", max_len: 1}]; bytes f = 6; int32 g = 7;`;
    expect(formless(contractOf(fields))).to.deep.equal([]);
  });
});

describe("the bounds of requests", () => {
  it("every text, every field of bytes and every list of a request has one", () => {
    expect(unbounded(loadContract(proto))).to.deep.equal([]);
  });

  const faults: readonly string[] = [
    "string a = 1;",
    "string a = 1 [(buf.validate.field).string.email = true];",
    "repeated int64 a = 1;",
    "repeated string a = 1 [(buf.validate.field).repeated.max_items = 2];",
    "map<string, bool> a = 1 [(buf.validate.field).map.max_pairs = 2];",
    "map<int32, string> a = 1 [(buf.validate.field).map.max_pairs = 2];",
    "bytes a = 1;",
    "optional bytes a = 1 [(buf.validate.field).bytes.min_len = 1];",
    "repeated bytes a = 1 [(buf.validate.field).repeated.max_items = 2];",
    "map<int32, bytes> a = 1 [(buf.validate.field).map.max_pairs = 2];",
    "google.protobuf.StringValue a = 1;",
    "google.protobuf.BytesValue a = 1;",
    "repeated google.protobuf.Duration a = 1;",
    "repeated Inner b = 1 [(buf.validate.field).repeated.max_items = 2]; message Inner { string a = 1; }",
  ];
  for (const fields of faults) {
    it(`a field without one is found: ${fields}`, () => {
      expect(unbounded(contractOf(fields)))
        .to.have.lengthOf(1)
        .and.property("0")
        .to.match(/\.a$/);
    });
  }

  it("no field is found where max_len, max_bytes, in, uuid or max_items is, or the type has a bound", () => {
    const fields = `string a = 1 [(buf.validate.field).string.max_len = 1]; string b = 2 [(buf.validate.field).string.max_bytes = 1];
      string c = 3 [(buf.validate.field).string.in = "x"]; string d = 4 [(buf.validate.field).string.uuid = true];
      repeated int32 e = 5 [(buf.validate.field).repeated.max_items = 1]; Odd f = 6;
      bytes g = 7 [(buf.validate.field).bytes.max_len = 1]; google.protobuf.Duration h = 8;
      google.protobuf.BytesValue i = 9 [(buf.validate.field).bytes.max_len = 1]; google.protobuf.Int64Value j = 10;
      repeated bytes k = 11 [(buf.validate.field).repeated = {max_items: 1, items: {bytes: {max_len: 1}}}];`;
    expect(unbounded(contractOf(fields))).to.deep.equal([]);
  });
});
