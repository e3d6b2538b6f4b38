// The contract for programs: the export as a ZIP archive, and the descriptor sets.
import { readFileSync } from "node:fs";
import { exportArchive, exportFiles } from "../export/export-files.js";
import type { Contract } from "../model/load.js";
import type { Choice } from "./chosen-document.js";
import { document, type Document } from "./document.js";
import type { About } from "./openapi.js";

/**
 * The files with the FileDescriptorSets of the export and of the annotated files, both with comments. protobufjs cannot make
 * them, because it keeps neither the list of files nor their custom options.
 */
export interface DescriptorFiles {
  readonly client: URL;
  readonly annotated: URL;
}

/** /proto.zip: the .proto files for clients, with buf.yaml and README.md. */
export function clientExport(contract: Contract, about: About): [string, Document] {
  return [
    "/proto.zip",
    document({ contentType: "application/zip" }, () => exportArchive(exportFiles(contract, about))),
  ];
}

/** /descriptor.binpb: the set of the export, and with `?annotated=true` the one with all options. Throws without the files. */
export function descriptorSets({ client, annotated }: DescriptorFiles): Choice {
  // A descriptor set is a message, so it has the registered media type of protobuf, and the header names the message.
  const headers = { "X-Protobuf-Message": "google.protobuf.FileDescriptorSet" };
  const read = (file: URL): Document => {
    const bytes = readFileSync(file);
    return document({ contentType: "application/protobuf", headers }, () => bytes);
  };
  return { parameter: "annotated", documents: { false: read(client), true: read(annotated) } };
}
