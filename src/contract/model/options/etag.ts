// `(lyceum.v1.etag)`: the response field with the version of the resource, which becomes a part of the ETag (RFC 9110, sections
// 8.8.3 and 13.1.2). Which answers have an ETag beside that of a GET with this option: tags.ts.
import protobuf from "protobufjs";
import type { Refuse } from "../http-route.js";
import { fieldNamed, hasPresence } from "../well-known-types.js";
import { last, type MethodOption, type OpenApiPart } from "./method-option.js";

/** How an answer is tagged. */
export interface Tag {
  /** The path of the version in the answer, `["chat", "version"]`; empty where the tag is a hash of the answer alone. */
  readonly version: readonly string[];
  /** Whether the method reads, so that If-None-Match can make its answer 304. */
  readonly isRead: boolean;
}

/** Undefined for an answer without an ETag. */
export const etag: MethodOption<Tag | undefined> = {
  name: "etag",
  read(written, { verb, response, isStream, refuse }) {
    const path = last<string>(written);
    if (path === undefined) return undefined;
    if (verb !== "GET") refuse("only a GET has an ETag");
    if (isStream) refuse("a stream has no ETag");
    refuseOtherThanNumber(response, path, refuse);
    return { version: path.split("."), isRead: true };
  },
  openApi(tag) {
    if (!tag) return {};
    return tag.isRead ? conditionalGet : { headers: { ETag: header } };
  },
};

const header = {
  description:
    "The tag of this answer in this serialization. As If-None-Match it makes the answer 304 until something in it changes; where it begins with a version, it limits a change to that version as If-Match.",
  schema: { type: "string" },
  example: '"3.4gWmK1q0Zx8Rk2Yd-json"',
};

const tag = String.raw`[ \t]*(?:(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*)?`;

/** The schema of the headers that name ETags, as src/contract/http/preconditions.ts reads them. */
export const tagsSchema = {
  type: "string",
  pattern: String.raw`^(?:[ \t]*\*[ \t]*|${tag}(?:,${tag})*)$`,
};

/** The OpenAPI description of a GET that has an ETag and evaluates If-None-Match. */
export const conditionalGet: OpenApiPart = {
  parameters: {
    "If-None-Match": {
      name: "If-None-Match",
      in: "header",
      description: "ETags that the client has; when one of them is current, the answer is 304.",
      schema: tagsSchema,
    },
  },
  headers: { ETag: header },
  responses: {
    304: {
      name: "NotModified",
      description: "The client has the current version: If-None-Match names its ETag. No body.",
      headers: ["X-Request-Id", "Vary", "Cache-Control", "RateLimit", "RateLimit-Policy", "ETag"],
    },
  },
};

function refuseOtherThanNumber(type: protobuf.Type, path: string, refuse: Refuse): void {
  let here: protobuf.Type | undefined = type;
  let field: protobuf.Field | undefined;
  for (const name of path.split(".")) {
    field = here && fieldNamed(here, name);
    if (!field) return refuse(`${path} is not a field of ${type.name}`);
    if (field.repeated || field.map) return refuse(`${path} is not one field of ${type.name}: ${name} has many values`);
    here = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  }
  if (!field || field.resolvedType || !/int|fixed/.test(field.type) || hasPresence(field))
    refuse(`the ETag field ${path} is not a whole number that is always there`);
}
