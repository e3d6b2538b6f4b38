// The edges of the rules of texts. Lengths are tried with characters of one byte, of two bytes, and of four bytes in UTF-8
// and two units in UTF-16; texts that are trimmed are also tried with white space around them.
import { counted, forms, type Named } from "./forms.js";
import { lengthOf } from "./violations.js";
import type { Candidates, EdgeContext } from "./edge-candidates.js";
import { ofLength, textForms } from "./valid.js";

/** White space to trim(), though not to every definition. */
const [before, behind] = [" \t\u00a0\ufeff", "\u2003\u2028\u3000\r\n"] as const;

/** The edges of one rule; none of an unknown rule. */
export function textGroups(context: EdgeContext, rule: string, bound: unknown): Candidates {
  const { rules, unique } = context;
  const like = typeof context.like === "string" ? context.like : "";
  switch (rule) {
    case "min_len":
      return {
        inside: [...textsOf(context, like, Number(bound)), ...blanks(context, Number(bound))],
        outside: textsOf(context, like, Number(bound) - 1),
      };
    case "max_len":
      return { inside: textsOf(context, like, Number(bound)), outside: textsOf(context, like, Number(bound) + 1) };
    case "max_bytes":
      return { inside: textsOfBytes(Number(bound)), outside: textsOfBytes(Number(bound) + 1) };
    case "pattern":
      return { inside: [[{ name: "a text that matches", value: like }]], outside: misfits(like) };
    case "in":
      return groupsOfList(bound as readonly string[]);
    case "no_nul":
      return nulGroups(like);
    default: {
      const form = forms[rule];
      if (!form) return { inside: [], outside: [] };
      const good = form.good(unique).map((named) => [named]);
      const padded = rules.isTrimmed ? [between(form.good(`${unique}t`)[0]!)] : [];
      return { inside: [...good, ...padded], outside: form.bad.map((named) => [named]) };
    }
  }
}

/** Texts of a length in code points. */
function textsOf({ rules, unique }: EdgeContext, like: string, length: number): Iterable<Named>[] {
  if (length < 0) return [];
  const named = (value: string, what: string): Named<string> => ({
    name: `${counted(length, "character")} ${what}`,
    value,
  });
  const hasPattern = rules.of["pattern"] !== undefined;
  // Of a text that is much too long the pattern is not checked, so only the shortest has the same violations everywhere.
  const plain = (
    [
      ["a", "of one byte"],
      ["я", "of two bytes"],
      ["🦊", "of four bytes"],
    ] as const
  )
    .slice(0, hasPattern ? 1 : 3)
    .map(([char, what]) => [named(char.repeat(length), what)]);
  const formed = textForms(rules).map((form) =>
    [form.ofLength(length, unique) ?? []].flat().map((value) => named(value, "of the form")),
  );
  const matching = hasPattern ? [likeOnes(like, length)] : [];
  if (!rules.isTrimmed) return [...plain, ...formed, ...matching];
  const inner = [
    "a".repeat(length),
    ...textForms(rules).flatMap((form) => form.ofLength(length, `${unique}t`) ?? []),
    ...matching.flatMap((group) => [...group].map(({ value }) => value as string)),
  ];
  return [...plain, ...formed, ...matching, inner.flatMap((value) => between(named(value, "")))];
}

function* likeOnes(like: string, length: number): Generator<Named> {
  for (const value of ofLength(like, length)) yield { name: counted(length, "character"), value };
}

function between({ name, value }: Named): Named[] {
  return [{ name: `${name.trim()} with white space around it`, value: `${before}${String(value)}${behind}` }];
}

/** White space counts where texts are not trimmed. */
function blanks({ rules }: EdgeContext, length: number): Iterable<Named>[] {
  return rules.isTrimmed ? [] : [[{ name: counted(length, "space"), value: " ".repeat(length) }]];
}

/** Texts of a length in bytes of UTF-8. */
function textsOfBytes(size: number): Iterable<Named>[] {
  return ["a", "я", "你", "🦊"].map((char) => {
    const width = Buffer.byteLength(char);
    const value = char.repeat(Math.floor(size / width)) + "a".repeat(size % width);
    return [{ name: `${counted(size, "byte")}, ${width} in a character`, value }];
  });
}

/** Texts that are similar to a matching one. */
function misfits(like: string): Iterable<Named>[] {
  const chars = [...like];
  const other = (name: string, value: string): Named[] => [{ name, value }];
  return [
    chars.flatMap((_, at) =>
      ["!", "é", " ", "0", "a"].map((char) => ({
        name: "a character is another",
        value: chars.with(at, char).join(""),
      })),
    ),
    other("a character is missing", chars.slice(0, -1).join("")),
    other("a character too many", `${like}!`),
    other("a line ends behind it", `${like}\n`),
    other(
      "the digits of another script",
      like.replace(/[0-9]/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
    ),
    other("nothing", ""),
  ];
}

function groupsOfList(listed: readonly string[]): Candidates {
  const other = (name: string, change: (text: string) => string): Named[] =>
    listed.map((text) => ({ name, value: change(text) }));
  return {
    inside: listed.map((value) => [{ name: JSON.stringify(value), value }]),
    outside: [
      other("one that is not listed", (text) => `${text}x`),
      other("in upper case", (text) => text.toUpperCase()),
      other("with white space around it", (text) => ` ${text} `),
      other("two in one", (text) => `${text},${text}`),
      [{ name: "nothing", value: "" }],
    ],
  };
}

function nulGroups(like: string): Candidates {
  const chars = [...like];
  const middle = Math.floor(chars.length / 2);
  const put = (char: string): string => [...chars.slice(0, middle), char, ...chars.slice(middle)].join("");
  const replace = (char: string): string => (lengthOf(like) === 0 ? char : chars.with(middle, char).join(""));
  return {
    inside: [
      [put("\u0001"), replace("\u0001")].map((value) => ({ name: "the character U+0001 inside", value })),
      [put("\\u0000")].map((value) => ({ name: "the six characters \\u0000 inside", value })),
    ],
    outside: [
      [put("\0"), replace("\0")].map((value) => ({ name: "NUL inside", value })),
      [{ name: "NUL at the end", value: `${like}\0` }],
    ],
  };
}
