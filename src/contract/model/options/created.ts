// `(lyceum.v1.created)`: the method creates a resource, and answers 201 with this Location (RFC 9110, section 10.2.2).
import { last, type MethodOption } from "./method-option.js";

/** The template of the Location, with names of fields in braces; undefined for a method that creates no resource. */
export const created: MethodOption<string | undefined> = {
  name: "created",
  read(written, { request, response, refuse }) {
    const template = last<string>(written);
    for (const [, name] of (template ?? "").matchAll(/\{([^}]*)\}/g)) {
      if (!response.fields[name!] && !request.fields[name!]) refuse(`created names ${name}, which is not a field`);
    }
    return template;
  },
  openApi(template) {
    if (template === undefined) return {};
    const schema = { type: "string", format: "uri-reference" };
    return { headers: { Location: { description: "The path of the new resource.", schema } } };
  },
};
