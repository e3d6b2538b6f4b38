// Reading a document as a walkthrough.
import { expect } from "chai";
import { importAlso, insert, missingLine, readWalkthrough } from "./walkthrough.js";

const document = [
  "# Title",
  "1. **The SQL**, `src/a.ts`. Add `B` to the import from `./b.js`, and at the end of",
  "   the file:",
  "",
  "   ```ts",
  "   const b: B = 1;",
  "   ```",
  "",
  "   At the end of `return {`:",
  "",
  "   ```ts",
  "   b,",
  "   ```",
  "",
  "   ```sh",
  "   make b",
  "   ```",
  "",
  "   ```text",
  "   b is made",
  "   ```",
].join("\n");

describe("a walkthrough", () => {
  it("is the steps of its page, in order", () => {
    expect(readWalkthrough(document)).to.deep.equal([
      { file: "src/a.ts", name: "B", from: "./b.js" },
      { file: "src/a.ts", code: "const b: B = 1;\n", endOf: undefined },
      { file: "src/a.ts", code: "b,\n", endOf: "return {" },
      { commands: "make b\n", prints: "b is made\n" },
    ]);
  });

  it("is refused when a block of code has no place, or commands have no output", () => {
    const placeless = document.replace("At the end of `return {`:", "Somewhere:");
    expect(() => readWalkthrough(placeless)).to.throw("nothing says where this belongs:\nb,");
    const silent = document.replace("```text", "```ts");
    expect(() => readWalkthrough(silent)).to.throw("nothing says what this prints:\nmake b");
  });

  it("puts code at the end of a block, with its indentation, and at the end of the file", () => {
    const text = "function a() {\n  return {\n    a,\n  };\n}\n";
    const within = insert(text, { file: "", code: "b() {\n  c;\n},\n", endOf: "return {" });
    expect(within).to.equal("function a() {\n  return {\n    a,\n\n    b() {\n      c;\n    },\n  };\n}\n");
    expect(insert(text, { file: "", code: "b();\n", endOf: undefined })).to.equal(`${text}\nb();\n`);
    expect(() => insert(`${text}${text}`, { file: "", code: "b", endOf: "return {" })).to.throw(
      '2 lines are "return {"',
    );
  });

  it("adds a name to an import", () => {
    const text = 'import { a } from "./a.js";\nimport type { C, D } from "./b.js";\n';
    const wanted = { file: "", name: "E", from: "./b.js" };
    expect(importAlso(text, wanted)).to.equal(text.replace("{ C, D }", "{ C, D, E }"));
    expect(() => importAlso("", wanted)).to.throw("there are 0 imports from ./b.js");
  });

  it("misses the first line that is shown and not printed", () => {
    const printed = "\u001B[32m✔\u001B[0m one (12ms)\n\ntwo: 17 of 20\nthree\n";
    for (const shown of ["✔ one\ntwo: 17 of 20", "✔ one (4 s)\n...\nthree", "...\nthree\n...", "✔ one\ntwo: ... of 20"])
      expect(missingLine(printed, shown), shown).to.equal(undefined);
    expect(missingLine(printed, "✔ one\nthree")).to.equal("three");
    expect(missingLine(printed, "two: 17 of 20")).to.equal("two: 17 of 20");
    expect(missingLine(printed, "✔ one\n...\n✔ one")).to.equal("✔ one");
    expect(missingLine(printed, "✔ one\ntwo: 17 of 2")).to.equal("two: 17 of 2");
  });
});
