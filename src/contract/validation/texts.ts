// The rules of (lyceum.v1.text): which characters a text that people see may have. Beside the rules stand the patterns with which
// OpenAPI says the same; they use no part of a regular expression that another language would read otherwise.
import protobuf from "protobufjs";
import { optionValues } from "../model/declared-options.js";

type Schema = Readonly<Record<string, unknown>>;

/** What trim() removes. */
const space = String.raw`\t\n\u000b\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;
const controls = String.raw`\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f`;
const lineBreaks = String.raw`\n\r\u2028\u2029`;
/** Characters that nothing is seen of: fillers, joiners, selectors, marks of direction. */
const unseen =
  String.raw`\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164` +
  `\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}`;
const pictures =
  String.raw`\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299` + "\u{1f000}-\u{1faff}";
const ideographs = String.raw`\u2e80-\u9fff\uf900-\ufaff` + "\u{20000}-\u{3ffff}";
/** Those that a joiner changes: letters of Arabic, Indic, Burmese, Khmer and Mongolian scripts, and pictures. */
const joined = String.raw`\u0620-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u180a\u1820-\u18af${pictures}\ufe0f`;
const joiners = String.raw`\u200c\u200d`;
const selected = String.raw`#*0-9${pictures}${ideographs}`;

const isSeen = new RegExp(`[^\\u0000${space}${controls}${unseen}]`, "u");
const seenInLine =
  `(?<=[${joined}])[${joiners}]|(?<=[${selected}])[\\ufe00-\\ufe0f]|(?<=[${ideographs}])[\u{e0100}-\u{e01ef}]` +
  `|(?<=[\\u1820-\\u18af])[\\u180b-\\u180d\\u180f]`;

interface TextRule {
  readonly rule: string;
  /** The first fault in a text; undefined when it has none. */
  readonly fault: RegExp;
  readonly sentence: string;
}

/** By keyword. The rule that something is seen has no place in a text, and stands apart. */
const rules: Readonly<Record<string, TextRule>> = {
  "x-text-control": {
    rule: "text.control",
    fault: new RegExp(`[${controls}]`, "u"),
    sentence: "must not contain the control character",
  },
  "x-text-line-control": {
    rule: "text.control",
    fault: new RegExp(`[\\t${controls}]`, "u"),
    sentence: "must not contain the control character",
  },
  "x-text-line-break": {
    rule: "text.line_break",
    fault: new RegExp(`[${lineBreaks}]`, "u"),
    sentence: "must be one line, without the line break",
  },
  "x-text-invisible": {
    rule: "text.invisible",
    fault: new RegExp(`(?!${seenInLine})[${unseen}]`, "u"),
    sentence: "must not contain the invisible character",
  },
};

const visible = "x-text-visible";
const lines = [visible, "x-text-control"];
const line = [visible, "x-text-line-control", "x-text-line-break", "x-text-invisible"];

/** By the name of the option's value; TEXT_ANY has no rules. */
const keywordsByText: Readonly<Record<string, readonly string[]>> = {
  TEXT_LINES: lines,
  TEXT_LINE: line,
  TEXT_ANY: [],
};

/** The keywords of all rules of texts. */
export const textKeywords: readonly string[] = [visible, ...Object.keys(rules)];

/** The kind of text that a field has; undefined without the option. Throws an Error on a field that is no string. */
export function textOf(field: protobuf.Field): string | undefined {
  const text = optionValues(field, "lyceum.v1.text").at(-1) as string | undefined;
  if (text === undefined) return undefined;
  const where = field.fullName.slice(1);
  if (field.type !== "string" || field.map) throw new Error(`${where}: only a string can be a text`);
  if (!(text in keywordsByText)) throw new Error(`${where}: ${text} is no kind of text`);
  return text;
}

/** The keywords of a text's rules. */
export function textRules(field: protobuf.Field): Schema {
  return Object.fromEntries((keywordsByText[textOf(field) ?? ""] ?? []).map((keyword) => [keyword, true]));
}

/** Whether a text keeps the rule of a keyword. An empty text keeps all: min_len is another rule. */
export function keepsTextRule(keyword: string, text: string): boolean {
  return keyword === visible ? text === "" || isSeen.test(text) : !rules[keyword]!.fault.test(text);
}

/** The name of a keyword's rule, and the sentence on a text that breaks it: it names the first such character, and its place. */
export function brokenTextRule(keyword: string, text: string): { rule: string; message: string } {
  const broken = rules[keyword];
  if (!broken) return { rule: "text.visible", message: "must have something that can be seen" };
  const { 0: character = "", index } = broken.fault.exec(text)!;
  return { rule: broken.rule, message: `${broken.sentence} ${named(character)}, as character ${placeOf(text, index)}` };
}

const controlNames =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );

function named(character: string): string {
  const code = character.codePointAt(0)!;
  const name = code === 0x7f ? "DEL" : controlNames[code];
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}${name === undefined ? "" : ` (${name})`}`;
}

/** Characters are counted as lengths are: by code points, from 1. */
function placeOf(text: string, index: number): number {
  return Array.from(text.slice(0, index)).length + 1;
}

// One character of a line, with what may follow it; or without white space.
const ofLine = (beside: string): string =>
  `(?:[${selected}](?:\\ufe0f[${joiners}]?|[\\ufe00-\\ufe0e])|[${joined}][${joiners}]|[${ideographs}][\u{e0100}-\u{e01ef}]` +
  `|[\\u1820-\\u18af][\\u180b-\\u180d\\u180f]|[^\\u0000\\t${controls}${lineBreaks}${unseen}${beside}])`;

/** A schema without the keywords of texts. */
export function withoutTextRules(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !textKeywords.includes(keyword)));
}

/**
 * The pattern that says what a schema's keywords of texts say, for other programs; undefined without them. White space that is
 * trimmed is allowed at both ends.
 */
export function textPatternOf(schema: Schema, isTrimmed: boolean): string | undefined {
  if (!(visible in schema)) return undefined;
  const around = isTrimmed ? `[${space}]*` : "";
  const seen =
    "x-text-line-break" in schema
      ? `${isTrimmed ? "" : "[ \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]*"}${ofLine(space)}${ofLine("")}*`
      : `[\\t\\n\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000${unseen}]*` +
        `[^\\u0000${space}${controls}${unseen}][^\\u0000${controls}]*`;
  const isOptional = !(Number(schema["minLength"] ?? 0) > 0);
  return `^${around}${isOptional ? `(?:${seen})?` : seen}${around}$`;
}
