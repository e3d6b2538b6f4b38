// The program that the official conformance runner tests: it reads frames of ConformanceRequest from standard input, and
// answers each with the result of our codecs. `tsx test/conformance/testee.ts`.
import { join } from "node:path";
import protobuf from "protobufjs";
import { codecs, type CodecName, type Plain } from "../../src/contract/codecs/codec.js";
import { ApiError } from "../../src/errors.js";
import { includeDirectory, loadTestMessage, testMessageName } from "./test-messages.js";

const { type } = loadTestMessage();
const protocol = new protobuf.Root().loadSync(join(includeDirectory, "conformance/conformance.proto"), {
  keepCase: true,
});
const Request = protocol.lookupType("conformance.ConformanceRequest");
const Response = protocol.lookupType("conformance.ConformanceResponse");
// JSON is passed on as bytes: whether it is UTF-8 is checked by the reader under test, not by the reader of the frame.
for (const message of [Request, Response]) message.fields["json_payload"]!.type = "bytes";
protocol.resolveAll();

interface ConformanceRequest {
  readonly protobuf_payload?: Buffer;
  readonly json_payload?: Buffer;
  readonly requested_output_format: string;
  readonly message_type: string;
  readonly test_category: string;
}

/** The fields of a ConformanceResponse, one of which is set. */
type Answer = Readonly<Record<string, string | Buffer>>;

function answer(request: ConformanceRequest): Answer {
  const { protobuf_payload: binary, json_payload: json, message_type: name } = request;
  // The first request of the runner asks for the known failures, which it has from its command line instead.
  if (name === "conformance.FailureSet") return { protobuf_payload: Buffer.alloc(0) };
  if (name !== testMessageName) return { skipped: "the contract is written in proto3 alone" };
  if (request.test_category === "JSON_IGNORE_UNKNOWN_PARSING_TEST")
    return { skipped: "an unknown key of JSON is refused" };
  const output = { PROTOBUF: "protobuf", JSON: "protojson" }[request.requested_output_format] as CodecName | undefined;
  const body = binary ?? json;
  if (!output || !body) return { skipped: "only binary and JSON are served" };

  let message: Plain;
  try {
    message = codecs[binary ? "protobuf" : "protojson"].reader(type)(body);
  } catch (error) {
    // Any other error of a reader is a bug of it, which no test expects.
    return error instanceof ApiError ? { parse_error: error.detail } : { runtime_error: String(error) };
  }
  try {
    return { [output === "protobuf" ? "protobuf_payload" : "json_payload"]: codecs[output].writer(type)(message) };
  } catch (error) {
    return { serialize_error: String(error) };
  }
}

/** Answers each frame, a length in four bytes (little endian) and a message, until standard input ends. */
async function serve(): Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32LE()) {
      const end = 4 + held.readUInt32LE();
      const request = Request.toObject(Request.decode(held.subarray(4, end)), { enums: String, defaults: true });
      held = held.subarray(end);
      const response = Response.encode(answer(request as ConformanceRequest)).finish();
      const length = Buffer.alloc(4);
      length.writeUInt32LE(response.length);
      process.stdout.write(Buffer.concat([length, response]));
    }
  }
}

await serve();
