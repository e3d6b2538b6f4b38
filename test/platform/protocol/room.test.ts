// The walls of the room of Postgres's protocol: an update or a replacement of pg concerns no other file of src/.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const room = join("src", "platform", "database", "protocol");

/** The modules that each file of src/ imports. */
const imports = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => {
    const file = join("src", name);
    const text = readFileSync(join(root, file), "utf8");
    return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target]) => ({
      file,
      target: target!.startsWith(".") ? normalize(join(dirname(file), target!)) : target!,
    }));
  });

const isInside = (path: string): boolean => path.startsWith(room);

describe("the room of Postgres's protocol", () => {
  it("is the only one that imports pg", () => {
    const files = new Set(imports.filter(({ target }) => target === "pg").map(({ file }) => file));
    expect([...files].filter((file) => !isInside(file))).to.deep.equal([]);
    expect(files.size).to.be.above(0);
  });

  it("is imported by others for its interface and for opening a connection, and for nothing else", () => {
    const known = new Set(
      imports.filter(({ file, target }) => isInside(target) && !isInside(file)).map(({ target }) => target),
    );
    expect([...known].sort()).to.deep.equal(
      ["connection.js", "library-pool.js", "open-connection.js"].map((file) => join(room, file)),
    );
  });

  it("imports no other file of the project", () => {
    const known = imports.filter(({ file, target }) => isInside(file) && target.startsWith("src") && !isInside(target));
    expect(known).to.deep.equal([]);
  });
});
