// The official runner for machines whose C and C++ libraries are older than those it was linked with: the same program, which
// asks for functions by their names of before.

/** Versions that the runner imports from, and those that every library since 2.34 (C) and 3.4.29 (C++) has instead. */
const olderVersions = new Map([
  ["GLIBC_2.38", "GLIBC_2.2.5"],
  ["GLIBCXX_3.4.32", "GLIBCXX_3.4"],
]);

/** strtol and its like as a compiler for C23 calls them: they also read the prefix 0b, where the base is 0. */
const prefixOfC23 = "__isoc23_";

/** Nothing calls it. A program that imports it starts only with a library that prepares std::cout; the runner uses printf. */
const marker = "_ZSt21ios_base_library_initv";

/**
 * A copy of a program, an ELF file for 64-bit machines, that also starts with older libraries. Throws an Error that names the
 * symbol when it imports another from the newer versions, and one when it is no such file.
 */
export function forOlderLibraries(program: Buffer): Buffer {
  const file = Buffer.from(program);
  const sections = sectionsOf(file);
  const [symbols, symbolVersions, needs] = [sections.of(11), sections.of(0x6fffffff), sections.of(0x6ffffffe)];
  const names = sections.at(needs.link).offset;
  const nameAt = (offset: number): string => file.toString("latin1", names + offset, file.indexOf(0, names + offset));

  const replaced = new Set<number>();
  for (const versions of versionsOfLibraries(file, needs)) {
    const named = new Map(versions.map((at) => [nameAt(file.readUInt32LE(at + 8)), at]));
    for (const [newer, older] of olderVersions) {
      const [from, to] = [named.get(newer), named.get(older)];
      if (from === undefined || to === undefined) continue;
      replaced.add(file.readUInt16LE(from + 6));
      file.copy(file, from, to, to + 4); // the hash
      file.copy(file, from + 8, to + 8, to + 12); // the name
    }
  }
  for (let index = 0; index * 24 < symbols.size; index++) {
    if (!replaced.has(file.readUInt16LE(symbolVersions.offset + 2 * index))) continue;
    const at = symbols.offset + 24 * index;
    const name = nameAt(file.readUInt32LE(at));
    if (name.startsWith(prefixOfC23)) file.writeUInt32LE(file.readUInt32LE(at) + prefixOfC23.length, at);
    else if (name !== marker) throw new Error(`${name} has no equivalent in older libraries`);
  }
  return file;
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** The index of the section with its names. */
  readonly link: number;
  /** The number of its entries. */
  readonly info: number;
}

function sectionsOf(file: Buffer): { at(index: number): Section; of(type: number): Section } {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file.readUInt16LE(4) !== 0x0102)
    throw new Error("This is no 64-bit ELF file");
  const [start, size, count] = [Number(file.readBigUInt64LE(0x28)), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)];
  const at = (index: number): Section => {
    const from = start + index * size;
    return {
      type: file.readUInt32LE(from + 4),
      offset: Number(file.readBigUInt64LE(from + 24)),
      size: Number(file.readBigUInt64LE(from + 32)),
      link: file.readUInt32LE(from + 40),
      info: file.readUInt32LE(from + 44),
    };
  };
  const all = Array.from({ length: count }, (_, index) => at(index));
  const of = (type: number): Section => {
    const found = all.find((section) => section.type === type);
    if (!found) throw new Error(`There is no section of type ${type}`);
    return found;
  };
  return { at, of };
}

/** The offsets of the versions that are imported from each library. */
function versionsOfLibraries(file: Buffer, needs: Section): number[][] {
  const libraries: number[][] = [];
  let library = needs.offset;
  for (let count = 0; count < needs.info; count++) {
    const versions: number[] = [];
    let at = library + file.readUInt32LE(library + 8);
    for (let left = file.readUInt16LE(library + 2); left > 0; left--) {
      versions.push(at);
      at += file.readUInt32LE(at + 12);
    }
    libraries.push(versions);
    library += file.readUInt32LE(library + 12);
  }
  return libraries;
}
