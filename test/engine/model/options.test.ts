// Every method option that the .proto files declare has a file in src/contract/model/options/.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../../../src/contract/model/load.js";
import type { MethodOption } from "../../../src/contract/model/options/method-option.js";

const root = new URL("../../../", import.meta.url);
const folder = new URL("src/contract/model/options/", root);
const contract = loadContract(fileURLToPath(new URL("proto", root)));

/** The names of the extensions of google.protobuf.MethodOptions in package lyceum.v1. */
function declaredOptions(): string[] {
  const files = [...contract.files].filter(([path]) => path.startsWith("lyceum/v1/"));
  const blocks = files.flatMap(([, text]) =>
    Array.from(text.matchAll(/extend google\.protobuf\.MethodOptions \{([^}]*)\}/g)),
  );
  return blocks.flatMap(([, body]) => Array.from(body!.matchAll(/(\w+) = \d+;/g), (match) => match[1]!)).sort();
}

async function optionsOf(file: string): Promise<MethodOption<unknown>[]> {
  const exported: unknown[] = Object.values((await import(new URL(file, folder).href)) as object);
  return exported.filter((value): value is MethodOption<unknown> => typeof value === "object" && "read" in value!);
}

describe("the method options", () => {
  const files = readdirSync(folder).filter((name) => !/^method-options?\.ts$/.test(name));

  it("that the .proto files declare are in these files once, and each file has one, or two that go together", async () => {
    const read = await Promise.all(files.map(optionsOf));
    for (const [at, options] of read.entries()) expect(options.length, files[at]).to.be.within(1, 2);
    expect(
      read
        .flat()
        .map(({ name }) => name)
        .sort(),
    ).to.deep.equal(declaredOptions());
    expect(declaredOptions()).to.include("if_match");
  });

  it("are in the list of all options", () => {
    const list = readFileSync(new URL("method-options.ts", folder), "utf8");
    for (const file of files) expect(list).to.include(`from "./${file.replace(/ts$/, "js")}"`);
  });
});
