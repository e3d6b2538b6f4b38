// A client of the testee in the place of the official runner: it starts the testee in a process of its own, and writes and
// reads its frames with another implementation of protobuf.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  type DescMessage,
  type FileRegistry,
  type Message,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { buildDescriptorSet } from "../../runner/client/descriptors.js";
import { includeDirectory, testMessageName } from "./test-messages.js";

/** The fields of a ConformanceRequest. */
export interface Request {
  readonly protobuf?: Uint8Array;
  readonly json?: string | Uint8Array;
  readonly jspb?: string;
  readonly text?: string;
  /** JSON when it is absent. */
  readonly output?: "PROTOBUF" | "JSON" | "JSPB" | "TEXT_FORMAT";
  readonly messageType?: string;
  readonly category?: "BINARY_TEST" | "JSON_TEST" | "JSON_IGNORE_UNKNOWN_PARSING_TEST";
}

/** The field of ConformanceResponse that is set, in lower camel case, and its value. */
export interface Response {
  readonly case: string;
  readonly value: string | Uint8Array;
}

/** The program, to be started with Node. */
export const testeeProgram = ["--import", "tsx", fileURLToPath(new URL("testee.ts", import.meta.url))];
export const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The messages of the package as @bufbuild/protobuf knows them. */
export async function loadOracle(): Promise<FileRegistry> {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, await buildDescriptorSet(includeDirectory)));
}

/** The request of a test, or a function that makes it with the other implementation. */
type PendingRequest = Request | ((oracle: FileRegistry) => Request);

/**
 * Makes a function that takes a request, and returns a function for the test to read its response with. All requests that
 * were made while tests were declared go to one testee, before the first test runs.
 */
export function testee(): (request: PendingRequest) => () => Response {
  const requests: PendingRequest[] = [];
  let answers: readonly Response[] = [];
  before(async () => {
    const oracle = await loadOracle();
    answers = ask(
      oracle,
      requests.map((request) => (typeof request === "function" ? request(oracle) : request)),
    );
  });
  return (request) => {
    const index = requests.push(request) - 1;
    return () => answers[index]!;
  };
}

/** Throws an Error with the standard error of the testee when it does not end with 0. */
function ask(oracle: FileRegistry, requests: readonly Request[]): Response[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, testeeProgram, {
    cwd: projectRoot,
    input: Buffer.concat(requests.map((request) => frame(encode(oracle, request)))),
    timeout: 15_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`The testee ended with ${status}: ${stderr.toString()}`);
  const responses = [...unframe(stdout)].map((bytes) => decode(oracle, bytes));
  if (responses.length !== requests.length)
    throw new Error(`${responses.length} answers to ${requests.length} requests`);
  return responses;
}

/** A message behind its length, in four bytes, little endian. */
export function frame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  return Buffer.concat([length, message]);
}

/** The messages of consecutive frames. */
export function* unframe(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}

/** A ConformanceRequest. JSON that is given as bytes is sent unchanged, UTF-8 or not. */
export function encode(oracle: FileRegistry, request: Request): Buffer {
  const { protobuf, json, jspb, text } = request;
  const schema = messageOf(oracle, "conformance.ConformanceRequest");
  const value = (enumName: string, name: string): number =>
    oracle.getEnum(`conformance.${enumName}`)!.values.find((each) => each.name === name)!.number;
  const payload = protobuf
    ? { case: "protobufPayload", value: protobuf }
    : jspb !== undefined
      ? { case: "jspbPayload", value: jspb }
      : text !== undefined
        ? { case: "textPayload", value: text }
        : { case: "jsonPayload", value: typeof json === "string" ? json : "" };
  const known = toBinary(
    schema,
    create(schema, {
      payload,
      requestedOutputFormat: value("WireFormat", request.output ?? "JSON"),
      messageType: request.messageType ?? testMessageName,
      testCategory: value("TestCategory", request.category ?? (protobuf ? "BINARY_TEST" : "JSON_TEST")),
    } as Record<string, unknown>),
  );
  if (!(json instanceof Uint8Array)) return Buffer.from(known);
  // Of two members of a oneof the last counts: field 2 again, with bytes that no encoder would put there.
  return Buffer.concat([known, Buffer.from([0x12, json.length]), json]);
}

/** The result of a ConformanceResponse. */
export function decode(oracle: FileRegistry, bytes: Uint8Array): Response {
  const response = fromBinary(messageOf(oracle, "conformance.ConformanceResponse"), bytes);
  return (response as Message & { readonly result: Response }).result;
}

/** A message of the package. */
export function messageOf(oracle: FileRegistry, name: string): DescMessage {
  const message = oracle.getMessage(name);
  if (!message) throw new Error(`The package has no ${name}`);
  return message;
}
