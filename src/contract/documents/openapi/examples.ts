// Examples of messages, made from the contract alone: an `example` rule, else a text that a comment quotes, else the example of
// a field with the same name elsewhere, else a value of the type. They obey the rules, so that "Try it out" works.
import protobuf from "protobufjs";
import type { Problem } from "../../../gen/lyceum/v1/problem.js";
import { contentOf } from "../../codecs/any-content.js";
import { supportedTypes } from "../../http/negotiate.js";
import { openApiParts } from "../../model/options/method-options.js";
import { problemType } from "../../model/problem-type.js";
import {
  hasPresence,
  isAny,
  isDuration,
  isTimestamp,
  nestedMessageOf,
  scalarTypeOf,
} from "../../model/well-known-types.js";
import { exampleBytes, exampleDuration } from "./example-values.js";
import { prose, type Form, type Json, type Side } from "./json-forms.js";
import { isLong } from "./schemas.js";
import { keywordsOf, ruleOf } from "../../validation/rules.js";
import { fieldSchema } from "../../validation/json-schema.js";
import type { Contract } from "../../model/load.js";
import type { Method } from "../../model/method.js";
import type { ReasonMeaning } from "../../model/reasons.js";

export interface Examples {
  /** An example of a message, without the fields in `omitted`. */
  message(type: protobuf.Type, form: Form, side: Side, omitted?: readonly string[]): Json;
  /** An example value of a parameter; undefined where the contract has none. */
  parameter(field: protobuf.Field): unknown;
  /** An example of a Problem that a method answers with. */
  problem(meaning: ReasonMeaning, method: Method, form: Form): Json;
}

const emptyUrl = "type.googleapis.com/google.protobuf.Empty";
const moment = "2026-11-23T12:00:00.000Z";

/** When something ends, which is after its start. */
const laterMoment = "2026-11-23T13:30:00.000Z";

/** Examples for a contract. The same contract gives the same examples. */
export function openApiExamples(contract: Contract): Examples {
  const known = examplesByName(contract);

  function plain(type: protobuf.Type, side: Side, omitted: readonly string[], above: readonly protobuf.Type[]): Json {
    const example: Json = {};
    for (const field of type.fieldsArray) {
      if (
        omitted.includes(field.name) ||
        (side === "request" ? isOmittedInRequests(field) : isOmittedInAnswers(field, known))
      )
        continue;
      const value = valueOf(field, side, [...above, type]);
      if (value !== undefined) example[field.name] = value;
    }
    return example;
  }

  function valueOf(field: protobuf.Field, side: Side, above: readonly protobuf.Type[]): unknown {
    if (field.map) return {};
    const message = nestedMessageOf(field);
    if (message) {
      const value = above.includes(message) ? undefined : plain(message, side, [], above);
      return field.repeated ? [value].filter((item) => item !== undefined) : value;
    }
    if (isAny(field.resolvedType)) return field.repeated ? [anyOf(field, side, above)] : anyOf(field, side, above);
    const ruled = examplesInRules(field);
    if (field.repeated && ruled.length > 1) return ruled;
    const value = ruled[0] ?? quoted(field) ?? likeNamed(known, field) ?? ordinary(field);
    return field.repeated ? [value] : value;
  }

  /** The first message that the rules allow. */
  function anyOf(field: protobuf.Field, side: Side, above: readonly protobuf.Type[]): Json {
    const { value, items } = keywordsOf(field);
    const [url] = ((field.repeated ? items : value)["x-any-in"] ?? [emptyUrl]) as readonly string[];
    const { type, message } = contentOf(field.root, url!)!;
    const [single] = type.fieldsArray;
    if (!message) return { "@type": url, value: singleOf(type) ?? ordinary(single!) };
    return { "@type": url, ...(above.includes(type) ? {} : plain(type, side, [], above)) };
  }

  return {
    message: (type, form, side, omitted = []) => inForm(type, plain(type, side, omitted, []), form),
    parameter: (field) => exampleRule(field) ?? (isOmittedInRequests(field) ? undefined : likeNamed(known, field)),
    problem(meaning, method, form) {
      const { reason, code, status, title, comment } = meaning;
      const violations = reason === "INVALID_FIELDS" ? violation(method.request) : [];
      const [broken] = violations;
      const example = {
        type: problemType(reason),
        title,
        status,
        detail: broken ? `${broken.field} ${broken.message}` : prose(comment),
        instance: method.path.replace(/\{(\w+)\}/g, (_, name: string) => {
          return String(valueOf(method.request.fields[name]!, "request", []));
        }),
        code,
        reason,
        request_id: "0198c5f4-6b1e-7c3a-9d2f-3e8a5b7c1d90",
        violations,
        supported: status === 406 || status === 415 ? [...supportedTypes] : [],
        retry_after_seconds: status === 429 ? retryAfterSeconds(method, contract.root) : status === 503 ? 1 : 0,
      } satisfies Problem;
      return inForm(contract.problem, example, form);
    },
  };
}

/** How long a client has to wait when an option of the method limits it; at least a second. */
function retryAfterSeconds(method: Method, root: protobuf.Root): number {
  return Math.max(1, ...openApiParts(method, root).map((part) => part.retryAfterSeconds ?? 0));
}

/**
 * Examples of requests have an optional field, and a list that may be empty, only where the contract has an example of it, or lists its
 * values: what is in it may exclude another field, or name what is not there.
 */
function isOmittedInRequests(field: protobuf.Field): boolean {
  const { isRequired, value } = keywordsOf(field);
  const isOptional = field.repeated ? value["minItems"] === undefined : hasPresence(field);
  if (!isOptional || isRequired) return false;
  return exampleRule(field) === undefined && !(field.resolvedType instanceof protobuf.Enum);
}

/** Examples of answers lack an optional field whose comment has the word "absent", or whose exact name has no example. */
function isOmittedInAnswers(field: protobuf.Field, known: ReadonlyMap<string, unknown>): boolean {
  if (!hasPresence(field)) return false;
  return (
    /\babsent\b/i.test(field.comment ?? "") || (field.partOf !== null && !known.has(`${field.type} ${field.name}`))
  );
}

const exampleRule = (field: protobuf.Field): unknown => examplesInRules(field)[0];

/** The `example` rules of a field. Those of the items of a list are one example of the list. */
function examplesInRules(field: protobuf.Field): readonly unknown[] {
  const { value, items } = keywordsOf(field);
  const { examples = [] } = (field.repeated ? items : value) as { examples?: readonly unknown[] };
  return examples;
}

/** The first text that the comment of a field quotes, as in `Always "ok".` and `As in "2026-09-01".` */
function quoted(field: protobuf.Field): string | undefined {
  return scalarTypeOf(field) === "string" ? /"([^"]+)"/.exec(prose(field.comment))?.[1] : undefined;
}

/** The examples in the rules of all requests, by type and name; of several for one name, the first in the order of routes. */
function examplesByName(contract: Contract): ReadonlyMap<string, unknown> {
  const known = new Map<string, unknown>();
  const seen = new Set<protobuf.Type>();
  const visit = (type: protobuf.Type): void => {
    if (seen.has(type)) return;
    seen.add(type);
    for (const field of type.fieldsArray) {
      const key = `${field.type} ${field.name}`;
      const example = exampleRule(field);
      if (example !== undefined && !known.has(key)) known.set(key, example);
      if (field.resolvedType instanceof protobuf.Type) visit(field.resolvedType);
    }
  };
  for (const method of contract.methods) visit(method.request);
  return known;
}

/** The example of a field with the same name or, word by word, with the same end: for `last_seq`, that of `seq`. */
function likeNamed(known: ReadonlyMap<string, unknown>, field: protobuf.Field): unknown {
  const words = field.name.split("_");
  const names = words.map((_, from) => words.slice(from).join("_"));
  return names.map((name) => known.get(`${field.type} ${name}`)).find((example) => example !== undefined);
}

/** A value of a type that stands for one, in an Any; undefined for a wrapper. */
function singleOf(type: protobuf.Type): unknown {
  if (isTimestamp(type)) return moment;
  if (isDuration(type)) return exampleDuration({});
  return isAny(type) ? { "@type": emptyUrl } : undefined;
}

function ordinary(field: protobuf.Field): unknown {
  if (isTimestamp(field.resolvedType)) return /^(?:ends|expires)_at$/.test(field.name) ? laterMoment : moment;
  const { value, items } = keywordsOf(field);
  const rules = field.repeated ? items : value;
  const { enum: allowed, minimum, exclusiveMinimum } = rules;
  if (Array.isArray(allowed)) return allowed[0];
  if (isDuration(field.resolvedType)) return exampleDuration(rules);
  if (field.resolvedType instanceof protobuf.Enum) return Object.keys(field.resolvedType.values)[0];
  const scalar = scalarTypeOf(field);
  if (scalar === "bool") return true;
  if (scalar === "string") return /\bempty when\b/.test(prose(field.comment)) ? "" : field.name;
  if (scalar === "bytes") return exampleBytes(rules);
  return typeof minimum === "number" ? minimum : Number(exclusiveMinimum ?? 0) + 1;
}

/** A violation of the first rule of a request. */
function violation(type: protobuf.Type): { field: string; pointer: string; rule: string; message: string }[] {
  for (const field of type.fieldsArray) {
    const keyword = Object.keys(keywordsOf(field).value).find((name) => name !== "examples");
    if (keyword === undefined) continue;
    return [
      {
        field: field.name,
        pointer: `/${field.name}`,
        ...ruleOf(
          keyword,
          fieldSchema(field, () => ""),
        ),
      },
    ];
  }
  return [];
}

/** Converts a value of the json form: ProtoJSON renames fields, writes 64-bit integers as text and omits defaults. */
function inForm(type: protobuf.Type, value: Json, form: Form): Json {
  if (form === "json") return value;
  return Object.fromEntries(
    type.fieldsArray
      .filter((field) => field.name in value && (hasPresence(field) || !isDefault(field, value[field.name])))
      .map((field) => [field.jsonName, canonical(field, value[field.name])]),
  );
}

function canonical(field: protobuf.Field, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(field, item));
  if (isTimestamp(field.resolvedType)) return String(value).replace(".000Z", "Z");
  if (isLong(field)) return String(value);
  if (isAny(field.resolvedType)) return canonicalAny(field.root, value as Json);
  const message = nestedMessageOf(field);
  return message ? inForm(message, value as Json, "protojson") : value;
}

function canonicalAny(root: protobuf.Root, { "@type": url, ...fields }: Json): Json {
  const { type, message } = contentOf(root, String(url))!;
  if (message) return { "@type": url, ...inForm(type, fields, "protojson") };
  if (isTimestamp(type)) return { "@type": url, value: moment.replace(".000Z", "Z") };
  const [value] = type.fieldsArray;
  return { "@type": url, value: isLong(value!) ? String(fields["value"]) : fields["value"] };
}

function isDefault(field: protobuf.Field, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (field.resolvedType instanceof protobuf.Enum) return field.resolvedType.values[value as string] === 0;
  return value === "" || value === 0 || value === false;
}
