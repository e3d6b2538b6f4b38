// `(lyceum.v1.produces)`: the media types of an answer that is not a message, written once for each; and `(lyceum.v1.streamed)`: whether
// it is sent while it is made.
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
