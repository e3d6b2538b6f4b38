// Known departures of @bufbuild/protobuf from the specification.
import { expect } from "chai";

/** The names of encodings, and the reason of the departure. */
type Known = readonly (readonly [name: RegExp, reason: string])[];

/** Allows the known departures, and fails for any other, and for one that does not occur any more. */
export class Departures {
  private readonly seen = new Set<RegExp>();
  constructor(private readonly known: Known) {}

  allow(name: string, holds: () => void): void {
    try {
      holds();
    } catch (error) {
      const [known] = this.known.find(([pattern]) => pattern.test(name)) ?? [];
      if (!known) throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      this.seen.add(known);
    }
  }

  expectAll(): void {
    expect(this.known.filter(([pattern]) => !this.seen.has(pattern))).to.deep.equal([]);
  }
}

const strayWireType = "a known field is read as if it had its own wire type, whatever the tag says";
/** Equivalent encodings that it reads differently. */
export const readDifferently: Readonly<Record<"json" | "protobuf", Known>> = {
  protobuf: [
    [/ again, with another wire type$/, strayWireType],
    [/^every known number once more, as a group$/, strayWireType],
  ],
  json: [
    [/^whole numbers with (an exponent|a fraction of zero), in quotes$/, "64 bits in quotes are digits alone"],
    [/^null for every absent field$/, "a message of a oneof must not be null where another member is set"],
    [/^-0 for every number that is 0$/, "32 bits keep the minus of a zero"],
  ],
};
/** Refused encodings that it accepts. */
export const accepted: typeof readDifferently = {
  protobuf: [
    [/^an unknown varint of eleven bytes$/, "the length of a skipped varint is not checked"],
    [/\.key of /, "the server reads the keys of a map as strings"],
  ],
  json: [
    [/ is (0x1|1) in quotes/, "strings are numbers in JavaScript syntax"],
    [/ twice(, (once with an escape|(first|then) as null))?$/, "it reads what JSON.parse returns, the last of them"],
    [/ is a timestamp on the 30th of February(, inside)?$/, "it is read as the 2nd of March"],
  ],
};
