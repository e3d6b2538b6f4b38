// Who speaks which serialization: what a sentence about a break calls them. And where the golden files are.
import { fileURLToPath } from "node:url";
import type { Clients } from "../../runner/golden/finding.js";

export const goldenFolder = fileURLToPath(new URL(".", import.meta.url));

export const clients: Clients = {
  json: "the web pages (JSON)",
  protojson: "a ProtoJSON client",
  protobuf: "the Android app (protobuf)",
};
