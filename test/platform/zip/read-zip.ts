// Reads a zip as a strict reader does: by its central directory, with every size, checksum and flag compared.
import { crc32, inflateRawSync } from "node:zlib";
import { expect } from "chai";

const [endOfDirectory, inDirectory, atFile] = [0x06054b50, 0x02014b50, 0x04034b50];
const utf8 = 0x800;

/** The contents of a zip of less than 4 GB by their paths, in the order of the directory. */
export function readZip(zip: Buffer): Map<string, Buffer> {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).to.equal(endOfDirectory);
  const count = zip.readUInt16LE(end + 10);
  const contents = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry++) {
    expect(zip.readUInt32LE(at)).to.equal(inDirectory);
    const [method, crc, packed, size] = [10, 16, 20, 24].map((offset) =>
      offset === 10 ? zip.readUInt16LE(at + offset) : zip.readUInt32LE(at + offset),
    ) as [number, number, number, number];
    const [nameLength, extraLength] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30)];
    const header = zip.readUInt32LE(at + 42);
    expect(zip.readUInt32LE(header)).to.equal(atFile);
    expect(zip.readUInt16LE(at + 8) & zip.readUInt16LE(header + 6) & utf8).to.equal(utf8);
    const name = new TextDecoder("utf-8", { fatal: true }).decode(zip.subarray(at + 46, at + 46 + nameLength));
    const begin = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const bytes = zip.subarray(begin, begin + packed);
    const content = method === 8 ? inflateRawSync(bytes) : bytes;
    expect([content.length, crc32(content)]).to.deep.equal([size, crc]);
    expect(contents.has(name), `${name} is there twice`).to.equal(false);
    contents.set(name, content);
    at += 46 + nameLength + extraLength;
  }
  expect(at).to.equal(end);
  return contents;
}
