// The commands that print documents of the contract, without a server or a database.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { protoDirectory, version } from "../../src/config.js";
import { exportFiles } from "../../src/contract/export/export-files.js";
import { loadContract } from "../../src/contract/model/load.js";
import { temporaryFolder } from "../support/database.js";
import { lyceum, projectRoot } from "../support/program.js";

describe("the contract on the command line", function () {
  this.timeout(30_000);

  it("lists the routes as in proto/ROUTES.txt", async () => {
    const { code, stdout, stderr } = await lyceum(["routes"]);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(stdout).to.equal(await readFile(join(projectRoot, "proto/ROUTES.txt"), "utf8"));
  });

  it("prints an OpenAPI document with the configured title, and nothing else", async () => {
    const { code, stdout, stderr } = await lyceum(["openapi"], { env: { APP_NAME: "Лицей № 1" } });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    const document = JSON.parse(stdout) as { openapi: string; info: { title: string }; paths: object };
    expect(document.openapi).to.match(/^3\.1\./);
    expect(document.info.title).to.equal("Лицей № 1");
    expect(document.paths).to.have.property("/v1/chats");
  });

  it("writes the contract for clients into a folder, and leaves there what is not of an earlier one", async () => {
    const folder = await temporaryFolder();
    const [stale, other] = ["lyceum/v1/gone.proto", "school/v1/own.proto"];
    for (const path of [stale, other, "lyceum/v1/notes.md"]) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), "");
    }
    const { code, stdout, stderr } = await lyceum(["client-contract", "--out", folder]);
    const wanted = exportFiles(loadContract(protoDirectory), { title: "Lyceum", version });
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 0,
      stdout: `${wanted.size} files in ${folder}\n`,
      stderr: "",
    });
    for (const [path, text] of wanted) expect(await readFile(join(folder, path), "utf8"), path).to.equal(text);
    const left = (await readdir(folder, { recursive: true })).filter((path) => path.includes("."));
    expect(left.sort()).to.deep.equal([...wanted.keys(), other, "lyceum/v1/notes.md"].sort());
  });

  it("prints the document of JSON alone, or of all serializations", async () => {
    const texts = [];
    for (const words of [[], ["--serialization", "json"], ["--serialization", "all"]])
      texts.push((await lyceum(["openapi", ...words])).stdout);
    expect(texts[1]).to.equal(texts[0]);
    expect(texts.map((text) => text.includes('"application/protobuf":'))).to.deep.equal([false, false, true]);
    const { code, stderr } = await lyceum(["openapi", "--serialization", "xml"]);
    expect(code).to.not.equal(0);
    expect(stderr).to.include("json, all");
  });
});
