// The generated types are those of the plain objects that the codecs read and write.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { plainTypes, requiredFields } from "../../../scripts/generated-types.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { temporaryFolder } from "../../support/database.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bin = join(root, "node_modules", ".bin");

/** The types of kinds.proto and of its imports, generated with the options of `make generate`. */
async function generate(): Promise<(path: string) => string> {
  const folder = await temporaryFolder();
  cpSync(join(root, "proto"), join(folder, "proto"), { recursive: true });
  cpSync(join(root, "test/engine/codecs/kinds.proto"), join(folder, "proto/kinds.proto"));
  mkdirSync(join(folder, "proto/musts/v1"), { recursive: true });
  cpSync(join(root, "buf.yaml"), join(folder, "buf.yaml"));
  const template = readFileSync(join(root, "buf.gen.yaml"), "utf8").replace(/ +paths:[^]*$/, "");
  writeFileSync(join(folder, "buf.gen.yaml"), template);
  writeFileSync(join(folder, "proto/musts/v1/musts.proto"), musts);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  execFileSync(join(bin, "buf"), ["generate"], { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
  const isRequired = requiredFields(loadContract(join(root, "proto"), new Map([["musts.proto", musts]])).root);
  return (path) => plainTypes(path, readFileSync(join(folder, "src/gen", path), "utf8"), isRequired);
}

const musts = `syntax = "proto3"; package musts.v1;
  import "buf/validate/validate.proto"; import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
  message Must {
    message Part {
      google.protobuf.Timestamp at = 1 [(buf.validate.field).required = true];
      google.protobuf.Timestamp until = 2;
    }
    Part part = 1 [(buf.validate.field).required = true];
    google.protobuf.Int32Value count = 2 [(buf.validate.field).required = true];
    optional string note = 3 [(buf.validate.field).required = true];
    optional string other = 4;
    repeated Part parts = 5 [(buf.validate.field).required = true];
  }`;

describe("the generated types", () => {
  let typeOf: (path: string) => string;
  let fields: ReadonlyMap<string, string>;

  before(async () => {
    typeOf = await generate();
    const [, body] = /^export interface Kinds \{\n(.*?)^\}/ms.exec(typeOf("kinds.ts"))!;
    fields = new Map([...body!.matchAll(/^ {2}(\w+\??): (.*);$/gm)].map((match) => [match[1]!, match[2]!]));
  });

  const types: Record<string, string> = {
    a_string: "string",
    an_int64: "number",
    a_color: "Color",
    a_bytes: "Buffer",
    "maybe_bytes?": "Buffer | undefined",
    "chosen_bytes?": "Buffer | undefined",
    several_bytes: "Buffer[]",
    bytes_by_int32: "{ [key: number]: Buffer }",
    a_time: "string | undefined",
    a_duration: "Duration | undefined",
    durations: "Duration[]",
    duration_by_uint64: "{ [key: number]: Duration }",
    "chosen_duration?": "Duration | undefined",
    wrapped_int64: "number | undefined",
    wrapped_string: "string | undefined",
    wrapped_one_bytes: "Buffer | undefined",
    "chosen_wrapper?": "number | undefined",
    wrapped_int64s: "number[]",
    wrapped_by_sint64: "{ [key: number]: string }",
    wrapped_by_string: "{ [key: string]: Buffer }",
    kinds_by_bool: "{ [key: string]: Kinds }",
    empty_by_sfixed32: "{ [key: number]: Empty }",
    an_empty: "Empty | undefined",
  };
  for (const [field, type] of Object.entries(types))
    it(`have ${field} as ${type}`, () => expect(fields.get(field)).to.equal(type));

  it("have what is required as always there, in messages inside of others too", () => {
    const text = typeOf("musts/v1/musts.ts").replaceAll(/\s+/g, " ");
    for (const type of ["part: Must_Part;", "count: number;", "note: string;", "parts: Must_Part[];", "at: string;"])
      expect(text).to.include(` ${type}`);
    for (const type of ["other?: string | undefined;", "until: string | undefined;"])
      expect(text.replaceAll(": | ", ": ")).to.include(` ${type}`);
  });

  it("have an Any as an object with its type", () => {
    expect(typeOf("kinds.ts")).to.match(
      /^ {2}one: Any \| undefined;\n {2}several: Any\[\];\n {2}by_name: \{ \[key: string\]: Any \};/m,
    );
    const text = typeOf("google/protobuf/any.ts");
    expect(text)
      .to.match(/\nexport interface Any \{\n {2}"@type"\?: string;\n {2}\[field: string\]: unknown;\n\}\n$/)
      .and.not.include("type_url: string");
    expect(text.match(/\/\*\*/g)).to.have.lengthOf(1);
  });

  it("have a Duration as text", () => {
    const text = typeOf("google/protobuf/duration.ts");
    expect(text)
      .to.match(/\nexport type Duration = string;\n$/)
      .and.not.include("seconds: number");
    expect(text.match(/\/\*\*/g)).to.have.lengthOf(1);
  });
});
