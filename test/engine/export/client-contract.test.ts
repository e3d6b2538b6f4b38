// The export for clients: what it describes, compared with the annotated files by another implementation of protobuf.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, toJson, type Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, FileDescriptorProtoSchema, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { unzipSync } from "fflate";
import { clientContract } from "../../../src/contract/export/client-contract.js";
import { exportArchive, exportFiles } from "../../../src/contract/export/export-files.js";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import { reasonsOf } from "../../../src/contract/model/outcomes.js";
import { buildDescriptorSet } from "../../../runner/client/descriptors.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const about = { title: "School", version: "1.2.3" };
type Files = Map<string, FileDescriptorProto>;

async function filesIn(folder: string): Promise<Files> {
  const { file } = fromBinary(FileDescriptorSetSchema, await buildDescriptorSet(folder));
  return new Map(file.map((one) => [one.name, one]));
}

/** What a file declares, without custom options, places in the text and imports. google.api.HttpBody is that of the package. */
function declared({ ...file }: FileDescriptorProto): unknown {
  const text = JSON.stringify(toJson(FileDescriptorProtoSchema, file), (key, value: unknown) =>
    ["sourceCodeInfo", "dependency"].includes(key) || isEmptied(key, value) ? undefined : value,
  );
  return JSON.parse(text.replaceAll('".google.api.HttpBody"', `".${file.package}.HttpBody"`));
}

/** Options that were custom ones alone. */
function isEmptied(key: string, value: unknown): boolean {
  return key === "options" && Object.keys(value as object).length === 0;
}

/** The comments of a file by the path of their element; those of imports and of single options are left out. */
function commentsOf({ sourceCodeInfo }: FileDescriptorProto): Map<string, object> {
  const comments = new Map<string, object>();
  for (const { path, leadingComments, trailingComments, leadingDetachedComments } of sourceCodeInfo?.location ?? []) {
    if (path[0] === 3 || isOption(path)) continue;
    if (leadingComments || trailingComments || leadingDetachedComments.length > 0)
      comments.set(path.join("."), { leadingComments, trailingComments, leadingDetachedComments });
  }
  return comments;
}

/** Whether a path leads into the options of its element: the field has the number 8 in files and fields, else 7, 4, 3 or 2. */
function isOption(path: readonly number[]): boolean {
  let kind = "file";
  for (let at = 0; at < path.length; at += 2) {
    const next = steps[kind]?.[path[at]!];
    if (next === "options") return true;
    if (next === undefined) return false;
    kind = next;
  }
  return false;
}

const steps: Record<string, Record<number, string>> = {
  file: { 4: "message", 5: "enum", 6: "service", 8: "options" },
  message: { 2: "field", 3: "message", 4: "enum", 7: "options", 8: "oneof" },
  field: { 8: "options" },
  oneof: { 2: "options" },
  enum: { 2: "value", 3: "options" },
  value: { 3: "options" },
  service: { 2: "method", 3: "options" },
  method: { 4: "options" },
};

/** Every message in a descriptor that has fields of extensions or others that it does not know. */
function unknownIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  const { $unknown, $typeName } = value as Partial<Message>;
  // buf marks the files of an image with a field of its own.
  const own = $unknown && $typeName !== "google.protobuf.FileDescriptorProto" ? [value] : [];
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => (key === "$unknown" ? [] : unknownIn(inner)))];
}

describe("the export for clients", function () {
  this.timeout(60_000);
  let folder: string;
  let contract: Contract;
  let annotated: Files;
  let exported: Files;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "export-"));
    const sources = join(folder, "annotated");
    cpSync(join(root, "proto"), sources, { recursive: true });
    for (const [path, to] of [
      ["test/engine/export/everything.proto", "lyceum/test/everything/v1/everything.proto"],
      ["test/engine/codecs/kinds.proto", "lyceum/test/kinds/v1/kinds.proto"],
      ["test/engine/validation/rules.proto", "lyceum/test/v1/rules.proto"],
    ] as const)
      cpSync(join(root, path), join(sources, to));
    contract = loadContract(sources);
    const files = exportFiles(contract, about);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, "client", path)), { recursive: true });
      writeFileSync(join(folder, "client", path), text);
    }
    [annotated, exported] = await Promise.all([filesIn(sources), filesIn(join(folder, "client"))]);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const own = (files: Files): FileDescriptorProto[] =>
    [...files.values()].filter(({ name }) => !/^(google|buf)\//.test(name));

  it("has every file that declares more than extensions, and HttpBody in the packages that use it", () => {
    const declaring = own(annotated).filter(
      (file) => file.messageType.length + file.enumType.length + file.service.length > 0,
    );
    expect(
      own(exported)
        .map(({ name }) => name)
        .sort(),
    ).to.deep.equal(
      [
        ...declaring.map(({ name }) => name),
        "lyceum/test/everything/v1/http_body.proto",
        "lyceum/v1/http_body.proto",
      ].sort(),
    );
  });

  it("declares the same messages, fields, enums and services, with the options of protobuf itself", () => {
    for (const file of own(exported)) {
      if (file.name.endsWith("/http_body.proto")) continue;
      const source = annotated.get(file.name)!;
      expect(unknownIn(file), file.name).to.deep.equal([]);
      expect(declared(file), file.name).to.deep.equal(declared(source));
    }
    const bare = unknownIn(own(annotated));
    expect(bare.length, "custom options of the annotated files").to.be.above(100);
  });

  it("has HttpBody as google.api has it, with the options of the files beside it", () => {
    for (const [name, user] of [
      ["lyceum/v1/http_body.proto", "lyceum/v1/chat.proto"],
      ["lyceum/test/everything/v1/http_body.proto", "lyceum/test/everything/v1/everything.proto"],
    ] as const) {
      const file = exported.get(name)!;
      expect(file.messageType.map(({ field, name }) => ({ field, name }))).to.deep.equal(
        annotated.get("google/api/httpbody.proto")!.messageType.map(({ field, name }) => ({ field, name })),
      );
      const { javaOuterClassname, ...options } = file.options!;
      const { javaOuterClassname: _, ...others } = exported.get(user)!.options!;
      expect(javaOuterClassname).to.equal("HttpBodyProto");
      expect(options).to.deep.equal(others);
    }
  });

  it("needs no file and registers no name that others publish, but for google/protobuf", () => {
    for (const { name, dependency, package: packageName } of exported.values()) {
      expect(name).to.match(/^(?:lyceum|google\/protobuf)\//);
      expect(packageName).to.match(/^(?:lyceum|google\.protobuf)/);
      for (const path of dependency) expect(path, name).to.match(/^(?:lyceum|google\/protobuf)\/(?!descriptor)/);
    }
  });

  it("has the comments of the annotated files, and in those of the rpcs what their options say", () => {
    let compared = 0;
    for (const file of own(exported)) {
      if (file.name.endsWith("/http_body.proto")) continue;
      const comments = commentsOf(file);
      for (const [service, { name, method }] of file.service.entries())
        for (const [index, rpc] of method.entries()) {
          const path = `6.${service}.2.${index}`;
          const { leadingComments, ...others } = comments.get(path) as { leadingComments: string };
          const [given, added] = split(leadingComments, contract, `${file.package}.${name}`, rpc.name);
          expect(added, rpc.name).to.be.a("string");
          if (given !== undefined) comments.set(path, { leadingComments: given, ...others });
          else comments.delete(path);
        }
      expect([...comments], file.name).to.deep.equal([...commentsOf(annotated.get(file.name)!)]);
      compared += comments.size;
    }
    expect(compared).to.be.above(300);
  });

  it("says of every rpc its verb and path, who may call it, the reasons and the media types", () => {
    for (const method of contract.methods) {
      const [file, service] = serviceNamed(exported, method.service);
      const index = file.service[service]!.method.findIndex(({ name }) => name === method.name);
      const location = file.sourceCodeInfo!.location.find(({ path }) => path.join(".") === `6.${service}.2.${index}`)!;
      const comment = location.leadingComments.replace(/\s+/g, " ");
      expect(comment).to.include(`${method.verb} ${method.path} `).and.include(`Access: ${method.access}. `);
      for (const { reason } of reasonsOf(contract, method))
        expect(comment, method.name).to.match(RegExp(`\\b${reason}\\b`));
      for (const type of [...method.consumes, ...method.produces]) expect(comment, method.name).to.include(type);
      const [, added] = split(location.leadingComments, contract, method.service, method.name);
      for (const line of added!.split("\n")) expect(line.length, line).to.be.below(118);
    }
  });

  it("passes buf lint with its own buf.yaml, and is formatted as buf formats", () => {
    // Of the contract alone: the files of the tests have no comments, and packages that are no folders.
    const client = mkdtempSync(join(folder, "own-"));
    for (const [path, text] of exportFiles(loadContract(join(root, "proto")), about)) {
      mkdirSync(dirname(join(client, path)), { recursive: true });
      writeFileSync(join(client, path), text);
    }
    for (const words of [["lint"], ["format", "--diff", "--exit-code"]]) {
      const output = execFileSync(join(root, "node_modules/.bin/buf"), words, { cwd: client, encoding: "utf8" });
      expect(output).to.equal("");
    }
  });

  it("is the same ZIP archive at every time and in every time zone", () => {
    const files = exportFiles(contract, about);
    const zone = process.env["TZ"];
    const archives = ["UTC", "Pacific/Apia", "Asia/Kathmandu"].map((name) => {
      process.env["TZ"] = name;
      return exportArchive(files).toString("base64");
    });
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
    expect(new Set(archives).size).to.equal(1);
    const unpacked = unzipSync(Buffer.from(archives[0]!, "base64"));
    const texts = Object.entries(unpacked).map(([path, bytes]) => [path, Buffer.from(bytes).toString("utf8")]);
    expect(texts).to.deep.equal([...files]);
    expect(texts.map(([path]) => path)).to.include.members(["README.md", "buf.yaml", "lyceum/v1/chat.proto"]);
  });
});

function serviceNamed(files: Files, fullName: string): [FileDescriptorProto, number] {
  for (const file of files.values()) {
    const index = file.service.findIndex(({ name }) => `${file.package}.${name}` === fullName);
    if (index >= 0) return [file, index];
  }
  throw new Error(`no service ${fullName}`);
}

/** The comment of an rpc as it was given, undefined without one, and what was added to it. */
function split(
  comment: string,
  { methods }: Contract,
  service: string,
  rpc: string,
): [string | undefined, string | undefined] {
  const { verb, path } = methods.find((method) => method.service === service && method.name === rpc)!;
  const at = comment.search(RegExp(`^ ${verb} ${path.replace(/[{}.]/g, "\\$&")}$`, "m"));
  if (at < 0) return [comment, undefined];
  return [at === 0 ? undefined : comment.slice(0, at).replace(/\n$/, ""), comment.slice(at)];
}

describe("no export is made", () => {
  const proto = join(root, "proto");
  const file = (body: string): string => `syntax = "proto3"; package odd.v1;
    import "google/api/annotations.proto"; import "google/api/httpbody.proto"; import "google/rpc/code.proto";
    import "lyceum/v1/options.proto";
    ${body}
    service OddService { rpc Look(Odd) returns (Odd) {
      option (google.api.http) = {post: "/odd" body: "*"}; option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE; } }`;

  it("of a field whose type clients would have to get elsewhere", () => {
    const inside = "message Odd { Inner inner = 1; } message Inner { google.rpc.Code code = 1; }";
    const contract = loadContract(proto, new Map([["odd/v1/odd.proto", file(inside)]]));
    expect(() => clientContract(contract)).to.throw("odd.v1.Inner.code: clients would need google.rpc.Code");
  });

  it("where a file or a message has the name of the one that is added", () => {
    const files = new Map([["odd/v1/odd.proto", file("message Odd {}")]]);
    expect(() => clientContract(loadContract(proto, files)), "without one").not.to.throw();
    const other = 'syntax = "proto3"; package odd.v1; message Other {}';
    expect(() => clientContract(loadContract(proto, new Map([...files, ["odd/v1/http_body.proto", other]])))).to.throw(
      "odd/v1/http_body.proto",
    );
    const body = other.replace("Other", "HttpBody");
    expect(() => clientContract(loadContract(proto, new Map([...files, ["odd/v1/z.proto", body]])))).to.throw(
      "odd.v1.HttpBody",
    );
  });
});
