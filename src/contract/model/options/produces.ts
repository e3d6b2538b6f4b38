// `(lyceum.v1.produces)`: the media types of an answer that is not a message, written once for each; and `(lyceum.v1.streamed)`: whether
// it is sent while it is made.
import type protobuf from "protobufjs";
import { conditionalGet } from "./etag.js";
import { anyType, isHttpBody } from "../http-body.js";
import { isMediaType, last, type MethodOption, type OpenApiPart } from "./method-option.js";

/** The media type of a stream of messages (the HTML standard, "Server-sent events"). */
export const eventStream = "text/event-stream";

/** Empty for a method that answers with a message. */
export const produces: MethodOption<readonly string[]> = {
  name: "produces",
  read(written, { response, isStream, refuse }) {
    const types = written.map(String);
    const isBody = isHttpBody(response);
    if (isStream && isBody) refuse("a stream of google.api.HttpBody is not served");
    if (isStream && types.length === 0) return [eventStream];
    if (types.length > 0 && !isBody) refuse("produces goes with an answer of type google.api.HttpBody");
    if (types.length === 0 && isBody) refuse("an answer of type google.api.HttpBody needs produces");
    if (types.includes(anyType) && types.length > 1) refuse(`produces: ${anyType} stands alone`);
    for (const type of types)
      if (type !== anyType && !isMediaType(type)) refuse(`produces: ${type} is no media type in lower case`);
    return types;
  },
  reasons: (types) => (types.includes(anyType) ? ["RANGE_NOT_SATISFIABLE"] : []),
  openApi(types, _root, { streamed }) {
    if (types.length === 0 || types[0] === eventStream) return {};
    const schema = { type: "string", format: "binary" };
    // The ETag is a hash of the bytes.
    return {
      ...(types.includes(anyType) ? partialGet : streamed ? {} : conditionalGet),
      content: Object.fromEntries(types.map((type) => [type, { schema }])),
    };
  },
};

/** Of an answer without a length and a tag. */
export const streamed: MethodOption<boolean> = {
  name: "streamed",
  read(written, { response, isStream, refuse }) {
    const isStreamed = last<boolean>(written) === true;
    if (isStreamed && (isStream || !isHttpBody(response)))
      refuse("streamed goes with an answer of google.api.HttpBody");
    return isStreamed;
  },
};

const text = { type: "string" };

/** Of a GET of a file, of which a client may ask for a part. */
const partialGet: OpenApiPart = {
  parameters: {
    ...conditionalGet.parameters,
    Range: {
      name: "Range",
      in: "header",
      description:
        "The parts of the file that are asked for, such as `bytes=0-1023`; several are answered as multipart/byteranges.",
      schema: text,
    },
    "If-Range": {
      name: "If-Range",
      in: "header",
      description:
        "The ETag of the file of which the client has a part; when it is another one now, the answer is the whole file.",
      schema: text,
    },
  },
  headers: {
    ...conditionalGet.headers,
    "Accept-Ranges": {
      description: "`bytes`: parts of the file can be asked for.",
      schema: { ...text, const: "bytes" },
    },
    "Content-Disposition": { description: "Whether the file is to be shown or saved, and its name.", schema: text },
  },
  responses: {
    ...conditionalGet.responses,
    206: {
      name: "PartialContent",
      description: "The parts of the file that Range asks for.",
      headers: ["X-Request-Id", "Vary", "Cache-Control", "RateLimit", "RateLimit-Policy", "ETag", "Accept-Ranges"],
      content: { [anyType]: { schema: { ...text, format: "binary" } } },
    },
  },
};

/**
 * `(lyceum.v1.resumed_by)`: the name of the field of a streamed message that is the id of its event, and of the field of the request that takes
 * the last id a client has seen (the HTML standard, "The Last-Event-ID header"); undefined for a method whose events have no ids.
 */
export const resumedBy: MethodOption<string | undefined> = {
  name: "resumed_by",
  read(written, { isStream, request, response, refuse }) {
    const name = last<string>(written);
    if (name === undefined) return undefined;
    if (!isStream) refuse("resumed_by is for methods that return a stream");
    for (const type of [request, response])
      if (!isText(type, name)) refuse(`resumed_by: ${type.name} has no field ${name} that is one string`);
    return name;
  },
  openApi(name) {
    if (name === undefined) return {};
    const description = `The id of the last event that was received, as browsers send it by themselves; it takes the place of \`${name}\`.`;
    return {
      parameters: {
        "Last-Event-ID": { name: "Last-Event-ID", in: "header", description, schema: { type: "string" } },
      },
    };
  },
};

function isText(type: protobuf.Type, name: string): boolean {
  const field = type.fields[name];
  return field?.type === "string" && !field.repeated;
}
