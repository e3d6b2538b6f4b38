// The responses of an operation in an OpenAPI document: the success, and the errors by status with an example for each reason.
import { statusesOf, successOf } from "../../model/outcomes.js";
import { openApiParts } from "../../model/options/method-options.js";
import type { OpenApiPart } from "../../model/options/method-option.js";
import { prose, type Form, type Json } from "./json-forms.js";
import type { Schemas } from "./schemas.js";
import type { Examples } from "./examples.js";
import type { Contract } from "../../model/load.js";
import type { Method } from "../../model/method.js";
import type { ReasonMeaning } from "../../model/reasons.js";
import { binaries, jsonTypes, problemTypes, type Serializations } from "./serializations.js";
import type protobuf from "protobufjs";

/** Makes the responses of one operation after another, and collects the components that they share. */
export interface Responses {
  of(method: Method): Json;
  /** `responses`, `examples` and `headers` of the document's components. */
  components(): Json;
}

/** An empty collection of responses. */
export function openApiResponses(
  contract: Contract,
  schemas: Schemas,
  examples: Examples,
  shown: Serializations,
): Responses {
  const shared = new Map<string, Json>();
  const sharedExamples = new Map<string, Json>();
  /** Headers of answers that are a message. */
  const ofMessage = shown === "json" ? [] : ["X-Protobuf-Message"];

  function problems(method: Method, meanings: readonly ReasonMeaning[]): Json {
    const name = meanings.map(({ reason }) => pascal(reason)).join("Or");
    if (!shared.has(name)) shared.set(name, problemResponse(method, meanings));
    return { $ref: `#/components/responses/${name}` };
  }

  function problemResponse(method: Method, meanings: readonly ReasonMeaning[]): Json {
    const [{ status } = { status: 500 }] = meanings;
    const forms = problemTypes(shown).map(([type, form]) => [
      type,
      {
        schema: schemas.reference(contract.problem, form, "response"),
        examples: Object.fromEntries(meanings.map((meaning) => [meaning.reason, example(method, meaning, form)])),
      },
    ]);
    return {
      description: meanings.map(({ reason, comment }) => `**${reason}** ${prose(comment)}`).join("\n\n"),
      headers: headers(...ofMessage, ...problemHeaders(status, meanings)),
      content: { ...Object.fromEntries(forms), ...binaries(shown, contract.problem) },
    };
  }

  function example(method: Method, meaning: ReasonMeaning, form: Form): Json {
    const name = form === "json" ? meaning.reason : `${meaning.reason}.protojson`;
    if (!sharedExamples.has(name))
      sharedExamples.set(name, { summary: meaning.title, value: examples.problem(meaning, method, form) });
    return { $ref: `#/components/examples/${name}` };
  }

  function success(method: Method): Json {
    const parts = openApiParts(method, contract.root);
    const names = [...ofEvery, ...parts.flatMap((part) => Object.keys(part.headers ?? {}))];
    if (successOf(method) === 204) return { description: "Done. The answer has no body.", headers: headers(...names) };
    const description = prose(method.response.comment) || "Done.";
    if (method.produces.length > 0) {
      const content = Object.assign(
        {},
        ...parts.map((part) => part.content),
        method.isStream ? events(method) : {},
      ) as Json;
      return { description, headers: headers(...names), content };
    }
    return {
      description,
      headers: headers(...names, ...ofMessage),
      content: messageContent(method.response),
    };
  }

  /** A stream of messages, as server-sent events. */
  function events({ response }: Method): Json {
    const schema = schemas.reference(response, "json", "response");
    const description = "Server-sent events. The data of each is one message as JSON.";
    return { "text/event-stream": { schema: { type: "string", description, contentSchema: schema } } };
  }

  /** The responses that an option adds, each as a component with its name. */
  function further({ responses = {} }: OpenApiPart): Json {
    const references = Object.entries(responses).map(([status, { name, description, headers: names, content }]) => {
      shared.set(name, { description, headers: headers(...names), ...(content && { content }) });
      return [status, { $ref: `#/components/responses/${name}` }];
    });
    return Object.fromEntries(references) as Json;
  }

  /** The content of a response, in every media type of its message. */
  function messageContent(type: protobuf.Type): Json {
    const forms = jsonTypes(shown).map(([media, form]) => [
      media,
      { schema: schemas.reference(type, form, "response"), example: examples.message(type, form, "response") },
    ]);
    return { ...Object.fromEntries(forms), ...binaries(shown, type) };
  }

  return {
    of: (method) => ({
      [successOf(method)]: success(method),
      ...Object.assign({}, ...openApiParts(method, contract.root).map(further)),
      ...Object.fromEntries(
        [...statusesOf(contract, method)].map(([status, list]) => [status, problems(method, list)]),
      ),
    }),
    components: () => ({
      responses: sorted(shared),
      examples: sorted(sharedExamples),
      headers: sorted([
        ...Object.entries(commonHeaders),
        ...(shown === "json" ? [] : [["X-Protobuf-Message", messageHeader] as const]),
        ...optionHeaders(contract),
      ]),
    }),
  };
}

/** Headers of every answer. */
const ofEvery = ["X-Request-Id", "Vary", "Cache-Control", "RateLimit", "RateLimit-Policy"];

function problemHeaders(status: number, meanings: readonly ReasonMeaning[]): string[] {
  const names = [...ofEvery];
  if (status === 401) names.push("WWW-Authenticate");
  const isInProgress = meanings.some(({ reason }) => reason === "IDEMPOTENCY_IN_PROGRESS");
  if (status === 429 || status === 503 || isInProgress) names.push("Retry-After");
  return names;
}

function headers(...names: string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const text = (description: string, example: string): Json => ({ description, schema: { type: "string" }, example });

const commonHeaders: Record<string, Json> = {
  "Cache-Control": text("`no-store`, or `private, no-cache` where there is an ETag.", "no-store"),
  RateLimit: text(
    "How many requests are left of each bound (`r`), and the seconds until there is one more (`t`). Absent where the caller is not known, as from 401.",
    '"writes";r=1199;t=1',
  ),
  "RateLimit-Policy": text(
    "The bounds of this method: how many requests (`q`) in how many seconds (`w`), by caller, or by network address where the method is public.",
    '"writes";q=1200;w=60',
  ),
  "Retry-After": { description: "How many seconds to wait.", schema: { type: "integer", minimum: 1 }, example: 1 },
  Vary: text("The answer depends on these headers.", "Accept, Accept-Encoding"),
  "WWW-Authenticate": text("The kind of login that is needed (RFC 6750).", "Bearer"),
  "X-Request-Id": text(
    "The id of the request, as in the server's log; the one that the client sent, when it is valid.",
    "0198c5f4-6b1e-7c3a-9d2f-3e8a5b7c1d90",
  ),
};

const messageHeader = text("On protobuf bodies: the full name of the message.", "lyceum.v1.Problem");

function optionHeaders({ methods, root }: Contract): [string, Json][] {
  return methods.flatMap((method) => openApiParts(method, root).flatMap((part) => Object.entries(part.headers ?? {})));
}

/** `CHAT_NOT_FOUND` is `ChatNotFound`. */
function pascal(reason: string): string {
  return reason.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function sorted(entries: Iterable<readonly [string, Json]>): Json {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
