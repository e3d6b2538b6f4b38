// `(lyceum.v1.oauth_form)`: the request is a form of OAuth 2.0 (RFC 6749, appendix B), and errors are those of its section 5.2.
import { last, type MethodOption } from "./method-option.js";

/** Whether the body is a form, whose parameters are the fields of the request. */
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
