// Every outsider, in the order in which they are begun: those that take longest first.
import type { Outsider } from "./outsider.js";
import { go } from "./builders/go.js";
import { javalite3, javalite4 } from "./builders/javalite.js";
import { kotlin, wire } from "./builders/kotlin.js";
import { heyApi, openApiFetch, openApiPython, orval, typescriptFetch } from "./builders/openapi-clients.js";
import { protobufEs } from "./builders/protobuf-es.js";
import { protovalidateGo, protovalidateJava } from "./builders/protovalidate.js";
import { python } from "./builders/python.js";

export const allOutsiders: readonly Outsider[] = [
  wire,
  kotlin,
  javalite3,
  javalite4,
  protovalidateJava,
  protovalidateGo,
  go,
  python,
  protobufEs,
  typescriptFetch,
  openApiPython,
  orval,
  heyApi,
  openApiFetch,
];
