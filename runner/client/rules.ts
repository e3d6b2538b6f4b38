// The buf.validate rules of a field, as plain data.
import { toJson, type DescField, type Message } from "@bufbuild/protobuf";
import type { Descriptors } from "./descriptors.js";
import type { Plain } from "./encoding.js";

/** The rules of one value. A rule that is not set is absent; bounds are numbers. */
export interface Rules {
  /** The member of FieldRules that has them: "string", "int64", "enum", "timestamp" ...; the prefix of each rule's name. */
  readonly kind: string;
  /** By rule: `{ min_len: 1, max_len: 200 }`. */
  readonly of: Readonly<Record<string, unknown>>;
  /** The rules of each item of a list, or of each value of a map. */
  readonly items: Rules;
  /** The rules of each key of a map. */
  readonly keys: Rules;
  /** The value must be set. */
  readonly isRequired: boolean;
  /** White space at both ends is removed before validation. */
  readonly isTrimmed: boolean;
  /** What a text is, by the short name of `(….text)`: "LINES", "LINE"; empty without the option. */
  readonly text: string;
}

const none: Omit<Rules, "items" | "keys"> = { kind: "", of: {}, isRequired: false, isTrimmed: false, text: "" };
/** No rules. */
export const noRules: Rules = {
  ...none,
  get items() {
    return noRules;
  },
  get keys() {
    return noRules;
  },
};

const known = new WeakMap<DescField, Rules>();

/** The rules of a field: `(buf.validate.field)`, and `(….trim)`; the same object at every call. */
export function rulesOf(descriptors: Descriptors, field: DescField): Rules {
  const rules = known.get(field) ?? readRules(descriptors, field);
  known.set(field, rules);
  return rules;
}

function readRules({ registry, options }: Descriptors, field: DescField): Rules {
  const written = options.field(field, "field") as Message | undefined;
  const type = registry.getMessage("buf.validate.FieldRules");
  const json = written && type && (toJson(type, written, { registry, useProtoFieldName: true }) as Plain);
  const isTrimmed = options.field(field, "trim") === true;
  const every = { isTrimmed, text: options.nameOf("text", options.field(field, "text")).replace(/^TEXT_/, "") };
  // The items of a list without rules are texts too.
  return json ? read(json, every) : { ...read(undefined, every), items: read(undefined, every) };
}

function read(json: Plain | undefined, every: Pick<Rules, "isTrimmed" | "text">): Rules {
  if (!json)
    return every.isTrimmed || every.text !== "" ? { ...none, items: noRules, keys: noRules, ...every } : noRules;
  const { required, ...kinds } = json;
  const [kind, rules] = (Object.entries(kinds)[0] ?? ["", {}]) as [string, Plain];
  const { items, values, keys, ...of } = rules;
  return {
    kind,
    of: Object.fromEntries(Object.entries(of).map(([name, value]) => [name, number(kind, name, value)])),
    items: read((items ?? values) as Plain | undefined, every),
    keys: read(keys as Plain | undefined, { isTrimmed: false, text: "" }),
    isRequired: required === true,
    ...every,
  };
}

/** JSON has 64-bit bounds as strings; all of them are safe integers in a contract that can be served. */
function number(kind: string, name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => number(kind, name, item));
  const isBound = kind !== "string" || /_(len|bytes|items|pairs)$/.test(name);
  return isBound && typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
}
