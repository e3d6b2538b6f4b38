// The findings of the golden files when a contract changes: each way to break a released client, and compatible changes.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { buildDescriptorSet, readDescriptors, type Descriptors } from "../../../runner/client/descriptors.js";
import { checkGolden, renewGolden } from "../../../runner/golden/check-golden.js";
import { goldenTexts, type GoldenMessage } from "../../../runner/golden/golden.js";
import { additions, breaks, clients, jsons, lift, robot } from "./changes.js";

const protos = fileURLToPath(new URL(".", import.meta.url));
const google = fileURLToPath(new URL("../../../proto/google", import.meta.url));
const library = readFileSync(join(protos, "library.proto"), "utf8");

describe("the golden files of a contract that changes", () => {
  let folder: string;
  let golden: string;
  let descriptors: Descriptors;
  let sets: ReadonlyMap<string, Uint8Array>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "golden-"));
    golden = join(folder, "golden");
    sets = await build([library, ...[...breaks, ...additions].map(([, from, to]) => library.replaceAll(from, to))]);
    descriptors = readDescriptors(sets.get(library)!);
    renewGolden(descriptors, golden, clients);
  });
  after(() => rmSync(folder, { recursive: true }));

  /**
   * The descriptor set of each text of library.proto. Since most of the time of buf is its start, it builds all texts at
   * once, each in a package of its own. The names of the packages have equal lengths, and are replaced in the bytes.
   */
  async function build(texts: readonly string[]): Promise<Map<string, Uint8Array>> {
    const directory = join(folder, "proto");
    cpSync(google, join(directory, "google"), { recursive: true });
    cpSync(join(protos, "options.proto"), join(directory, "options.proto"));
    const packages = new Map([...new Set(texts)].map((text, at) => [`library.${(360 + at).toString(36)}`, text]));
    for (const [name, text] of packages) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "library.proto"), text.replace("package library.v1;", `package ${name};`));
    }
    const { file: files } = fromBinary(FileDescriptorSetSchema, await buildDescriptorSet(directory));
    return new Map(
      [...packages].map(([name, text]) => {
        const file = files.filter((file) => file.package === name || !packages.has(file.package));
        const bytes = Buffer.from(toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file })));
        return [text, Buffer.from(bytes.toString("latin1").replaceAll(name, "library.v1"), "latin1")];
      }),
    );
  }

  function changed(from: string, to: string): Descriptors {
    expect(library).to.contain(from);
    return readDescriptors(sets.get(library.replaceAll(from, to))!);
  }

  /** A copy of the golden files, which a test may change. */
  function copy(): string {
    const copied = mkdtempSync(join(folder, "copy-"));
    cpSync(golden, copied, { recursive: true });
    return copied;
  }

  function found(descriptors: Descriptors, kind: "broken" | "unrecorded", where = golden): string[] {
    const findings = checkGolden(descriptors, where, clients);
    return findings.filter((finding) => finding.kind === kind).map(({ sentence }) => sentence);
  }

  for (const [what, from, to, ...sentences] of breaks) {
    it(`find ${what}`, () => {
      expect(found(changed(from, to), "broken")).to.deep.equal(sentences);
    });
  }

  for (const [what, from, to, ...subjects] of additions) {
    it(`report only what they do not contain: ${what}`, () => {
      const today = changed(from, to);
      expect(found(today, "broken")).to.deep.equal([]);
      expect(found(today, "unrecorded")).to.deep.equal(
        subjects.map((subject) => `${subject} is not in the golden files yet`),
      );
    });
  }

  it("report nothing when nothing has changed, and are then rewritten unchanged", () => {
    expect(checkGolden(descriptors, golden, clients)).to.deep.equal([]);
    expect(renewGolden(descriptors, golden, clients)).to.deep.equal({ findings: [], lines: [] });
  });

  it("report everything as missing when there are no files", () => {
    expect(found(descriptors, "broken", join(folder, "nowhere"))).to.deep.equal([]);
    expect(found(descriptors, "unrecorded", join(folder, "nowhere"))).to.have.length(3 + 3 + 4);
  });

  it("add the lines of a new field without changing any other line", () => {
    const where = copy();
    const before = goldenTexts(where);
    const { lines } = renewGolden(
      changed("string title = 1;", "string title = 1;\n  string author = 3;"),
      where,
      clients,
    );
    const file = "library.v1.Book.json";
    expect(
      [...goldenTexts(where)].filter(([name, text]) => before.get(name) !== text).map(([name]) => name),
    ).to.deep.equal([file]);
    const [old, renewed] = [before, goldenTexts(where)].map((texts) => JSON.parse(texts.get(file)!) as GoldenMessage);
    const { author, ...others } = renewed!.fields;
    expect(author!.number).to.equal(3);
    expect(others).to.deep.equal(old!.fields);
    expect(lines).to.include(`+ ${file}: "author": {`);
  });

  it("can be rewritten with a breaking change, and report it no more", () => {
    const where = copy();
    const today = changed("GetShelfRequest", "FindShelfRequest");
    const { findings, lines } = renewGolden(today, where, clients);
    expect(findings.filter(({ kind }) => kind === "broken")).to.have.length(3);
    expect(lines).to.include('- library.v1.GetShelfRequest.json: "message": "library.v1.GetShelfRequest",');
    expect([...goldenTexts(where).keys()])
      .to.include("library.v1.FindShelfRequest.json")
      .and.not.include("library.v1.GetShelfRequest.json");
    expect(checkGolden(today, where, clients)).to.deep.equal([]);
  });

  it("find encodings that are read differently, though the .proto file is the same", () => {
    const where = copy();
    const edit = (file: string, from: string, to: string): void => {
      const text = readFileSync(join(where, file), "utf8");
      expect(text).to.contain(from);
      writeFileSync(join(where, file), text.replace(from, to));
    };
    edit("library.v1.Problem.json", '"protobuf": "0a', '"protobuf": "12');
    edit("library.v1.GetShelfRequest.json", '"shelfId', '"shelfNumber');
    const whole = goldenTexts(where)
      .get("library.v1.Book.json")!
      .split('"whole"')[1]!
      .match(/"protobuf": "(\w+)"/)![1]!;
    edit("library.v1.Book.json", `"${whole}"`, `"${whole.slice(2)}"`);
    const differently = "is encoded differently";
    expect(found(descriptors, "broken", where)).to.deep.equal([
      `Book with all fields set ${differently}: requests of ${lift} with ${whole.slice(2)} are refused; ${jsons} are not affected`,
      `GetShelfRequest.shelf_id (field 1) ${differently}: ${robot} send and read \`shelfNumber\`, which is unknown now; ` +
        "released versions of the web and the lift are not affected",
      `Problem.detail (field 1) ${differently}: requests of ${lift} with "Problem 1 ж€😀 887" are refused; ${jsons} are not affected`,
    ]);
  });

  it("name a file that is not JSON", () => {
    const where = copy();
    writeFileSync(join(where, "routes.json"), "{");
    expect(() => checkGolden(descriptors, where, clients)).to.throw(/routes\.json is not JSON/);
  });
});
