// The commands that print documents of the contract, without a server or a database.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
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
});
