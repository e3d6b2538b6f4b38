// The generated types are those of the plain objects that the codecs read and write.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { plainTypes } from "../../../scripts/generated-types.js";
import { temporaryFolder } from "../../support/database.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bin = join(root, "node_modules", ".bin");

/** The types of kinds.proto and of its imports, generated with the options of `make generate`. */
async function generate(): Promise<(path: string) => string> {
  const folder = await temporaryFolder();
  cpSync(join(root, "proto"), join(folder, "proto"), { recursive: true });
  cpSync(join(root, "test/engine/codecs/kinds.proto"), join(folder, "proto/kinds.proto"));
  cpSync(join(root, "buf.yaml"), join(folder, "buf.yaml"));
  const template = readFileSync(join(root, "buf.gen.yaml"), "utf8").replace("proto/lyceum", "proto/kinds.proto");
  writeFileSync(join(folder, "buf.gen.yaml"), template);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  execFileSync(join(bin, "buf"), ["generate"], { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
  return (path) => plainTypes(path, readFileSync(join(folder, "src/gen", path), "utf8"));
}

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

  it("have a Duration as text", () => {
    const text = typeOf("google/protobuf/duration.ts");
    expect(text)
      .to.match(/\nexport type Duration = string;\n$/)
      .and.not.include("seconds: number");
    expect(text.match(/\/\*\*/g)).to.have.lengthOf(1);
  });
});
