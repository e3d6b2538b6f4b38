// A law: a function that finds in a source tree what breaks it, with made-up trees that break it and that keep it.
import { expect } from "chai";
import { readSourceTree, type SourceTree } from "./source-tree.js";

/** What breaks the law in a tree: a sentence for each place. */
export type Law = (tree: SourceTree) => readonly string[];

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>;

/** Made-up trees, each under a sentence that says what it shows. */
export interface Examples {
  /** Trees that break the law, with all that it finds there, in any order; at least one. */
  readonly broken: Readonly<Record<string, { readonly files: Files; readonly finds: readonly string[] }>>;
  /** Trees that keep it, though they look like breaking it. */
  readonly kept?: Readonly<Record<string, Files>>;
}

/** This repository. */
export const here: SourceTree = readSourceTree();

/** Declares the tests of a law: that this repository keeps it, and that it sees each tree that breaks it. */
export function declareLaw(sentence: string, law: Law, { broken, kept = {} }: Examples): void {
  if (Object.keys(broken).length === 0) throw new Error(`${sentence}: no example shows the law broken`);
  describe(sentence, () => {
    it("holds here", () => {
      expect(law(here)).to.deep.equal([]);
    });
    for (const [title, { files, finds }] of Object.entries(broken))
      it(`is broken by ${title}`, () => {
        expect(finds, "what the law finds").not.to.be.empty;
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
