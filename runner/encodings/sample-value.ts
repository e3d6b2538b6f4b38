// Values that a later value of the same field replaces.
import type { Entry, Part } from "./message-tree.js";
import type { Member } from "./layout.js";

/** A value of a member: 1, true, a word, an empty message. */
export function sample(member: Member): Entry {
  if (member.layout) return { member, value: [] };
  return { member, value: valueOf(member, 1, "other") };
}

/** A value of a member that differs from `entry`. */
export function another(entry: Entry): Entry {
  const { member } = entry;
  const first = sample(member);
  return same(first.value, entry.value) ? { member, value: valueOf(member, 2, "another") } : first;
}

/** The default of a member, encoded explicitly. */
export function zero(member: Member): Entry {
  return { member, value: valueOf(member, 0, "") };
}

function valueOf(member: Member, number: 0 | 1 | 2, text: string): bigint | Buffer {
  switch (member.wireType) {
    case 0:
      return member.kind === "bool" ? BigInt(number & 1) : BigInt(number);
    case 1:
      return Buffer.from([number, 0, 0, 0, 0, 0, 0, 0]);
    case 5:
      return Buffer.from([number, 0, 0, 0]);
    case 2:
      return Buffer.from(text);
  }
}

function same(one: bigint | Buffer | readonly Part[], other: bigint | Buffer | readonly Part[]): boolean {
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return one.equals(other);
  return one === other;
}
