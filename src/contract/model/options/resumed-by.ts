// `(lyceum.v1.resumed_by)`: the field of a streamed message that is the id of its event, and the field of the request that takes the last id a
// client has seen (the HTML standard, "The Last-Event-ID header").
import type protobuf from "protobufjs";
import { last, type MethodOption } from "./method-option.js";

/** The name of the field; undefined for a method whose events have no ids. */
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
