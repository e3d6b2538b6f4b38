// The well-known formats of texts, e-mail address, URI and UUID: valid and invalid examples, and valid ones of a given length.
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** A value with a description for people. */
export interface Named<Value = unknown> {
  readonly name: string;
  readonly value: Value;
}

/** A format of texts. `unique` becomes a part of the generated texts, so that they differ from those of other calls. */
export interface Form {
  is(text: string): boolean;
  /** Valid examples, the simplest first. */
  good(unique: string): readonly Named<string>[];
  /** A valid text of a length in characters; undefined when there is none. */
  ofLength(length: number, unique: string): string | undefined;
  /** Texts that are just invalid. */
  readonly bad: readonly Named<string>[];
}

/** "1 item", "2 items". */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const host = new RegExp(`^${label}(?:\\.${label})*$`);
const mailboxes = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+$/u;
const unseen = /[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

function isEmail(text: string): boolean {
  const [local = "", domain = "", ...more] = text.split("@");
  if (more.length > 0 || unseen.test(local) || !mailboxes.test(local)) return false;
  if (/^[\0-\x7f]*$/.test(domain)) return host.test(domain);
  return (
    !/[\0-,/:-@[-`{-\x7f]|[\p{Z}\p{C}]|(?:^|[.。．｡])-|-(?:$|[.。．｡])/u.test(domain) &&
    host.test(domainToASCII(domain))
  );
}

// The parts of RFC 3986.
const escaped = "%[0-9a-fA-F]{2}";
const name = `(?:[\\w.~!$&'()*+,;=-]|${escaped})*`;
const path = `(?:[\\w.~!$&'()*+,;=:@/-]|${escaped})*`;
const tail = `(?:[\\w.~!$&'()*+,;=:@/?-]|${escaped})*`;
const authority = `(?:(?:[\\w.~!$&'()*+,;=:-]|${escaped})*@)?(?:\\[([0-9a-fA-F:]+)\\]|${name})(?::[0-9]*)?`;
const uri = new RegExp(
  `^[a-zA-Z][a-zA-Z0-9+.-]*:(?://${authority}(?:/${path})?|(?!//)${path})(?:\\?${tail})?(?:#${tail})?$`,
);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By the rule of the same name. */
export const forms: Readonly<Record<string, Form>> = {
  // As in the HTML standard, in any script.
  email: {
    is: isEmail,
    good: (unique) => [
      { name: "an address", value: `${mailbox(unique, 64)}@b.example` },
      { name: "an address with a label of 63 letters", value: `${mailbox(unique, 64)}@${"b".repeat(63)}.example` },
      { name: "an address in Cyrillic", value: `ы${mailbox(unique, 60)}@школа.example` },
      { name: "an address with signs", value: `${mailbox(unique, 40)}.!#$%&'*+/=?^_\`{|}~-@b.example` },
    ],
    ofLength: emailOfLength,
    bad: [
      { name: "no @", value: "a.b.example" },
      { name: "nothing before the @", value: "@b.example" },
      { name: "nothing after the @", value: "a@" },
      { name: "two @", value: "a@b@b.example" },
      { name: "a blank inside", value: "a a@b.example" },
      { name: "a character that is not seen", value: "a\u200b@b.example" },
      { name: "a hyphen that ends a label in Cyrillic", value: "a@школа-.example" },
      { name: "a hyphen that ends a label", value: "a@b-.example" },
      { name: "a label of 64 letters", value: `a@${"b".repeat(64)}.example` },
    ],
  },
  uri: {
    is: (text) => {
      const match = uri.exec(text);
      return match !== null && (match[1] === undefined || isIPv6(match[1]));
    },
    good: () => [
      { name: "a URI", value: "https://b.example/" },
      { name: "a URI with all its parts", value: "https://a@b.example:8080/c/d%20e?f=g#h" },
      { name: "a URI of a name", value: "urn:a:b" },
    ],
    ofLength: (length) => (length < 2 ? undefined : (length < 18 ? "a:" : "https://b.example/").padEnd(length, "a")),
    bad: [
      { name: "no scheme", value: "b.example/a" },
      { name: "a scheme that begins with a digit", value: "1a:b" },
      { name: "a blank inside", value: "https://b.example/a b" },
      { name: "a letter that is not ASCII", value: "https://b.example/я" },
      { name: "a percent sign alone", value: "https://b.example/%" },
    ],
  },
  uuid: {
    is: (text) => uuid.test(text),
    good: (unique) => [
      { name: "a UUID", value: uuidOf(unique) },
      { name: "a UUID in upper case", value: uuidOf(`${unique}u`).toUpperCase() },
    ],
    ofLength: (length, unique) => (length === 36 ? uuidOf(unique) : undefined),
    bad: [
      { name: "no hyphens", value: "0123456789abcdef0123456789abcdef" },
      { name: "a digit less", value: "01234567-89ab-cdef-0123-456789abcde" },
      { name: "a letter that is no digit", value: "01234567-89ab-cdef-0123-456789abcdeg" },
      { name: "braces around", value: "{01234567-89ab-cdef-0123-456789abcdef}" },
    ],
  },
};

/** The part before the @: the end of `unique`, where unique texts differ. */
function mailbox(unique: string, most: number): string {
  return unique.replace(/[^a-zA-Z0-9-]/g, "").slice(-most) || "a";
}

function emailOfLength(length: number, unique: string): string | undefined {
  if (length < 3) return undefined;
  // A reserved domain where there is room for it; the part before the @ has at most 64 characters, as mail servers demand.
  const top = length >= 11 ? ".example" : "";
  const local = Math.min(64, length - 2 - top.length);
  const before = mailbox(unique, local).padEnd(local, "a");
  return `${before}@${labels(length - 1 - local - top.length)}${top}`;
}

/** Labels with the dots between them, of a total length. */
function labels(length: number): string {
  if (length <= 63) return "b".repeat(length);
  // A label cannot be empty: with 63 characters the rest of 64 would be.
  const first = length === 64 ? 62 : 63;
  return `${"b".repeat(first)}.${labels(length - first - 1)}`;
}

function uuidOf(unique: string): string {
  const digits = createHash("sha256").update(unique).digest("hex");
  return [8, 4, 4, 4, 12].map((size, at) => digits.slice(at * 12, at * 12 + size)).join("-");
}
