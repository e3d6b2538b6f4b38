// Checks responses against the OpenAPI document of the server: operations, statuses, media types, headers and the schemas of
// JSON bodies. A validator is compiled when its status first occurs, and once for each place of a document.
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Rpc } from "../client/descriptors.js";
import { codecOf } from "../client/encoding.js";
import { jsonFormats } from "./json-formats.js";
import type { ExchangeFacts, Report } from "./exchange-facts.js";

type Json = Readonly<Record<string, unknown>>;

/** The reasons that the document shows for a status of a method; undefined when it shows none. */
export type DeclaredReasons = (rpc: Rpc, status: number) => ReadonlySet<string> | undefined;

export interface OpenApiCheck {
  readonly check: (facts: ExchangeFacts, report: Report) => void;
  readonly reasons: DeclaredReasons;
}

/** The declaration of one response. */
interface Declared {
  /** Names in lower case. */
  readonly headers: readonly {
    readonly name: string;
    readonly isRequired: boolean;
    readonly fits: ValidateFunction | undefined;
  }[];
  /** By media type in lower case: the validator of a JSON body; undefined for other bodies. */
  readonly bodies: ReadonlyMap<string, ValidateFunction | undefined>;
  readonly reasons: ReadonlySet<string> | undefined;
}

/** Those of the last documents by their text: most servers of a process serve the same one, and to compile it takes a second. */
const lastChecks = new Map<string, OpenApiCheck>();
const mostChecks = 4;

/** Reads a document; an unusable part is reported when it is needed. Throws an Error when it is not OpenAPI 3.1. */
export function openApiCheck(openApi: unknown): OpenApiCheck {
  const text = JSON.stringify(openApi) ?? "";
  const check = lastChecks.get(text) ?? newCheck(openApi as Json);
  lastChecks.delete(text);
  lastChecks.set(text, check);
  for (const oldest of [...lastChecks.keys()].slice(0, -mostChecks)) lastChecks.delete(oldest);
  return check;
}

function newCheck(document: Json): OpenApiCheck {
  if (typeof document?.["openapi"] !== "string" || !document["openapi"].startsWith("3.1"))
    throw new Error("The OpenAPI document is not OpenAPI 3.1");
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true, formats: jsonFormats });
  // The names of today's contract; clients expect others, of later ones.
  ajv.addKeyword({
    keyword: "x-extensible-enum",
    validate: (names: readonly unknown[], value: unknown) => names.includes(value),
    error: { message: "must be one of the names in x-extensible-enum" },
  });
  ajv.addSchema(document, root);
  const known = new Map<string, Declared | string>();
  const compiled = new Map<string, ValidateFunction>();
  const validatorAt = (place: readonly string[]): ValidateFunction | undefined => {
    if (!valueAt(document, place)) return undefined;
    const $ref = root + pointer(place);
    const validator = compiled.get($ref) ?? ajv.compile({ $ref });
    compiled.set($ref, validator);
    return validator;
  };

  const declaredOf = (rpc: Rpc, status: number): Declared | string => {
    const key = `${rpc.verb} ${rpc.path} ${status}`;
    let found = known.get(key);
    try {
      found ??= read(document, validatorAt, rpc, status);
    } catch (error) {
      found = `The OpenAPI document cannot be read for ${rpc.name} ${status}: ${(error as Error).message}`;
    }
    known.set(key, found);
    return found;
  };

  return {
    reasons: (rpc, status) => {
      const declared = declaredOf(rpc, status);
      return typeof declared === "string" ? undefined : declared.reasons;
    },
    check: (facts, report) => {
      if (!facts.rpc || facts.isHeadRefused) return;
      const declared = declaredOf(facts.rpc, facts.answer.status);
      if (typeof declared === "string") return report(declared);
      checkHeaders(facts, declared, report);
      checkBody(facts, declared, report);
    },
  };
}

const root = "openapi";

function checkHeaders({ answer, rpc }: ExchangeFacts, { headers }: Declared, report: Report): void {
  for (const { name, isRequired, fits } of headers) {
    const value = answer.headers[name];
    if (value === undefined) {
      if (isRequired) report(`The OpenAPI document requires the header ${name} of ${rpc?.name} ${answer.status}`);
    } else if (fits && !fits(value) && !(/^-?\d+(\.\d+)?$/.test(value) && fits(Number(value))))
      report(`The header ${name} does not fit the OpenAPI document: ${value}`);
  }
}

function checkBody(
  { answer, rpc, codec, content, canHaveBody }: ExchangeFacts,
  { bodies }: Declared,
  report: Report,
): void {
  const type = answer.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type === undefined || answer.status === 304) return;
  // A document need not list each alias of a media type.
  const isAlias = codec !== undefined && codec !== "json" && [...bodies.keys()].some((name) => codecOf(name) === codec);
  if (!bodies.has(type) && !bodies.has("*/*") && !isAlias)
    return report(`The OpenAPI document does not declare ${type} for ${rpc?.name} ${answer.status}`);
  const fits = bodies.get(type);
  if (!fits || !canHaveBody || !content) return;
  let value: unknown;
  try {
    value = JSON.parse(content.toString("utf8"));
  } catch {
    return; // A body that is not JSON is reported elsewhere.
  }
  if (fits(value)) return;
  const errors = (fits.errors ?? [])
    .slice(0, 3)
    .map(({ instancePath, message }) => `${instancePath || "/"} ${message}`);
  report(`The body does not fit the OpenAPI document: ${errors.join("; ")}`);
}

/** The declaration of a status, or the reason why there is none. */
function read(
  document: Json,
  validator: (place: readonly string[]) => ValidateFunction | undefined,
  rpc: Rpc,
  status: number,
): Declared | string {
  const at = ["paths", rpc.path, rpc.verb.toLowerCase()];
  const operation = valueAt(document, at);
  if (!operation) return `The OpenAPI document has no operation ${rpc.verb} ${rpc.path}`;
  const responses = operation["responses"] as Json | undefined;
  const name = [String(status), `${String(status)[0]}XX`, "default"].find((name) => responses?.[name] !== undefined);
  if (name === undefined) return `The OpenAPI document does not declare ${status} for ${rpc.name}`;
  const [place, response] = resolved(document, [...at, "responses", name]);
  const headers = Object.keys((response["headers"] ?? {}) as Json).map((name) => {
    const [where, header] = resolved(document, [...place, "headers", name]);
    return { name: name.toLowerCase(), isRequired: header["required"] === true, fits: validator([...where, "schema"]) };
  });
  const content = (response["content"] ?? {}) as Readonly<Record<string, Json>>;
  const bodies = Object.entries(content).map(([media]) => {
    const isJson = codecOf(media) !== "protobuf";
    return [media.toLowerCase(), isJson ? validator([...place, "content", media, "schema"]) : undefined] as const;
  });
  return { headers, bodies: new Map(bodies), reasons: reasonsIn(document, place, content) };
}

/** The reasons of the Problems that a response has as examples. */
function reasonsIn(
  document: Json,
  place: readonly string[],
  content: Readonly<Record<string, Json>>,
): ReadonlySet<string> | undefined {
  const reasons = Object.entries(content).flatMap(([media, { examples }]) =>
    Object.keys((examples ?? {}) as Json).map((name) => {
      const [, example] = resolved(document, [...place, "content", media, "examples", name]);
      return (example["value"] as Json | undefined)?.["reason"];
    }),
  );
  const named = reasons.filter((reason) => typeof reason === "string");
  return named.length > 0 ? new Set(named) : undefined;
}

/** Follows `$ref` from a place to its target. Throws an Error when the target does not exist. */
function resolved(document: Json, place: readonly string[]): readonly [place: readonly string[], value: Json] {
  const value = valueAt(document, place);
  if (!value) throw new Error(`The OpenAPI document has nothing at ${pointer(place)}`);
  const ref = value["$ref"];
  if (typeof ref !== "string") return [place, value];
  return resolved(document, ref.slice(2).split("/").map(unescaped));
}

function valueAt(document: Json, place: readonly string[]): Json | undefined {
  return place.reduce<Json | undefined>((here, name) => here?.[name] as Json | undefined, document);
}

/** A place as a URI fragment (RFC 6901, section 6). */
function pointer(place: readonly string[]): string {
  return `#${place.map((name) => `/${encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
}

function unescaped(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}
