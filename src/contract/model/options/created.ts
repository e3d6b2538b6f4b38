// `(lyceum.v1.created)`: the method creates a resource, and answers 201 with this Location (RFC 9110, section 10.2.2). A request
// with an Idempotency-Key creates it once, unless its body is streamed: its bytes are not known before they are stored.
import { isHttpBody } from "../http-body.js";
import { isPathTemplate } from "../http-route.js";
import { fieldNamed, hasPresence } from "../well-known-types.js";
import { last, type MethodOption } from "./method-option.js";

/** The template of the Location, with names of fields in braces; undefined for a method that creates no resource. */
export const created: MethodOption<string | undefined> = {
  name: "created",
  read(written, { verb, request, response, isStream, refuse }) {
    const template = last<string>(written);
    if (template === undefined) return undefined;
    if (verb !== "POST" && verb !== "PUT") refuse("only POST and PUT create a resource");
    if (isStream || isHttpBody(response) || response.fullName === ".google.protobuf.Empty")
      refuse("created goes with an answer that is a message");
    if (!isPathTemplate(template)) refuse(`created: ${template} is not a template that the engine knows`);
    for (const [, name] of template.matchAll(/\{([^}]*)\}/g)) {
      const field = fieldNamed(response, name!) ?? fieldNamed(request, name!);
      if (!field) return refuse(`created names ${name}, which is not a field`);
      if (field.repeated || field.map || field.resolvedType || field.type === "bytes")
        refuse(`created names ${name}, which is not a text or a number`);
      if (hasPresence(field)) refuse(`created names ${name}, which can be absent`);
    }
    return template;
  },
  reasons: (template, { isStreamedUpload }) =>
    template === undefined || isStreamedUpload
      ? []
      : ["IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_IN_PROGRESS", "RATE_LIMITED"],
  openApi(template, _root, { isStreamedUpload }) {
    if (template === undefined) return {};
    const schema = { type: "string", format: "uri-reference" };
    const location = { Location: { description: "The path of the new resource.", schema } };
    if (isStreamedUpload) return { headers: location };
    return {
      parameters: { "Idempotency-Key": idempotencyKey },
      headers: {
        ...location,
        "Idempotency-Replayed": {
          description: "`true` where the answer is that to an earlier request with the same Idempotency-Key.",
          schema: { type: "string", const: "true" },
        },
      },
    };
  },
};

const bare = String.raw`[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,255}`;
const quoted = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255}"`;

/** The header that a method with this option reads: a string of RFC 8941, or the same without its quotes. */
export const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "A string that is new for each thing to be created, such as a UUID, in quotes or without. The same request sent again with the " +
    "same key within 24 hours creates nothing, and has the same answer.",
  schema: { type: "string", pattern: `^(?:${bare}|${quoted})$` },
};
