import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { OperatorError } from "../../src/platform/operator-error.js";
import { randomToken } from "../../src/platform/secrets/random-token.js";
import { keptSecret } from "../../src/platform/secrets/secret-key.js";
import { temporaryFolder } from "../support/database.js";

describe("the key of a development server", () => {
  it("is created once, of 32 random bytes, readable by its owner alone", async () => {
    const folder = join(await temporaryFolder(), "data", "below");
    const key = keptSecret(folder);
    expect(Buffer.from(key, "base64url")).to.have.length(32);
    expect(keptSecret(folder)).to.equal(key);
    expect(await readdir(folder)).to.deep.equal(["secret-key"]);
    expect((await stat(join(folder, "secret-key"))).mode & 0o777).to.equal(0o600);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
  });

  it("may be a key that an operator has written", async () => {
    const folder = await temporaryFolder();
    const own = randomToken();
    await writeFile(join(folder, "secret-key"), `${own}\n`);
    expect(keptSecret(folder)).to.equal(own);
  });

  it("is never empty or short: such a file is an error, and is not replaced", async () => {
    const folder = await temporaryFolder();
    for (const rest of ["", "half a key"]) {
      await writeFile(join(folder, "secret-key"), rest);
      expect(() => keptSecret(folder)).to.throw(
        OperatorError,
        /secret-key contains no key: remove it, and a new one is created/,
      );
      expect(await readFile(join(folder, "secret-key"), "utf8")).to.equal(rest);
    }
  });

  it("fails with a sentence when its folder cannot be used", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "");
    await mkdir(join(folder, "odd", "secret-key"), { recursive: true });
    expect(() => keptSecret(join(folder, "file"))).to.throw(OperatorError, /is not a folder: .* set DATA_DIR/);
    expect(() => keptSecret(join(folder, "odd"))).to.throw(
      OperatorError,
      /odd contains a folder in the place of a file: move it away/,
    );
  });
});
