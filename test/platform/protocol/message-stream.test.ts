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

/** What a stream hears of chunks: types and contents. */
function heard(chunks: readonly Buffer[]): [string, string][] {
  const messages: [string, string][] = [];
  const stream = new MessageStream((type, bytes, at, end) => {
    messages.push([String.fromCharCode(type), bytes.toString("utf8", at, end)]);
  });
  for (const chunk of chunks) stream.push(chunk);
  return messages;
}

describe("a stream of messages", () => {
  const told: [string, string][] = [
    ["2", ""],
    ["D", "строка"],
    ["D", "x".repeat(300)],
    ["C", "SELECT 2\0"],
    ["Z", "I"],
  ];
  const bytes = Buffer.concat(told.map(([type, contents]) => message(type, Buffer.from(contents))));

  it("is heard the same wherever it is cut in two", () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(heard([bytes.subarray(0, cut), bytes.subarray(cut)])).to.deep.equal(told);
    }
  });

  it("is heard the same in pieces of any one size", () => {
    for (let size = 1; size < 50; size += 1) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      expect(heard(pieces)).to.deep.equal(told);
    }
  });

  it("is refused when it is none", () => {
    for (const words of ["HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH", "Z\0\0\0\x03"]) {
      expect(() => heard([Buffer.from(words, "latin1")])).to.throw(NotPostgres);
    }
  });

  it("tells columns by name and type", () => {
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

  it("tells errors as pg does, and skips fields it does not know", () => {
    const fields = Buffer.from("SERROR\0?new\0C23505\0Mduplicate\0nthings_name\0\0");
    expect(describedError(fields, 0, fields.length)).to.include({
      message: "duplicate",
      code: "23505",
      severity: "ERROR",
      constraint: "things_name",
    });
  });
});
