// The kinds that endpoints can name are those that the sources record, and those of the contract.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { kindsOfUpdates } from "../../src/webhooks/kinds.js";
import { loadContract } from "../../src/contract/model/load.js";
import { projectRoot, protoDirectory } from "../../src/config.js";

const known: ReadonlySet<string> = new Set(kindsOfUpdates);

/** The sources, without what is generated and the list itself. */
function* sources(folder = join(projectRoot, "src")): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "gen") yield* sources(path);
    } else if (entry.name !== "kinds.ts") yield readFileSync(path, "utf8");
  }
}

/** Texts of the form of a kind that are something else: acts of the audit, rules, columns and counts. */
const isElse = (text: string, line: string): boolean =>
  /\baction\b|record\(|rule|name: |invalid|wrong/i.test(line) ||
  /^(?:points|user_medals|users|posts|polls|update_topics)\./.test(text);

describe("the kinds of updates", () => {
  const things = new Set(kindsOfUpdates.map((kind) => kind.split(".")[0]!));
  const all = [...sources()];

  it("that stand in the sources are known to webhooks", () => {
    const unknown = new Set<string>();
    for (const source of all)
      for (const line of source.split("\n")) {
        for (const [, kind = ""] of line.matchAll(/\bkind: ["'`]+([a-z_]+\.[a-z_]+)["'`]/g))
          if (!known.has(kind)) unknown.add(kind);
        for (const [, text = "", thing = ""] of line.matchAll(/["']((\w+)\.[a-z_]+(?:ed|sent|read|votes))["']/g))
          if (things.has(thing) && !known.has(text) && !isElse(text, line)) unknown.add(text);
      }
    expect([...unknown]).to.deep.equal([]);
  });

  it("that webhooks know are recorded by somebody", () => {
    const text = all.join("\n");
    // Put together of their thing and a part of it.
    const parts = /`'?(message|achievement)\.\$\{|`'\$\{kind\}\.(reported)/g;
    const made = new Set(Array.from(text.matchAll(parts), ([, thing, act]) => thing ?? act));
    const isMade = (kind: string): boolean => {
      const [thing, act] = kind.split(".") as [string, string];
      return (made.has(thing) && new RegExp(`["'|]${act}["']|"${act}"`).test(text)) || made.has(act);
    };
    const unused = kindsOfUpdates.filter(
      (kind) => !new RegExp(`["'\`]${kind.replace(".", "\\.")}["'\`]`).test(text) && !isMade(kind),
    );
    expect(unused).to.deep.equal([]);
  });

  it("are those of the contract, each by itself, with all of its thing, and all together", () => {
    const { root } = loadContract(protoDirectory);
    const wanted = ["*", ...[...things].map((thing) => `${thing}.*`), ...kindsOfUpdates];
    for (const name of ["CreateWebhookRequest", "UpdateWebhookRequest"]) {
      const text = JSON.stringify(root.lookupType(`lyceum.v1.${name}`).fields["kinds"]!.parsedOptions);
      const written = [...text.matchAll(/"((?:\*|[a-z_]+\.(?:\*|[a-z_]+)))"/g)].map(([, kind]) => kind!);
      expect(new Set(written)).to.deep.equal(new Set(wanted));
    }
  });
});
