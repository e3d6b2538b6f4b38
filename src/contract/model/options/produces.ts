// `(lyceum.v1.produces)`: the media types of an answer that is not a message, written once for each; and `(lyceum.v1.streamed)`: whether
// it is sent while it is made.
import { conditionalGet } from "./etag.js";
import { isHttpBody } from "../http-body.js";
import { isMediaType, last, type MethodOption } from "./method-option.js";

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
    for (const type of types) if (!isMediaType(type)) refuse(`produces: ${type} is no media type in lower case`);
    return types;
  },
  openApi(types, _root, { streamed }) {
    if (types.length === 0 || types[0] === eventStream) return {};
    const schema = { type: "string", format: "binary" };
    // The ETag is a hash of the bytes.
    return {
      ...(streamed ? {} : conditionalGet),
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
