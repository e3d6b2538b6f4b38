// Lyceum's contract as the runner needs it.
import { existsSync, readFileSync } from "node:fs";
import type { NegotiationVector, Suite } from "../runner/suite.js";
import { allCases } from "./all-cases.js";
import { hidden } from "./hidden-things.js";
import { paging } from "./lists.js";
import { people } from "./people.js";

/** The folder of package.json, from the sources and from dist/. */
const root = findRoot(new URL("./", import.meta.url));

const vectors = JSON.parse(readFileSync(new URL("test/vectors/accept.json", root), "utf8")) as {
  cases: NegotiationVector[];
};

export const suite: Suite = {
  descriptorSet: new URL("proto/annotated.binpb", root),
  files: allCases,
  enrolment: people,
  negotiation: vectors.cases,
  paging,
  hidden,
  golden: new URL("test/golden/", root),
  clients: {
    json: "the web pages (JSON)",
    protojson: "a ProtoJSON client",
    protobuf: "the Android app (protobuf)",
  },
  bodyLimit: 256 * 1024,
  uploadLimit: 25 * 1024 * 1024,
  socket: {
    path: "/v1/realtime",
    // Who needs a second factor first.
    closedTo: ["novice"],
    subprotocols: { json: "lyceum.v1.json", protojson: "lyceum.v1.protojson", protobuf: "lyceum.v1.protobuf" },
    sent: { message: "lyceum.v1.ClientFrame", call: "call" },
    received: { message: "lyceum.v1.ServerFrame", result: "result", refused: "refused" },
    call: {
      id: "id",
      method: "method",
      request: "request",
      idempotencyKey: "idempotency_key",
      ifMatch: "if_match",
    },
    result: {
      id: "id",
      status: "status",
      response: "response",
      problem: "problem",
      location: "location",
      etag: "etag",
      isReplayed: "is_replayed",
    },
  },
  documents: {
    openApi: "/openapi.json?serialization=all",
    openApiOfJson: "/openapi.json",
    descriptorSet: "/descriptor.binpb?annotated=true",
  },
};

function findRoot(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : findRoot(new URL("../", folder));
}
