// Texts that a server only keeps: each character of them comes back, from the method and from what it created.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Plain } from "../../client/encoding.js";
import type { Descriptors } from "../../client/descriptors.js";
import { rulesOf, type Rules } from "../../client/rules.js";
import { show, valueAt } from "../../match.js";
import { letters, nearlyBlanks, phrases, signs } from "../../values/texts/unusual-texts.js";
import { textFaults } from "../../values/text-rules.js";
import { derived, rotatedCodecs, type Derive } from "../derivation.js";
import { readBack } from "./read-back.js";

export const textChecks: Derive = (derivation, rpc) => {
  const { volatile } = derivation.suite.enrolment;
  const places = keptTexts(derivation.descriptors, rpc.request, rpc.response).filter(
    ({ field }) => !volatile.includes(field.name),
  );
  if (!rpc.hasBody || places.length === 0) return [];
  return rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "texts", "texts come back as they were sent", codec, async (findings, fresh) => {
      const usual = await fresh();
      const first = await usual.send();
      for (const { field, list, rules } of places) {
        const place = list ? `${list}[0].${field.name}` : field.name;
        // A token that is exchanged for another has the name of the other.
        const sent = valueAt(usual.request, place);
        if (
          typeof sent === "string"
            ? valueAt(first.body, place) !== (rules.isTrimmed ? sent.trim() : sent)
            : list !== undefined
        )
          continue;
        for (const text of textsFor(rules)) {
          const what = `${place} ${show(text)}`;
          await findings.during(what, async () => {
            const prepared = await fresh();
            const answer = await prepared.send({}, withText(prepared.request, list, field.name, text));
            findings.succeeded(what, prepared, answer);
            if (answer.status !== rpc.success) return;
            const got = valueAt(answer.body, place);
            findings.add(what, got === text ? [] : [`got ${show(got)}`], answer.curl);
            const stored = await readBack(derivation.descriptors, prepared, answer, codec);
            const kept = stored && valueAt(stored.body, place);
            findings.add(`${what}, read back`, !stored || kept === text ? [] : [`got ${show(kept)}`], stored?.curl);
          });
        }
      }
    }),
  );
};

/** A text of a request, or of each message in a list of it, that is also in the answer. */
interface KeptText {
  readonly field: DescField;
  /** The list whose messages have it; undefined when the request itself does. */
  readonly list: string | undefined;
  readonly rules: Rules;
}

/** The texts that request and answer share, and that have no rule but their length. */
export function keptTexts(descriptors: Descriptors, request: DescMessage, response: DescMessage): KeptText[] {
  return request.fields.flatMap((field): KeptText[] => {
    const twin = response.fields.find(({ name }) => name === field.name);
    if (!twin) return [];
    if (field.fieldKind === "list" && field.listKind === "message" && twin.fieldKind === "list" && twin.message)
      return keptTexts(descriptors, field.message, twin.message)
        .filter(({ list }) => list === undefined)
        .map((kept) => ({ field: kept.field, list: field.name, rules: kept.rules }));
    const rules = rulesOf(descriptors, field);
    const isFree = Object.keys(rules.of).every((rule) => ["min_len", "max_len", "example"].includes(rule));
    const isText = field.fieldKind === "scalar" && rules.kind === "string" && twin.fieldKind === "scalar";
    return isText && isFree ? [{ field, list: undefined, rules }] : [];
  });
}

function withText(request: Plain, list: string | undefined, name: string, text: string): Plain {
  if (list === undefined) return { ...request, [name]: text };
  const [first, ...others] = request[list] as Plain[];
  return { ...request, [list]: [{ ...first, [name]: text }, ...others] };
}

/** Unusual texts in as few requests as possible: together, as far as the length allows. */
function textsFor(rules: Rules): string[] {
  const { of, isTrimmed } = rules;
  const most = Number(of["max_len"] ?? 1000);
  const isAllowed = (text: string): boolean => textFaults(rules, text).length === 0;
  const isKept = (text: string): boolean => !text.includes("\0") && [...text].length <= 100 && isAllowed(`x${text}x`);
  const each = [...letters, ...nearlyBlanks, ...signs, ...phrases.filter(isKept), ...normalForms].filter(isKept);
  const texts: string[] = [];
  let together = "";
  for (const one of each) {
    // A letter between any two keeps them from being trimmed, or combined.
    if ([...together, ...one].length + 2 > most) texts.push(together);
    together = [...together, ...one].length + 2 > most ? `x${one}x` : `${together}x${one}x`;
  }
  texts.push(together);
  const blank = isTrimmed ? "x \t\u00a0\n\r\n x" : " \tx\u00a0\n\r\n ";
  return [
    ...texts,
    ...[blank, "x \u00a0 x"].filter(isAllowed),
    "𝒳".repeat(most),
    "e\u0301".repeat(Math.floor(most / 2)),
  ];
}

/** Texts that differ from others only in their normal form, in case or in width. */
const normalForms = [
  "é",
  "e\u0301",
  "\u212b",
  "\u00c5",
  "A\u030a",
  "ﬁ",
  "Ⅳ",
  "ｆｕｌｌ",
  "가",
  "\u1100\u1161",
  "q\u0307\u0323",
  "ß",
  "ẞ",
  "İ",
  "Ǆ",
];
