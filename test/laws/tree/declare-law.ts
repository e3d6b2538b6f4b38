// A law: a function that finds violations in a source tree, with made-up trees that break it and that keep it.
import { expect } from "chai";
import { readSourceTree, type SourceTree } from "./source-tree.js";

/** The violations of the law in a tree, one sentence for each. */
export type Law = (tree: SourceTree) => readonly string[];

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>;

/** Made-up trees, by what they show. */
export interface Examples {
  /** Trees that break the law, with all violations in them, in any order; at least one tree. */
  readonly broken: Readonly<Record<string, { readonly files: Files; readonly finds: readonly string[] }>>;
  /** Trees that keep the law, and look as if they broke it. */
  readonly kept?: Readonly<Record<string, Files>>;
}

/** This repository. */
export const here: SourceTree = readSourceTree();

/** Declares the tests of a law: this repository keeps it, and the law finds each violation in the made-up trees. */
export function declareLaw(sentence: string, law: Law, { broken, kept = {} }: Examples): void {
  if (Object.keys(broken).length === 0) throw new Error(`${sentence}: no example shows the law broken`);
  describe(sentence, () => {
    it("holds here", () => {
      expect(law(here)).to.deep.equal([]);
    });
    for (const [title, { files, finds }] of Object.entries(broken))
      it(`is broken by ${title}`, () => {
        expect(finds, "violations").not.to.be.empty;
        expect([...law(treeOf(files))].sort()).to.deep.equal([...finds].sort());
      });
    for (const [title, files] of Object.entries(kept))
      it(`is kept by ${title}`, () => {
        expect(law(treeOf(files))).to.deep.equal([]);
      });
  });
}

function treeOf(files: Files): SourceTree {
  return new Map(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}
