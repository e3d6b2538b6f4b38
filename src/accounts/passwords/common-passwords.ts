// Passwords that are guessed first: those that many people have, and those that are made of what is known of a person.
import { ApiError } from "../../errors.js";
import { fewestCharacters } from "./password-spelling.js";

/** What is known of the person who chooses a password, and of the place where. */
export interface KnownWords {
  readonly email: string;
  readonly names: readonly string[];
  readonly appName: string;
}

/** A part that is shorter is in many words by chance. */
const shortestPart = 3;
/** What is left beside what is known is little: a few letters and digits, or a year or a date. */
const isLittle = /^(?:.{0,3}|\p{Nd}{0,8})$/u;
/** The keys of the Russian layout, and the same keys of the Latin one. */
const [russianKeys, latinKeys] = ["йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,."];

let loading: Promise<ReadonlySet<string>> | undefined;

/** The list of the package, of those that are long enough to be chosen at all: 18,000 of 49,000. Loaded once, at the first password. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  return (loading ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) =>
      new Set(dictionary["passwords-common"].filter(({ length }) => length >= fewestCharacters).map(folded)),
  ));
}

/** Without case, and without what two ways of writing the same letter differ in. */
function folded(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").trim();
}

/** What the keys of a text are on a Latin keyboard: a common password is one on the other layout too. */
function onLatinKeys(text: string): string {
  return text.replaceAll(/[а-яё]/g, (letter) => latinKeys[russianKeys.indexOf(letter)] ?? letter);
}

/** The parts of what is known, the longest first. */
function partsOf({ email, names, appName }: KnownWords): string[] {
  const texts = [email, ...email.split("@"), ...names, appName].map(folded);
  const words = texts.flatMap((text) => text.split(/[^\p{L}\p{M}\p{N}]+/u));
  return [...new Set([...texts, ...words])]
    .filter((part) => [...part].length >= shortestPart)
    .sort((one, other) => other.length - one.length);
}

/** Whether a password is among those that are guessed first, whatever its case and spelling. */
export async function isCommonPassword(password: string, known: KnownWords): Promise<boolean> {
  const text = folded(password);
  const common = await commonPasswords();
  if (common.has(text) || common.has(onLatinKeys(text))) return true;
  const rest = partsOf(known).reduce((left, part) => left.replaceAll(part, ""), text);
  return rest !== text && isLittle.test(rest.replaceAll(/[^\p{L}\p{N}]/gu, ""));
}

/** Throws INVALID_FIELDS, with the rule `password.common` on the field of the request, when a new password is guessed first. */
export async function requireUncommonPassword(field: string, password: string, known: KnownWords): Promise<void> {
  if (!(await isCommonPassword(password, known))) return;
  const message =
    "is easy to guess: many people have it, or it is made of your address, your names or the name of this server";
  throw new ApiError("INVALID_FIELDS", `${field} ${message}`, {
    violations: [{ field, pointer: `/${field}`, rule: "password.common", message }],
  });
}
