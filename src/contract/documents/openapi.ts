// The contract as an OpenAPI 3.1 document. It says what the engine does, and knows no domain: every word about a method is
// its comment in the .proto file.
import type protobuf from "protobufjs";
import { openApiParts } from "../model/options/method-options.js";
import type { OpenApiPart } from "../model/options/method-option.js";
import { mediaTypes } from "../http/negotiate.js";
import { openApiExamples, type Examples } from "./openapi-examples.js";
import { binaries, jsonForms, openApiResponses } from "./openapi-responses.js";
import { reachable } from "../validation/json-schema.js";
import { openApiSchemas, prose, type Json, type Schemas } from "./openapi-schemas.js";
import type { Contract } from "../model/load.js";
import type { Method } from "../model/method.js";

/** What the contract cannot know of the server that serves it. */
export interface About {
  readonly title: string;
  readonly version: string;
  /** Where it is served; the place that the document came from, when absent. */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[];
}

/** The OpenAPI 3.1 document of a contract. The same contract gives the same document, to the last byte. */
export function openApi(contract: Contract, about: About): object {
  const schemas = openApiSchemas(messagesOnBothSides(contract));
  const examples = openApiExamples(contract);
  const responses = openApiResponses(contract, schemas, examples);
  const paths: Record<string, Json> = {};
  for (const method of contract.methods) {
    (paths[method.path] ??= {})[method.verb.toLowerCase()] = {
      ...operation(contract, method, schemas, examples),
      responses: responses.of(method),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: about.title,
      version: about.version,
      description: introduction,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: about.servers ?? [{ url: "/" }],
    security: [{ bearer: [] }],
    tags: tags(contract),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "The access token of a login." },
      },
      schemas: schemas.components(),
      parameters: sharedParameters(contract),
      ...responses.components(),
    },
  };
}

function operation(contract: Contract, method: Method, schemas: Schemas, examples: Examples): Json {
  const parts = openApiParts(method, contract.root);
  const comment = prose(method.comment);
  return {
    operationId: method.name,
    tags: [shortName(method.service)],
    summary: firstSentence(comment),
    description: [comment, ...parts.flatMap(({ description }) => description ?? [])].join("\n\n"),
    ...Object.assign({}, ...parts.map(({ security }) => (security ? { security } : {}))),
    parameters: parameters(method, parts, schemas, examples),
    ...requestBody(method, parts, schemas, examples),
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
      ...(place === "path" ? { required: true } : {}),
      description: prose(field.comment),
      schema: {
        ...schemas.parameter(field),
        ...(place === "query" && example !== undefined ? { examples: [example] } : {}),
      },
      // In a query "Try it out" would send it as if it were meant.
      ...(place === "path" && example !== undefined ? { example } : {}),
    };
  };
  return [
    ...inPath.map((field) => parameter(field, "path")),
    ...inQuery.map((field) => parameter(field, "query")),
    ...parts.flatMap((part) => Object.keys(part.parameters ?? {}).map(parameterReference)),
    parameterReference("alt"),
  ];
}

function parameterReference(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

/** The request body of a method that takes one: its message, or bytes as they are. */
function requestBody(method: Method, parts: readonly OpenApiPart[], schemas: Schemas, examples: Examples): Json {
  const { request, pathFields, bodyField } = method;
  if (!method.hasBody && bodyField === undefined) return {};
  const comment = bodyField === undefined ? request.comment : request.fields[bodyField]!.comment;
  const description = [prose(comment) || "Nothing.", ...parts.flatMap((part) => part.bodyDescription ?? [])].join(" ");
  const content = Object.assign({}, ...parts.map((part) => part.requestContent)) as Json;
  if (bodyField !== undefined) return { requestBody: { description, required: true, content } };
  const forms = Object.entries(jsonForms).map(([media, form]) => [
    media,
    {
      schema: schemas.body(request, form, pathFields),
      example: examples.message(request, form, "request", pathFields),
    },
  ]);
  return {
    requestBody: {
      description,
      required: request.fieldsArray.length > pathFields.length,
      content: { ...Object.fromEntries(forms), ...binaries(request) },
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

/** What both requests and answers are made of: its two sides need a schema each. */
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

/** The parameters that operations refer to: those of method options, and `alt`. */
function sharedParameters({ methods, root }: Contract): Json {
  const named = methods.flatMap((method) =>
    openApiParts(method, root).flatMap((part) => Object.entries(part.parameters ?? {})),
  );
  return Object.fromEntries([...new Map([...named, ["alt", alt] as const])].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const alt: Json = {
  name: "alt",
  in: "query",
  description: "The serialization of the answer, for links that people click; it goes before Accept.",
  schema: { type: "string", enum: ["json", "proto", "protojson"] },
};

function code(text: string): string {
  return `\`${text}\``;
}

const introduction = `\
Every operation speaks three serializations of the same messages, whichever a request asks for with \`Content-Type\` and \`Accept\`:

- \`application/json\`: field names as in the .proto files, 64-bit integers as numbers.
- \`application/protobuf\`: Protocol Buffers; also under the names ${mediaTypes.protobuf.slice(1).map(code).join(", ")}.
- \`application/protobuf+json\`: canonical ProtoJSON, with lowerCamelCase names and 64-bit integers as strings; also as
  ${mediaTypes.protojson.slice(1).map(code).join(", ")}.

Errors are messages too: a \`Problem\` (RFC 9457), in the serialization that a success would have had. Programs read its \`reason\`;
[all reasons](/problems/) are explained. The contract itself is here as [.proto files](/proto/) and as a
[descriptor set](/descriptor.binpb). It is read in [Swagger UI](/docs), where each operation can be tried, and in [ReDoc](/redoc).

What needs a login is called with \`Authorization: Bearer\` and the access token of a login. In Swagger UI, execute the login:
the page takes up the token of its answer by itself, as if it had been pasted under **Authorize**.`;
