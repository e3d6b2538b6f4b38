// `(lyceum.v1.consumes)`: the media types of a request body that is not a message; written once for each.
import { anyType } from "../http-body.js";
import { isMediaType, last, type MethodOption } from "./method-option.js";

const formType = "multipart/form-data";

/** Empty for a method whose body is a message, and for one without a body. */
export const consumes: MethodOption<readonly string[]> = {
  name: "consumes",
  read(written, { bodyField, refuse }) {
    const types = written.map(String);
    if (types.length > 0 && bodyField === undefined) refuse("consumes goes with a body of type google.api.HttpBody");
    if (types.length === 0 && bodyField !== undefined) refuse("a body of type google.api.HttpBody needs consumes");
    if (types.length === 1 && types[0] === formType)
      refuse("consumes: the type of the file in a form is missing beside multipart/form-data");
    const files = types.filter((type) => type !== formType);
    if (files.includes(anyType) && files.length > 1) refuse(`consumes: ${anyType} goes with ${formType} alone`);
    for (const type of types)
      if (type !== anyType && !isMediaType(type)) refuse(`consumes: ${type} is no media type in lower case`);
    return types;
  },
  // Uploads are what fills a disk: their clients are told, and do not send megabytes again and again.
  reasons: (types) => (types.length > 0 ? ["STORAGE_FULL"] : []),
  openApi(types) {
    if (types.length === 0) return {};
    const file = { type: "string", format: "binary" };
    const form = { type: "object", required: ["file"], properties: { file } };
    const files = types.filter((type) => type !== formType);
    const encoding = { file: { contentType: files.join(", ") } };
    // First, because generators of clients use the first one, and know how to send a form.
    const forms = types.filter((type) => type === formType).map((type) => [type, { schema: form, encoding }] as const);
    return {
      requestContent: Object.fromEntries([...forms, ...files.map((type) => [type, { schema: file }] as const)]),
    };
  },
};

/**
 * `(lyceum.v1.oauth_form)`: whether the body is a form of OAuth 2.0 (RFC 6749, appendix B), whose parameters are the fields of the request;
 * errors are then those of its section 5.2.
 */
export const oauthForm: MethodOption<boolean> = {
  name: "oauth_form",
  read(written, { verb, hasBody, pathFields, request, refuse }) {
    const isForm = last<boolean>(written) === true;
    if (!isForm) return false;
    if (verb !== "POST" || !hasBody || pathFields.length > 0)
      refuse('oauth_form goes with a POST whose body is "*", and with no field in the path');
    const other = request.fieldsArray.find((field) => field.type !== "string" || field.repeated || field.map);
    if (other) refuse(`oauth_form: the field ${other.name} is not one text, as every parameter of a form is`);
    return true;
  },
};
