// The generated files are committed, and fresh.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the generated files", () => {
  it("are what the .proto files of today make (make generate)", function () {
    this.timeout(60_000);
    execFileSync("npx", ["tsx", "scripts/generate.ts", "--check"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  });
});
