// The serializations that an OpenAPI document describes, with their media types: JSON alone, which every generator of clients
// understands, or all of them.
import type protobuf from "protobufjs";
import { mediaTypes } from "../../http/negotiate.js";
import type { Form, Json } from "./json-forms.js";

export type Serializations = "json" | "all";

/** The media types of messages as JSON, each with its form. */
export function jsonTypes(shown: Serializations): [mediaType: string, form: Form][] {
  const json: [string, Form] = ["application/json", "json"];
  return shown === "json" ? [json] : [json, ["application/protobuf+json", "protojson"]];
}

/** Those of a Problem: `application/problem+json`, unless a client accepts application/json alone. */
export function problemTypes(shown: Serializations): [mediaType: string, form: Form][] {
  return [["application/problem+json", "json"], ...jsonTypes(shown)];
}

/** A message as protobuf: the registered media type, and the one that most programs send. */
export function binaries(shown: Serializations, type: protobuf.Type): Json {
  if (shown === "json") return {};
  const name = type.fullName.slice(1);
  const media = {
    schema: { type: "string", format: "binary", description: `${name}, encoded` },
    "x-protobuf-message": name,
  };
  return Object.fromEntries(mediaTypes.protobuf.slice(0, 2).map((mediaType) => [mediaType, media]));
}
