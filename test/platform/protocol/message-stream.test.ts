// Messages of Postgres out of chunks that end anywhere.
import { expect } from "chai";
import { NotPostgres } from "../../../src/platform/database/protocol/connection.js";
import {
  describedColumns,
  describedError,
  MessageStream,
} from "../../../src/platform/database/protocol/message-stream.js";

function message(type: string, contents: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeUInt32BE(contents.length + 4, 1);
  return Buffer.concat([header, contents]);
}

/** The types and contents of the messages in chunks. */
function messagesIn(chunks: readonly Buffer[]): [string, string][] {
  const messages: [string, string][] = [];
  const stream = new MessageStream((type, bytes, at, end) => {
    messages.push([String.fromCharCode(type), bytes.toString("utf8", at, end)]);
  });
  for (const chunk of chunks) stream.push(chunk);
  return messages;
}

describe("a stream of messages", () => {
  const expected: [string, string][] = [
    ["2", ""],
    ["D", "строка"],
    ["D", "x".repeat(300)],
    ["C", "SELECT 2\0"],
    ["Z", "I"],
  ];
  const bytes = Buffer.concat(expected.map(([type, contents]) => message(type, Buffer.from(contents))));

  it("has the same messages wherever it is cut in two", () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(messagesIn([bytes.subarray(0, cut), bytes.subarray(cut)])).to.deep.equal(expected);
    }
  });

  it("has the same messages in chunks of any size", () => {
    for (let size = 1; size < 50; size += 1) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      expect(messagesIn(pieces)).to.deep.equal(expected);
    }
  });

  it("is an error when it is not that of a Postgres", () => {
    for (const words of ["HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH", "Z\0\0\0\x03"]) {
      expect(() => messagesIn([Buffer.from(words, "latin1")])).to.throw(NotPostgres);
    }
  });

  it("describes columns by name and type", () => {
    const column = (name: string, type: number): Buffer => {
      const rest = Buffer.alloc(18);
      rest.writeUInt32BE(type, 6);
      return Buffer.concat([Buffer.from(`${name}\0`), rest]);
    };
    const columns = Buffer.concat([Buffer.from([0, 2]), column("имя", 25), column("", 4_000_000_000)]);
    expect(describedColumns(columns, 0)).to.deep.equal([
      { name: "имя", type: 25 },
      { name: "", type: 4_000_000_000 },
    ]);
  });

  it("describes errors with the properties of pg, without unknown fields", () => {
    const fields = Buffer.from("SERROR\0?new\0C23505\0Mduplicate\0nthings_name\0\0");
    expect(describedError(fields, 0, fields.length)).to.include({
      message: "duplicate",
      code: "23505",
      severity: "ERROR",
      constraint: "things_name",
    });
  });
});
