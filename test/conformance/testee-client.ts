// Speaks to the testee as the official runner does, in a process of its own, with the frames of another implementation of
// protobuf.
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

/** What a request holds, by the names of ConformanceRequest. */
export interface Request {
  readonly protobuf?: Uint8Array;
  readonly json?: string | Uint8Array;
  readonly jspb?: string;
  readonly text?: string;
  /** JSON when nothing is said. */
  readonly output?: "PROTOBUF" | "JSON" | "JSPB" | "TEXT_FORMAT";
  readonly messageType?: string;
  readonly category?: "BINARY_TEST" | "JSON_TEST" | "JSON_IGNORE_UNKNOWN_PARSING_TEST";
}

/** The field of ConformanceResponse that is set, in lower camel case, and what it holds. */
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

/** What a test asks: a request, or how to make one with the other implementation. */
type Question = Request | ((oracle: FileRegistry) => Request);

/**
 * Answers with a function that takes a question and gives back how to read its answer, from within a test. Whatever was
 * asked while tests were declared is put to one testee, before the first of them runs.
 */
export function testee(): (question: Question) => () => Response {
  const questions: Question[] = [];
  let answers: readonly Response[] = [];
  before(async () => {
    const oracle = await loadOracle();
    answers = ask(
      oracle,
      questions.map((question) => (typeof question === "function" ? question(oracle) : question)),
    );
  });
  return (question) => {
    const index = questions.push(question) - 1;
    return () => answers[index]!;
  };
}

/** Throws what the testee wrote to its standard error when it ends otherwise than well. */
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

/** The messages of a row of frames. */
export function* unframe(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}

/** A ConformanceRequest. JSON that is given as bytes goes in as it is, UTF-8 or not. */
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

/** The result that a ConformanceResponse holds. */
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
