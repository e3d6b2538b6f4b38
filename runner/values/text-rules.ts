// The rules of (….text): which characters a text for people may have, and texts on both sides of each rule.
import type { Rules } from "../client/rules.js";
import type { Named } from "./forms.js";
import type { Candidates } from "./edge-candidates.js";

const white = /[\s\u0000]/u;
const control = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;
const lineBreak = /[\n\r\u2028\u2029]/u;
const unseen = new RegExp(
  "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f" +
    "\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]",
  "u",
);
const picture = /[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\u{1f000}-\u{1faff}]/u;
const ideograph = /[\u2e80-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
const joinedLetter = /[\u0620-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u180a\u1820-\u18af]|\ufe0f/u;

/** Whether a character that is not seen changes the one before it. */
function changes(before: string, char: string): boolean {
  if (/[\u200c\u200d]/u.test(char)) return joinedLetter.test(before) || picture.test(before);
  if (/[\ufe00-\ufe0f]/u.test(char)) return /[#*0-9]/.test(before) || picture.test(before) || ideograph.test(before);
  if (/[\u180b-\u180d\u180f]/u.test(char)) return /[\u1820-\u18af]/u.test(before);
  return /[\u{e0100}-\u{e01ef}]/u.test(char) && ideograph.test(before);
}

function hasSeen(text: string): boolean {
  for (const char of text) if (!white.test(char) && !control.test(char) && !unseen.test(char)) return true;
  return false;
}

/** By rule: whether a text keeps it. An empty text keeps all. */
const checks: Readonly<Record<string, (text: string, isLine: boolean) => boolean>> = {
  "text.visible": (text) => text === "" || hasSeen(text),
  "text.control": (text, isLine) => !control.test(text) && !(isLine && text.includes("\t")),
  "text.line_break": (text, isLine) => !isLine || !lineBreak.test(text),
  "text.invisible": (text, isLine) => {
    if (!isLine || !unseen.test(text)) return true;
    const chars = [...text];
    return !chars.some((char, at) => unseen.test(char) && !changes(chars[at - 1] ?? "", char));
  },
};

/** The rules of texts that a value has. */
export function textRulesOf({ text }: Rules): string[] {
  if (text === "LINES") return ["text.visible", "text.control"];
  return text === "LINE" ? Object.keys(checks) : [];
}

/** The rules of texts that a text, already trimmed, breaks. */
export function textFaults(rules: Rules, text: string): string[] {
  return textRulesOf(rules).filter((rule) => !checks[rule]!(text, rules.text === "LINE"));
}

/** Texts on both sides of a rule of texts, similar to a valid one. */
export function textRuleGroups(rule: string, like: string): Candidates {
  const chars = [...like];
  const middle = Math.ceil(chars.length / 2);
  const put = (part: string): string => [...chars.slice(0, middle), part, ...chars.slice(middle)].join("");
  const replace = (part: string): string =>
    [...chars.slice(0, Math.max(0, middle - 1)), part, ...chars.slice(middle)].join("");
  const within = (...parts: string[]): Named[][] =>
    parts.map((part) =>
      [put(part), replace(part), `a${part}a`].map((value) => ({ name: `${nameOf(part)} inside`, value })),
    );
  const alone = (...parts: string[]): Named[][] => parts.map((value) => [{ name: `${nameOf(value)} alone`, value }]);
  switch (rule) {
    case "text.visible":
      return {
        inside: alone("🦊", "e\u0301", "ﷺ", "👩\u200d👩\u200d👧", "می\u200cخواهم"),
        outside: alone("\u200b", "\u2800", "\u3164", "\u200d\u200d", "\u00ad", "\u{e0041}", "\u2060\ufe0f"),
      };
    case "text.control":
      return {
        inside: within("\\u0007", "\u00a0"),
        outside: within("\u0001", "\u0007", "\u001b", "\u007f", "\u0085", "\u009f", "\v"),
      };
    case "text.line_break":
      return { inside: within(" ", "\\n"), outside: within("\n", "\r", "\r\n", "\u2028", "\u2029") };
    default:
      return {
        inside: within("👩\u200d👩\u200d👧", "❤\ufe0f", "1\ufe0f\u20e3", "می\u200cخواهم", "葛\u{e0100}"),
        outside: within(
          "\u200b",
          "\u202e",
          "\u2066",
          "\u200e",
          "\u00ad",
          "\u2800",
          "\u3164",
          "\ufeff",
          "a\u200d",
          "a\ufe0f",
          "\u{e0041}",
        ),
      };
  }
}

function nameOf(text: string): string {
  return [...text].map((char) => `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`).join(" ");
}
