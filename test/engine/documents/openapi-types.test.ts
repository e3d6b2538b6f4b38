// Bytes, Durations, wrappers and Any in the OpenAPI document: their schemas in both JSON forms, and examples that obey the rules.
import { fileURLToPath } from "node:url";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { codecs } from "../../../src/contract/codecs/codec.js";
import { integerPattern } from "../../../src/contract/documents/openapi/integer-pattern.js";
import { openApi } from "../../../src/contract/documents/openapi.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { validator } from "../../../src/contract/validation/validate.js";

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
const text = `
syntax = "proto3";
package clocks.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "lyceum/v1/options.proto";
// Clocks.
service ClockService {
  // Sets a clock.
  rpc SetClock(SetClockRequest) returns (Clock) {
    option (google.api.http) = {put: "/v1/clocks/{key}" body: "*"};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
  }
  // Finds clocks.
  rpc FindClocks(FindClocksRequest) returns (Clock) {
    option (google.api.http) = {get: "/v1/clocks/{key}/{within}"};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
  }
}
message SetClockRequest {
  bytes key = 1 [(buf.validate.field).bytes = {min_len: 3 max_len: 8}];
  bytes face = 2 [(buf.validate.field).required = true, (buf.validate.field).bytes.max_len = 4];
  repeated bytes hands = 3 [(buf.validate.field).repeated = {min_items: 1 max_items: 3 items: {bytes: {max_len: 1}}}];
  google.protobuf.Duration tick = 4 [(buf.validate.field).required = true, (buf.validate.field).duration.gt = {}];
  google.protobuf.Duration tock = 5 [
    (buf.validate.field).required = true,
    (buf.validate.field).duration = {gt: {seconds: 1} lt: {seconds: 1 nanos: 10}}
  ];
  google.protobuf.Duration pause = 6 [(buf.validate.field).duration = {in: [{seconds: 60}, {seconds: 3600}] example: {seconds: 60}}];
  repeated google.protobuf.Duration rests = 7 [(buf.validate.field).repeated = {min_items: 1 max_items: 3 items: {duration: {lt: {}}}}];
  google.protobuf.Int64Value weight = 8 [(buf.validate.field).required = true, (buf.validate.field).int64.gte = 7];
  google.protobuf.StringValue name = 9 [(buf.validate.field).string.max_len = 9];
  google.protobuf.BytesValue seal = 10 [(buf.validate.field).required = true, (buf.validate.field).bytes.max_len = 2];
  google.protobuf.BoolValue is_loud = 11 [(buf.validate.field).required = true];
  google.protobuf.Any alarm = 12 [(buf.validate.field).required = true];
  google.protobuf.Any chime = 13 [(buf.validate.field).required = true, (buf.validate.field).any.in = "type.googleapis.com/clocks.v1.Clock"];
  repeated google.protobuf.Any gongs = 14 [(buf.validate.field).repeated = {min_items: 1 max_items: 3 items: {any: {in: [
    "type.googleapis.com/google.protobuf.Timestamp", "type.googleapis.com/clocks.v1.Clock"]}}}];
  google.protobuf.Any bell = 15 [(buf.validate.field).required = true, (buf.validate.field).any.in = "type.googleapis.com/google.protobuf.UInt64Value"];
  google.protobuf.Any drum = 16;
}
message FindClocksRequest {
  bytes key = 1 [(buf.validate.field).bytes.max_len = 8];
  google.protobuf.Duration within = 2;
  google.protobuf.Int64Value weight = 3;
}
// A clock.
message Clock {
  bytes face = 1;
  google.protobuf.Duration tick = 2;
  repeated google.protobuf.Int64Value weights = 3;
  map<string, google.protobuf.Duration> rests = 4;
  google.protobuf.Int64Value weight = 5;
  google.protobuf.Any chime = 6;
}
`;

interface Operation {
  readonly parameters: readonly { readonly name?: string; readonly schema?: object }[];
  readonly requestBody: { readonly content: Record<string, { readonly schema: object; readonly example: object }> };
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { readonly properties: Record<string, object> }> };
}

const contract = loadContract(protoDirectory, new Map([["clocks/v1/clocks.proto", text]]));
const document = openApi(contract, { title: "Clocks", version: "1" }, "all") as Document;
const jsonCodecs = { "application/json": "json", "application/protobuf+json": "protojson" } as const;

const duration = { type: "string", format: "google-duration" };
const pattern = String.raw`^(-?)(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?s$`;

describe("the OpenAPI document of bytes, Durations and wrappers", () => {
  const propertiesOf = (name: string): Record<string, object> => document.components.schemas[name]!.properties;

  it("has bytes as base64, with the bounds of the bytes and of the text", () => {
    const { face, hands } = propertiesOf("SetClockRequest") as Record<string, Record<string, object>>;
    const base64 = { type: "string", format: "byte", contentEncoding: "base64" };
    expect(face).to.deep.equal({ ...base64, "x-max-bytes": 4, maxLength: 8, minLength: 1 });
    expect(hands!["items"]).to.deep.equal({ ...base64, "x-max-bytes": 1, maxLength: 4 });
    expect(propertiesOf("Clock.protojson")["face"]).to.deep.equal(base64);
  });

  it("has Durations as text with a pattern, without the format of ISO 8601", () => {
    const { tick, pause } = propertiesOf("SetClockRequest.protojson");
    expect(tick).to.deep.equal({ ...duration, pattern, "x-duration-gt": "0s" });
    const orNull = { type: ["string", "null"], enum: ["60s", "3600s", null] };
    expect(pause).to.deep.equal({ ...duration, ...orNull, pattern, examples: ["60s"] });
    expect(propertiesOf("Clock")["rests"]).to.deep.include({ additionalProperties: { ...duration, pattern } });
  });

  it("has wrappers as their values, 64-bit integers of ProtoJSON as text", () => {
    expect(propertiesOf("SetClockRequest")["weight"]).to.deep.equal({
      type: "integer",
      format: "int64",
      minimum: 7,
      maximum: Number.MAX_SAFE_INTEGER,
    });
    expect(propertiesOf("SetClockRequest")["is_loud"]).to.deep.equal({ type: "boolean" });
    const { MIN_SAFE_INTEGER: least, MAX_SAFE_INTEGER: most } = Number;
    const long = { type: "string", format: "int64", pattern: integerPattern(least, most) };
    expect(propertiesOf("SetClockRequest.protojson")["weight"]).to.deep.equal({
      ...long,
      pattern: integerPattern(7, most),
    });
    expect(propertiesOf("Clock.protojson")["weight"]).to.deep.equal(long);
    expect(propertiesOf("Clock.protojson")["weights"]).to.deep.include({ items: long });
  });

  it("has an Any as an object with the name of its message, and the messages that are allowed where they are listed", () => {
    const { alarm, gongs, drum } = propertiesOf("SetClockRequest") as Record<
      string,
      Record<string, Record<string, object>>
    >;
    const type = { type: "string", pattern: "/[A-Za-z_][A-Za-z0-9_.]*$" };
    expect(alarm!["properties"]!["@type"])
      .to.deep.include(type)
      .and.property("description")
      .match(/^The type URL/);
    expect(alarm).to.deep.include({ type: "object", required: ["@type"], additionalProperties: true });
    expect(drum!["type"]).to.deep.equal(["object", "null"]);
    const listed = ["google.protobuf.Timestamp", "clocks.v1.Clock"].map((name) => `type.googleapis.com/${name}`);
    expect(gongs!["items"]!["properties"]).to.have.nested.property("@type.enum").deep.equal(listed);
    expect(propertiesOf("Clock.protojson")["chime"]).to.deep.equal(alarm);
  });

  it("has these types as parameters of a path and a query", () => {
    const { parameters } = document.paths["/v1/clocks/{key}/{within}"]!["get"]!;
    const schemas = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
    expect(schemas["key"]).to.include({ format: "byte", maxLength: 12 });
    expect(schemas["within"]).to.include({ ...duration, pattern });
    expect(schemas["weight"]).to.include({ type: "integer", format: "int64" });
  });

  it("has examples that fit their schemas, that the engine reads alike in both JSON forms, and that break no rule", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, "document");
    const { content } = document.paths["/v1/clocks/{key}"]!["put"]!.requestBody;
    const request = contract.root.lookupType("clocks.v1.SetClockRequest");
    const read = Object.entries(jsonCodecs).map(([media, codec]) => {
      const { schema, example } = content[media]!;
      const own = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
      expect(ajv.validate(JSON.parse(own), example), ajv.errorsText()).to.equal(true);
      return codecs[codec].reader(request)(Buffer.from(JSON.stringify(example)));
    });
    expect(read[0]).to.deep.equal(read[1]);
    expect(() => validator(request)({ ...read[0], key: Buffer.from("key") })).not.to.throw();
    const { example } = content["application/json"]!;
    expect(example).to.deep.include({
      face: "bHljZQ==",
      hands: ["bA=="],
      tick: "1s",
      tock: "1.000000005s",
      rests: ["-1s"],
      weight: 7,
      seal: "bHk=",
      is_loud: true,
      alarm: { "@type": "type.googleapis.com/google.protobuf.Empty" },
      gongs: [{ "@type": "type.googleapis.com/google.protobuf.Timestamp", value: "2026-11-23T12:00:00.000Z" }],
    });
    expect(example).to.have.nested.property("chime.face");
    expect(content["application/protobuf+json"]!.example).to.deep.include({
      bell: { "@type": "type.googleapis.com/google.protobuf.UInt64Value", value: "1" },
    });
  });

  it("passes a public linter", async () => {
    const config = await createConfig({ extends: ["spec"] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ message, location }) => `${message} ${location[0]?.pointer}`)).to.deep.equal([]);
  });
});
