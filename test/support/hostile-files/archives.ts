// Archives that are small and say that they hold much, or hold what leads out of their folder.
import { zipSync } from "fflate";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { page } from "./hostile-file.js";

const megabyte = 1024 * 1024;

export function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const entries = Object.entries(files).map(([name, data]) => [name, Buffer.from(data)] as const);
  return Buffer.from(zipSync(Object.fromEntries(entries), { mtime: new Date(2026, 0) }));
}

/** A local file header and its data, as a decoder reads them one after the other. */
export function zipEntry(
  name: string,
  data: Buffer,
  claimed: Partial<Readonly<Record<"packed" | "size" | "flags" | "method", number>>> = {},
): Buffer {
  const packed = deflateRawSync(data, { level: 9 });
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(claimed.flags ?? 0, 6);
  head.writeUInt16LE(claimed.method ?? 8, 8);
  head.writeUInt32LE(crc32(data), 14);
  head.writeUInt32LE(claimed.packed ?? packed.length, 18);
  head.writeUInt32LE(claimed.size ?? data.length, 22);
  head.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([head, Buffer.from(name), packed]);
}

const zeros = (megabytes: number): Buffer => Buffer.alloc(megabytes * megabyte);
const repeated = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(bytes));
const types = "[Content_Types].xml";

function tar(name: string, kind = "0", link = ""): Buffer {
  const head = Buffer.alloc(1024);
  head.write(name.slice(0, 100));
  head.write(["0000644", "0000000", "0000000", "00000000000", "00000000000", ""].join("\0"), 100, "latin1");
  head.fill(" ", 148, 156);
  head.write(kind, 156);
  head.write(link, 157);
  head.write("ustar\x0000", 257, "latin1");
  const sum = head.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return head;
}

/** By what they are. */
export const archives: Readonly<Record<string, () => Buffer>> = {
  "a ZIP of 16 MB of zeros": () => zipEntry("zeros", zeros(16)),
  "a ZIP of ZIPs of zeros": () =>
    zip(Object.fromEntries([..."abcdefghij"].map((name) => [`${name}.zip`, zipEntry("zeros", zeros(1))]))),
  "a ZIP that is its own entry by overlapping": () => {
    const entry = zipEntry("a", zeros(1));
    return Buffer.concat([entry, repeated(500, entry.subarray(0, 31)), entry]);
  },
  "a ZIP of 20,000 empty entries": () => repeated(20_000, zipEntry("e", Buffer.alloc(0))),
  "a ZIP of 400 lists of parts of a megabyte": () => repeated(400, zipEntry(types, zeros(1))),
  "a ZIP of 400 mimetypes of a megabyte": () => repeated(400, zipEntry("mimetype", zeros(1))),
  "a document whose list of parts has 8 MB": () =>
    Buffer.concat([zipEntry(types, zeros(8)), zipEntry("word/document.xml", Buffer.from(page))]),
  "a document whose list of parts names a page": () =>
    zip({ [types]: `<Override ContentType="text/html.main+xml"/>`, "word/document.xml": page }),
  "a ZIP whose mimetype is that of a page": () => zip({ mimetype: "text/html" }),
  "a ZIP whose mimetype is a script": () => zip({ mimetype: "text/javascript", "META-INF/manifest.xml": page }),
  "a ZIP entry that says it has 4 GB": () =>
    zipEntry("big", Buffer.from("x"), { packed: 0xffffffff, size: 0xffffffff }),
  "a ZIP entry that says it unpacks to 4 GB": () => zipEntry(types, Buffer.from("x"), { size: 0xffffffff }),
  "a ZIP entry whose size comes later and never does": () =>
    zipEntry(types, zeros(1), { flags: 8, packed: 0, size: 0 }),
  "an encrypted ZIP entry": () => zipEntry(types, Buffer.from("x"), { flags: 1 }),
  "a ZIP entry of an unknown method": () => zipEntry(types, Buffer.from("x"), { method: 99 }),
  "a ZIP with names that lead out": () =>
    zip({ "../../../etc/passwd": "root::0:0::/:/bin/sh", "/etc/cron.d/x": "x", "..\\..\\x.bat": "x", "C:\\x": "x" }),
  "a ZIP with a name of 60,000 letters": () => zipEntry("n".repeat(60_000), Buffer.from("x")),
  "a ZIP with a name of NUL bytes": () => zipEntry("a\0b/../c", Buffer.from("x")),
  "a ZIP of one head alone": () => zipEntry("a", Buffer.from("x")).subarray(0, 30),
  "an empty ZIP": () => Buffer.from("504b0506000000000000000000000000000000000000", "hex"),
  "a JAR": () => zip({ "META-INF/MANIFEST.MF": "Main-Class: X", "X.class": Buffer.from("cafebabe00000034", "hex") }),
  "an extension of Firefox": () => zip({ "META-INF/mozilla.rsa": "x", "manifest.json": "{}" }),
  "a package of Android": () => zip({ "classes.dex": "dex\n035\0", "AndroidManifest.xml": page }),
  "a gzip of 16 MB of zeros": () => gzipSync(zeros(16)),
  "a gzip in a gzip in a gzip": () => gzipSync(gzipSync(gzipSync(zeros(4)))),
  "a gzip whose name leads out": () => {
    const plain = gzipSync(page);
    plain[3] = 8;
    return Buffer.concat([plain.subarray(0, 10), Buffer.from("../../../x.html\0"), plain.subarray(10)]);
  },
  "a gzip of a page": () => gzipSync(page),
  "a gzip that breaks off": () => gzipSync(zeros(1)).subarray(0, 40),
  "a tar whose name leads out": () => tar("../../../etc/passwd"),
  "a tar with a link to the root": () => tar("x", "2", "/"),
  "a tar with a device": () => tar("sda", "4"),
};
