// The contract as an OpenAPI 3.1 document. It describes the engine and depends on no domain: every description of a method is
// its comment in the .proto file.
import type protobuf from "protobufjs";
import { openApiParts } from "../model/options/method-options.js";
import type { OpenApiPart } from "../model/options/method-option.js";
import { mediaTypes } from "../http/negotiate.js";
import { isForNoKey } from "../model/options/scope.js";
import { oauthFormType } from "../http/oauth-form.js";
import { operationIds } from "./openapi/operation-ids.js";
import { binaries, jsonTypes, type Serializations } from "./openapi/serializations.js";
import { openApiExamples, type Examples } from "./openapi/examples.js";
import { openApiResponses } from "./openapi/responses.js";
import { reachable } from "../validation/json-schema.js";
import { prose, type Json } from "./openapi/json-forms.js";
import { isNeeded, openApiSchemas, type Schemas } from "./openapi/schemas.js";
import type { Contract } from "../model/load.js";
import type { Method } from "../model/method.js";

/** What depends on the server and not on the contract. */
export interface About {
  readonly title: string;
  readonly version: string;
  /** Who answers questions about the server, beside its title. */
  readonly contact?: { readonly email?: string; readonly url?: string };
  /** The defaults of fields that the configuration sets, by the full name of the field. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** The rpcs after which the access token of the caller is no longer good: Swagger UI forgets it. */
  readonly endsSession?: readonly string[];
  /** The addresses of the server; when absent, the one that the document was loaded from. */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[];
  /** A file for people who write clients, in Markdown, whose examples are for http://localhost:8080; absent where there is none. */
  readonly guide?: URL;
  /** A login that everybody may know, for the landing page; absent where there is none. */
  readonly login?: { readonly path: string; readonly body: Readonly<Record<string, string>> };
}

/** The OpenAPI 3.1 document of a contract. The same contract gives the same document, byte for byte. */
export function openApi(contract: Contract, about: About, shown: Serializations = "json"): object {
  const schemas = openApiSchemas(contract, messagesOnBothSides(contract), about.defaults);
  const examples = openApiExamples(contract);
  const responses = openApiResponses(contract, schemas, examples, shown);
  const schemes = securitySchemes(contract);
  const idOf = operationIds(contract);
  const paths: Record<string, Json> = {};
  for (const method of contract.methods) {
    (paths[method.path] ??= {})[method.verb.toLowerCase()] = {
      operationId: idOf(method),
      ...operation(contract, method, schemas, examples, shown),
      ...securityOf(method, schemes),
      responses: responses.of(method),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: about.title,
      version: about.version,
      description: introduction(shown),
      contact: { name: about.title, ...about.contact },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: about.servers ?? [{ url: "/" }],
    security: ofLogins(schemes),
    tags: tags(contract),
    paths,
    components: {
      securitySchemes: schemes,
      schemas: schemas.components(),
      parameters: sharedParameters(contract, shown),
      ...responses.components(),
    },
  };
}

/** How a caller shows who they are: an access token, which a form of OAuth issues too where there is one. */
function securitySchemes({ methods }: Contract): Json {
  const bearer = {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The access token of a login, or an API key where the method has scopes.",
  };
  const apiKey = { type: "apiKey", in: "header", name: "X-API-Key", description: "An API key." };
  const basic = { type: "http", scheme: "basic", description: "An API key as the user name, without a password." };
  const path = methods.find(({ oauthForm }) => oauthForm)?.path;
  if (path === undefined) return { bearer, apiKey, basic };
  const description =
    "An address and a password, for an access token. No client is registered: leave its id and secret empty.";
  const flows = { password: { tokenUrl: path, refreshUrl: path, scopes: {} } };
  return { bearer, apiKey, basic, password: { type: "oauth2", description, flows } };
}

/** A login gives an access token, whichever way it is done. */
function ofLogins(schemes: Json): Json[] {
  return ["bearer", "password"].filter((name) => name in schemes).map((name) => ({ [name]: [] }));
}

/** Where it differs from that of the document: a public method needs nothing, and one with scopes takes API keys too. */
function securityOf({ access, scopes }: Method, schemes: Json): Json {
  if (access === "ACCESS_PUBLIC") return { security: [] };
  if (isForNoKey(scopes)) return {};
  // The names are those of roles (OpenAPI 3.1, "Security Requirement Object").
  return { security: [...ofLogins(schemes), { apiKey: [...scopes] }, { basic: [...scopes] }] };
}

function operation(
  contract: Contract,
  method: Method,
  schemas: Schemas,
  examples: Examples,
  shown: Serializations,
): Json {
  const parts = openApiParts(method, contract.root);
  const comment = prose(method.comment);
  return {
    tags: [shortName(method.service)],
    summary: firstSentence(comment),
    description: [comment, ...parts.flatMap(({ description }) => description ?? [])].join("\n\n"),
    parameters: [
      ...parameters(method, parts, schemas, examples),
      ...(shown === "all" ? [parameterReference("alt")] : []),
    ],
    ...requestBody(method, parts, schemas, examples, shown),
  };
}

function parameters(method: Method, parts: readonly OpenApiPart[], schemas: Schemas, examples: Examples): Json[] {
  const inPath = method.pathFields.map((name) => method.request.fields[name]!);
  const inQuery = method.hasBody
    ? []
    : method.request.fieldsArray.filter((field) => !inPath.includes(field) && field.name !== method.bodyField);
  const parameter = (field: protobuf.Field, place: "path" | "query"): Json => {
    const example = examples.parameter(field);
    return {
      name: field.name,
      in: place,
      ...(place === "path" || isNeeded(field) ? { required: true } : {}),
      description: prose(field.comment),
      schema: {
        ...schemas.parameter(field),
        ...(place === "query" && example !== undefined ? { examples: [example] } : {}),
      },
      // "Try it out" would send the example of an optional parameter of the query.
      ...(place === "path" && example !== undefined ? { example } : {}),
    };
  };
  return [
    ...inPath.map((field) => parameter(field, "path")),
    ...inQuery.map((field) => parameter(field, "query")),
    ...parts.flatMap((part) => Object.keys(part.parameters ?? {}).map(parameterReference)),
  ];
}

function parameterReference(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

/** The request body of a method that takes one: its message, unless nothing can be in it, or raw bytes. */
function requestBody(
  method: Method,
  parts: readonly OpenApiPart[],
  schemas: Schemas,
  examples: Examples,
  shown: Serializations,
): Json {
  const { request, pathFields, bodyField, oauthForm } = method;
  const isEmpty = request.fieldsArray.length === pathFields.length;
  if (bodyField === undefined && (!method.hasBody || isEmpty)) return {};
  const comment = bodyField === undefined ? request.comment : request.fields[bodyField]!.comment;
  const description = [prose(comment), ...parts.flatMap((part) => part.bodyDescription ?? [])].join(" ");
  const content = Object.assign({}, ...parts.map((part) => part.requestContent)) as Json;
  if (bodyField !== undefined) return { requestBody: { description, required: true, content } };
  const types = oauthForm ? ([[oauthFormType, "json"]] as const) : jsonTypes(shown);
  const forms = types.map(([media, form]) => [
    media,
    {
      schema: schemas.body(request, form, pathFields),
      example: examples.message(request, form, "request", pathFields),
    },
  ]);
  return {
    requestBody: {
      description,
      required: request.fieldsArray.some((field) => !pathFields.includes(field.name) && isNeeded(field)),
      content: { ...Object.fromEntries(forms), ...(oauthForm ? {} : binaries(shown, request)) },
    },
  };
}

function tags(contract: Contract): Json[] {
  const names = [...new Set(contract.methods.map(({ service }) => service))].sort();
  return names.map((name) => ({
    name: shortName(name),
    description: prose(contract.root.lookupService(name).comment),
  }));
}

/** The messages that are part of both requests and answers: they need a schema for each side. */
function messagesOnBothSides(contract: Contract): Set<protobuf.ReflectionObject> {
  const answered = reach([contract.problem, ...contract.methods.map(({ response }) => response)]);
  return new Set([...reach(contract.methods.map(({ request }) => request))].filter((type) => answered.has(type)));
}

function reach(types: readonly protobuf.Type[]): Set<protobuf.ReflectionObject> {
  return new Set(types.flatMap((type) => Array.from(reachable(type))));
}

function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}

function firstSentence(comment: string): string {
  return (/^.+?(?=[.!?](?:\s|$))/s.exec(comment)?.[0] ?? comment).trim();
}

/** The parameters that operations refer to: those of method options, and, where there are serializations to choose, `alt`. */
function sharedParameters({ methods, root }: Contract, shown: Serializations): Json {
  const named = methods.flatMap((method) =>
    openApiParts(method, root).flatMap((part) => Object.entries(part.parameters ?? {})),
  );
  const own = shown === "all" ? [["alt", alt] as const] : [];
  return Object.fromEntries([...new Map([...named, ...own])].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const alt: Json = {
  name: "alt",
  in: "query",
  description: "The serialization of the answer, for links in a browser. It overrides Accept.",
  schema: { type: "string", enum: ["json", "proto", "protojson"] },
};

function code(text: string): string {
  return `\`${text}\``;
}

function introduction(shown: Serializations): string {
  return `${shown === "json" ? jsonAlone : inAll}

Every error is a \`Problem\` (RFC 9457)${shown === "json" ? "" : ", in the serialization that a success would have had"}.
Programs read its \`reason\`; there is a list of [all reasons](/problems/). A name that ends an enumeration of an answer may
follow with any version of the server: programs expect values that they do not know. The contract itself is available as
[.proto files](/proto/) and as a [descriptor set](/descriptor.binpb). Its documentation is in [Swagger UI](/docs), where each
operation can be tried, and in [ReDoc](/redoc).

A method that needs a login is called with \`Authorization: Bearer\` and the access token of a login. In Swagger UI, execute
the login: the page then uses the token of its answer, as if it had been pasted under **Authorize**.`;
}

const jsonAlone = `\
This document describes the API in JSON. The same operations support Protocol Buffers and ProtoJSON, which the
[document of all serializations](/openapi.json?serialization=all) shows beside it.`;

const inAll = `\
Every operation supports three serializations of the same messages; a request chooses with \`Content-Type\` and \`Accept\`:

- \`application/json\`: field names as in the .proto files, 64-bit integers as numbers. [A document of it alone](/openapi.json)
  is for generators of clients.
- \`application/protobuf\`: Protocol Buffers; also under the names ${mediaTypes.protobuf.slice(1).map(code).join(", ")}.
- \`application/protobuf+json\`: canonical ProtoJSON, with lowerCamelCase names and 64-bit integers as strings; also as
  ${mediaTypes.protojson.slice(1).map(code).join(", ")}.`;
