// `(lyceum.v1.created)`: the method creates a resource, and answers 201 with this Location (RFC 9110, section 10.2.2).
import { last, type MethodOption } from "./method-option.js";

/** The template of the Location, with names of fields in braces; undefined for a method that creates no resource. */
export const created: MethodOption<string | undefined> = {
  name: "created",
  read(written, { request, response, refuse }) {
    const template = last<string>(written);
    for (const [, name] of (template ?? "").matchAll(/\{([^}]*)\}/g)) {
      const field = response.fields[name!] ?? request.fields[name!];
      if (!field) return refuse(`created names ${name}, which is not a field`);
      if (field.repeated || field.map || field.resolvedType || field.type === "bytes")
        refuse(`created names ${name}, which is not a text or a number`);
    }
    return template;
  },
  openApi(template) {
    if (template === undefined) return {};
    const schema = { type: "string", format: "uri-reference" };
    return { headers: { Location: { description: "The path of the new resource.", schema } } };
  },
};
