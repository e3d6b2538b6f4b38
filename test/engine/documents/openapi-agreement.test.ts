// The schemas of the OpenAPI document and the engine agree: on bodies and parameters, in both JSON forms, and on what the engine
// answers. They are compared on the messages of rules.proto and kinds.proto, with values at the edges of every rule and type.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "chai";
import fc from "fast-check";
import protobuf from "protobufjs";
import { binder } from "../../../src/contract/bind.js";
import { codecs, defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { parseBase64 } from "../../../src/contract/codecs/base64.js";
import { compareDurations, parseDuration } from "../../../src/contract/codecs/duration.js";
import { timestampOf } from "../../../src/contract/codecs/scalars.js";
import { openApi } from "../../../src/contract/documents/openapi.js";
import type { Form } from "../../../src/contract/documents/openapi/json-forms.js";
import { loadContract } from "../../../src/contract/model/load.js";
import type { Method } from "../../../src/contract/model/method.js";
import {
  isDuration,
  isTimestamp,
  nestedMessageOf,
  scalarTypeOf,
} from "../../../src/contract/model/well-known-types.js";
import { isEmail } from "../../../src/contract/validation/email.js";
import { isUri, isUuid } from "../../../src/contract/validation/formats.js";
import { keywordsOf } from "../../../src/contract/validation/rules.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { ApiError } from "../../../src/errors.js";

const directory = fileURLToPath(new URL("../../../proto", import.meta.url));
const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const messages = ["Texts", "Numbers", "Colors", "Many", "Moments", "Bytes", "Spans", "Wrapped", "Musts", "Seen"];
const types = ["lyceum.test.kinds.v1.Kinds", ...messages.map((name) => `lyceum.test.v1.${name}`), "agreed.v1.Trimmed"];
const inQuery = ["lyceum.test.v1.Texts", "lyceum.test.v1.Numbers", "lyceum.test.v1.Colors", "Trimmed"];
const agreed = `syntax = "proto3"; package agreed.v1; import "google/api/annotations.proto"; import "lyceum/v1/options.proto";
  import "buf/validate/validate.proto"; import "rules.proto"; import "kinds.proto";
  message Trimmed {
    string any = 1 [(lyceum.v1.trim) = true];
    string short = 2 [(lyceum.v1.trim) = true, (buf.validate.field).string.max_len = 1];
    string two = 3 [(lyceum.v1.trim) = true, (buf.validate.field).string = {min_len: 2 max_len: 4}];
    optional string some = 4 [(lyceum.v1.trim) = true, (buf.validate.field).string = {min_len: 1 max_len: 3}];
    optional string word = 5 [(lyceum.v1.trim) = true, (buf.validate.field).string = {pattern: "^[ab ]+$" max_len: 4}];
    optional string part = 6 [(lyceum.v1.trim) = true, (buf.validate.field).string = {pattern: "a b" max_len: 5}];
    repeated string many = 7 [(lyceum.v1.trim) = true,
      (buf.validate.field).repeated = {max_items: 2 items: {string: {min_len: 1 max_len: 2}}}];
    string full = 8 [(lyceum.v1.trim) = true, (buf.validate.field).required = true, (buf.validate.field).string.max_len = 9];
  }
  service AgreedService {
    ${types
      .map(
        (name, index) => `rpc Take${index}(${name}) returns (${name}) {
          option (google.api.http) = {post: "/agreed/${index}" body: "*"}; option (lyceum.v1.access) = ACCESS_PUBLIC; }`,
      )
      .join("\n")}
    ${inQuery
      .map(
        (name, index) => `rpc Find${index}(${name}) returns (${name}) {
          option (google.api.http) = {get: "/agreed/${index}"}; option (lyceum.v1.access) = ACCESS_PUBLIC; }`,
      )
      .join("\n")}
  }`;
const contract = loadContract(
  directory,
  new Map([
    ["rules.proto", textOf("../validation/rules.proto")],
    ["kinds.proto", textOf("../codecs/kinds.proto")],
    ["agreed.proto", agreed],
  ]),
);

interface Media {
  readonly schema: object;
}
interface Operation {
  readonly parameters: readonly { name?: string; required?: boolean; schema: object }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, Media> };
  readonly responses: Record<string, { readonly content?: Record<string, Media> }>;
}
const document = openApi(contract, { title: "Agreed", version: "1" }, "all") as {
  readonly paths: Record<string, Record<string, Operation>>;
};
const operationOf = ({ path, verb }: Method): Operation => document.paths[path]![verb.toLowerCase()]!;
const mediaTypes = { json: "application/json", protojson: "application/protobuf+json" } as const;
const forms = ["json", "protojson"] as const satisfies readonly Form[];

/** Validates as the document says, with the meaning of its own keywords and formats. */
const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
const sizeOf = (text: string, isBase64: boolean): number =>
  isBase64 ? (parseBase64(text)?.length ?? Infinity) : Buffer.byteLength(text);
const isBytes = (parent: unknown): boolean => (parent as { format?: string }).format === "byte";
type Holds = (bound: never, text: string, parent?: object) => boolean;
const keywords: Readonly<Record<string, Holds>> = {
  "x-max-bytes": (most: number, text, parent) => sizeOf(text, isBytes(parent)) <= most,
  "x-min-bytes": (least: number, text, parent) => sizeOf(text, isBytes(parent)) >= least,
  "x-after-now": (_: boolean, text) => Date.parse(text) > Date.now(),
  "x-before-now": (_: boolean, text) => Date.parse(text) < Date.now(),
  "x-duration-gt": (bound: string, text) => compared(text, bound) > 0,
  "x-duration-gte": (bound: string, text) => compared(text, bound) >= 0,
  "x-duration-lt": (bound: string, text) => compared(text, bound) < 0,
  "x-duration-lte": (bound: string, text) => compared(text, bound) <= 0,
};
const compared = (one: string, other: string): number => {
  const duration = parseDuration(one);
  return duration ? compareDurations(duration, parseDuration(other)!) : NaN;
};
for (const [keyword, holds] of Object.entries(keywords))
  ajv.addKeyword({ keyword, type: "string", validate: holds as (bound: unknown, text: string) => boolean });
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "idn-email": isEmail,
  uri: isUri,
  uuid: isUuid,
  "date-time": (text) => timestampOf(text) !== undefined,
  "google-duration": (text) => parseDuration(text) !== undefined,
  byte: (text) => parseBase64(text) !== undefined,
};
for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, validate);
ajv.addSchema(document, "document");
const compile = (schema: object): ValidateFunction =>
  ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')) as object);

/** One value in both forms, as text: numbers beyond those of JavaScript are values too. */
type InForms = Readonly<Record<Form, string>>;
const same = (value: unknown): InForms => ({ json: JSON.stringify(value), protojson: JSON.stringify(value) });
const long = (value: bigint): InForms => ({ json: String(value), protojson: `"${value}"` });
const joined = (parts: readonly InForms[], [open, close]: readonly [string, string]): InForms => ({
  json: open + parts.map(({ json }) => json).join(",") + close,
  protojson: open + parts.map(({ protojson }) => protojson).join(",") + close,
});
const pair = (names: Readonly<Record<Form, string>>, value: InForms): InForms => ({
  json: `${JSON.stringify(names.json)}:${value.json}`,
  protojson: `${JSON.stringify(names.protojson)}:${value.protojson}`,
});

/** The edges of every integer type, and of the rules of a field. */
function integersFor(rules: Record<string, unknown>): fc.Arbitrary<bigint> {
  const ofTypes = [0n, 7n, 31n, 32n, 53n, 63n, 64n].flatMap((bits) => [2n ** bits, -(2n ** bits)]);
  const ofRules = Object.values(rules)
    .flat()
    .filter((bound) => typeof bound === "number")
    .map(BigInt);
  const edges = [0n, ...ofTypes, ...ofRules].flatMap((edge) => [edge - 1n, edge, edge + 1n]);
  return fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }));
}

const someText = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "c", "x", "é", "🦊"), maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("a", "b", "🦊", " ", "\n", "\t", "\ufeff", "\u3000", "\u0085"), maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("a", "b", "\0", "\u001c"), maxLength: 3 }),
  fc.constantFrom(
    "masha@example.org",
    "https://example.org/a?b#c",
    "5f0c7c9e-6b1e-4c3a-9d2f-3e8a5b7c1d90",
    "1",
    "true",
  ),
);
const durations = `0s 1s -1s -1.500s 9.999999999s 10s 60s 0.000000001s 0.000000005s 0.000000006s -0.000000003s -0.000000001s
  2.000000001s 315576000000s 315576000001s 1.s 01s 1 seconds`;
const someDuration = fc.constantFrom(...durations.split(/\s+/));
const times = `2020-02-29T12:00:00Z 2222-02-28T12:00:00.001Z 0001-01-01T00:00:00Z 0000-12-31T23:59:59Z 2021-02-29T12:00:00Z
  2020-02-28 now 9999-12-31T23:59:59.999Z`;
const someTime = fc.constantFrom(...times.split(/\s+/));

function valueOf(field: protobuf.Field, depth: number): fc.Arbitrary<InForms> {
  const { value, items, keys } = keywordsOf(field);
  const single = singleOf(field, field.repeated || field.map ? items : value, depth);
  if (field.repeated) return fc.array(single, { maxLength: 4 }).map((list) => joined(list, ["[", "]"]));
  if (!(field instanceof protobuf.MapField)) return single;
  const key = field.keyType === "string" ? someText : integersFor(keys).map(String);
  return fc
    .uniqueArray(fc.tuple(field.keyType === "bool" ? fc.constantFrom("true", "false", "1") : key, single), {
      maxLength: 3,
      selector: ([name]) => name,
    })
    .map((entries) =>
      joined(
        entries.map(([name, each]) => pair({ json: name, protojson: name }, each)),
        ["{", "}"],
      ),
    );
}

function singleOf(field: protobuf.Field, rules: Record<string, unknown>, depth: number): fc.Arbitrary<InForms> {
  const nested = nestedMessageOf(field.resolve());
  const wrong = fc.constantFrom<unknown>(true, 1.5, {}, [], "wrong", null).map(same);
  const listed = [rules["enum"] ?? []].flat().filter((each) => typeof each === "string");
  const often = nested ? messageOf(nested, depth - 1) : ordinary(field, rules);
  const known = listed.length > 0 ? [{ arbitrary: fc.constantFrom(...listed).map(same), weight: 4 }] : [];
  return fc.oneof({ arbitrary: often, weight: 20 }, { arbitrary: wrong, weight: 1 }, ...known);
}

function ordinary(field: protobuf.Field, rules: Record<string, unknown>): fc.Arbitrary<InForms> {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum)
    return fc.constantFrom(...Object.keys(resolvedType.values), "COLOR_OTHER").map(same);
  if (isTimestamp(resolvedType)) return someTime.map(same);
  if (isDuration(resolvedType)) return someDuration.map(same);
  const scalar = scalarTypeOf(field)!;
  if (scalar === "string") return someText.map(same);
  if (scalar === "bool") return fc.boolean().map(same);
  if (scalar === "bytes")
    return fc.uint8Array({ maxLength: 5 }).map((bytes) => same(Buffer.from(bytes).toString("base64")));
  if (scalar === "double" || scalar === "float")
    return fc.constantFrom<unknown>(0, -1, 0.5, 1e30, "NaN", "Infinity", "-Infinity", "infinity").map(same);
  return integersFor(rules).map(
    scalar.endsWith("64") ? long : (value) => ({ json: `${value}`, protojson: `${value}` }),
  );
}

type Members = ReadonlyMap<protobuf.Field, InForms>;

/** Fields that the engine takes, of which up to three are given other values, or none, or a key that is not known. */
function messageOf(type: protobuf.Type, depth: number): fc.Arbitrary<InForms> {
  const fields = type.fieldsArray.filter((field) => depth > 0 || !nestedMessageOf(field.resolve()));
  if (fields.length === 0) return fc.constant(same({}));
  const changes = fc
    .uniqueArray(fc.constantFrom(...fields), { maxLength: 3 })
    .chain((chosen) =>
      fc.tuple(...chosen.map((field) => fc.option(valueOf(field, depth)).map((value) => [field, value] as const))),
    );
  const unknown = fc.oneof({ arbitrary: fc.constant([]), weight: 15 }, fc.constant([same(1)]));
  return fc.tuple(changes, unknown).map(([changed, others]) => {
    const members = new Map(taken(type));
    for (const [field, value] of changed) {
      if (value) members.set(field, value);
      else members.delete(field);
    }
    return written(members, others);
  });
}

function written(members: Members, unknown: readonly InForms[] = []): InForms {
  const known = [...members].map(([{ name, jsonName }, value]) => pair({ json: name, protojson: jsonName! }, value));
  return joined([...known, ...unknown.map((value) => pair({ json: "no", protojson: "no" }, value))], ["{", "}"]);
}

const takenBy = new Map<protobuf.Type, Members>();

/** For each field that must be given, a value that the engine takes. */
function taken(type: protobuf.Type): Members {
  const known = takenBy.get(type);
  if (known) return known;
  const members = new Map<protobuf.Field, InForms>();
  takenBy.set(type, members);
  for (const field of type.fieldsArray) {
    if (!faultsOf(type, "{}").includes(field.name)) continue;
    const value = fc
      .sample(valueOf(field, 1), { numRuns: 3000, seed: 1 })
      .find((each) => !faultsOf(type, written(new Map([[field, each]])).json).includes(field.name));
    if (!value) throw new Error(`No value of ${field.fullName} is taken`);
    members.set(field, value);
  }
  return members;
}

const validators = new Map<protobuf.Type, (request: Plain) => void>();

function validated(type: protobuf.Type): (request: Plain) => void {
  const known = validators.get(type) ?? validator(type);
  validators.set(type, known);
  return known;
}

/** The fields of a body that the engine refuses, by their names; `*` for a body that it cannot read. */
function faultsOf(type: protobuf.Type, body: string): string[] {
  try {
    validated(type)(codecs.json.reader(type)(Buffer.from(body)));
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const faults = (error.more.violations ?? []).map(({ field }) => /^\w+/.exec(field)?.[0] ?? "*");
    return error.reason === "INVALID_FIELDS" ? faults : ["*", ...faults];
  }
}

const own = contract.methods.filter(({ path }) => path.startsWith("/agreed/"));

describe("the OpenAPI document and the engine agree", () => {
  for (const method of own.filter(({ hasBody }) => hasBody)) {
    const { request: type } = method;
    for (const form of forms) {
      it(`on the bodies of ${type.name} in ${form}, and on its answers`, function () {
        this.timeout(60_000);
        const operation = operationOf(method);
        const fits = compile(operation.requestBody!.content[mediaTypes[form]]!.schema);
        const answers = forms.map((each) => compile(operation.responses["200"]!.content![mediaTypes[each]]!.schema));
        const verdicts = { taken: 0, refused: 0 };
        fc.assert(
          fc.property(messageOf(type, 2), (body) => {
            const text = body[form];
            const faults = faultsOf(type, text);
            const isFitting = fits(JSON.parse(text));
            expect(isFitting, `${text} ${JSON.stringify(faults)} ${ajv.errorsText(fits.errors)}`).to.equal(!faults[0]);
            verdicts[isFitting ? "taken" : "refused"]++;
            if (!isFitting) return;
            const message = codecs.json.reader(type)(Buffer.from(text));
            validated(type)(message); // Cuts off white space.
            // No answer holds a number that is none.
            if (/"(?:NaN|-?Infinity)"/.test(text)) return;
            answers.forEach((fitsAnswer, index) => {
              const answer = codecs[forms[index]!].writer(type)(message).toString();
              expect(fitsAnswer(JSON.parse(answer)), `${answer} ${ajv.errorsText(fitsAnswer.errors)}`).to.equal(true);
            });
          }),
          { numRuns: 1500 },
        );
        expect(Math.min(verdicts.taken, verdicts.refused)).to.be.above(100);
      });
    }
  }

  for (const method of contract.methods.filter(({ path, verb }) => verb === "GET" && /agreed|kinds/.test(path))) {
    it(`on the parameters of ${method.path} of ${method.request.name}`, () => {
      const verdicts = { taken: 0, refused: 0 };
      for (const { name, schema } of operationOf(method).parameters) {
        if (name === undefined) continue;
        const field = method.request.fields[name]!;
        const fits = compile(schema);
        const { value: rules, items } = keywordsOf(field);
        fc.assert(
          fc.property(singleOf(field, field.repeated ? items : rules, 0), ({ json }) => {
            const value: unknown = JSON.parse(json);
            fc.pre(typeof value !== "object");
            // In a path and a query, true and 1.5 are texts like any other.
            fc.pre(typeof value === "string" || /int|fixed|bool|float|double/.test(scalarTypeOf(field) ?? ""));
            const isTaken = takesParameter(method, name, typeof value === "string" ? value : json);
            expect(fits(field.repeated ? [value] : value), `${name} ${json}`).to.equal(isTaken);
            verdicts[isTaken ? "taken" : "refused"]++;
          }),
          { numRuns: 200 },
        );
      }
      expect(Math.min(verdicts.taken, verdicts.refused)).to.be.above(100);
    });
  }

  it("on which parameters, bodies and fields of a body are required, in every method", () => {
    const seen = { required: 0, optional: 0 };
    for (const method of contract.methods) {
      const missing = new Set(missingIn(method));
      const { parameters, requestBody } = operationOf(method);
      for (const { name, required = false } of parameters) {
        if (name === undefined) continue;
        expect(required, `${method.name} ${name}`).to.equal(method.pathFields.includes(name) || missing.has(name));
      }
      if (!method.hasBody) continue;
      const needed = [...missing].filter((name) => !method.pathFields.includes(name));
      if (method.request.fieldsArray.length === method.pathFields.length) {
        expect(requestBody, method.name).to.equal(undefined);
        continue;
      }
      expect(requestBody!.required, method.name).to.equal(needed.length > 0);
      seen[needed.length > 0 ? "required" : "optional"]++;
    }
    expect(Math.min(seen.required, seen.optional)).to.be.above(1);
  });
});

/** The fields whose absence a method refuses. */
function missingIn({ request }: Method): string[] {
  return faultsOf(request, "{}");
}

function takesParameter(method: Method, name: string, text: string): boolean {
  const request: Plain = defaults(method.request);
  const index = method.pathFields.indexOf(name);
  const bind = binder({ ...method, pathFields: index < 0 ? [] : [name] });
  try {
    bind(request, index < 0 ? [] : [text], index < 0 ? `${name}=${encodeURIComponent(text)}` : "");
    validated(method.request)(request);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.reason !== "INVALID_FIELDS") return false;
    return !(error.more.violations ?? []).some(({ field }) => /^\w+/.exec(field)?.[0] === name);
  }
}
