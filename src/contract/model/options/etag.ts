// `(lyceum.v1.etag)`: the response field with the version of the resource. A GET with this option has an ETag and evaluates
// If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2).
import protobuf from "protobufjs";
import type { Refuse } from "../http-route.js";
import { fieldNamed, hasPresence } from "../well-known-types.js";
import { last, type MethodOption, type OpenApiPart } from "./method-option.js";

/** The path of the field, `["chat", "version"]`; undefined for a method without an ETag. */
export const etag: MethodOption<readonly string[] | undefined> = {
  name: "etag",
  read(written, { verb, response, isStream, refuse }) {
    const path = last<string>(written);
    if (path === undefined) return undefined;
    if (verb !== "GET") refuse("only a GET has an ETag");
    if (isStream) refuse("a stream has no ETag");
    refuseOtherThanNumber(response, path, refuse);
    return path.split(".");
  },
  openApi(path) {
    return path ? conditionalGet : {};
  },
};

const header = {
  description:
    "The tag of this version in this serialization. As If-None-Match it makes the answer 304 until the resource changes; as If-Match it limits a change to this version.",
  schema: { type: "string" },
  example: '"3.4gWmK1q0Zx8Rk2Yd-json"',
};

/** The OpenAPI description of a GET that has an ETag and evaluates If-None-Match. */
export const conditionalGet: OpenApiPart = {
  parameters: {
    "If-None-Match": {
      name: "If-None-Match",
      in: "header",
      description: "ETags that the client has; when one of them is current, the answer is 304.",
      schema: { type: "string" },
    },
  },
  headers: { ETag: header },
  responses: {
    304: {
      name: "NotModified",
      description: "The client has the current version: If-None-Match names its ETag. No body.",
      headers: ["X-Request-Id", "Vary", "Cache-Control", "ETag"],
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
