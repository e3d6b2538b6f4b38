import { expect } from "chai";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ApiError } from "../../../src/errors.js";
import { makeAvatar } from "../../../src/platform/media/avatar.js";
import { contentDisposition, readContentDisposition } from "../../../src/platform/media/content-disposition.js";
import { cleanFileName } from "../../../src/platform/media/file-name.js";
import { detectMediaType } from "../../../src/platform/media/media-type.js";
import { inlineTypes, isRunByBrowsers, servingOf } from "../../../src/platform/media/serving.js";
import { fairNow } from "../../support/fair-clock.js";
import { hostileFiles } from "../../support/hostile-files/hostile-files.js";

/** No file of the list may cost more, in milliseconds of the fair clock. */
const mostMs = 3000;

describe("A hostile file", () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lyceum-hostile-"));
    path = join(folder, "part");
  });
  after(() => rm(folder, { recursive: true }));

  it("has many forms", () => {
    expect(new Set(hostileFiles.map(({ title }) => title)).size)
      .equal(hostileFiles.length)
      .and.above(500);
  });

  it("gets a name that stays in its folder and a header of one line", () => {
    for (const { title, name } of hostileFiles) {
      const clean = cleanFileName(name);
      expect(resolve(folder, clean), title).equal(join(folder, clean)).and.not.equal(folder);
      expect(readContentDisposition(contentDisposition("attachment", name)), title).eql({ name: clean });
    }
  });

  it("is never served as something that a browser runs, and is told quickly", async () => {
    for (const { title, name, bytes } of hostileFiles) {
      await writeFile(path, bytes());
      const begun = fairNow();
      const type = await detectMediaType(path, name);
      expect(fairNow() - begun, title).below(mostMs);
      const { contentType, kind } = servingOf(type);
      expect(type, title).match(/^[\w.+-]+\/[\w.+-]+$/);
      expect(isRunByBrowsers(contentType), `${title}: ${type}`).equal(false);
      if (kind === "inline") expect([...inlineTypes], title).include(contentType.split(";")[0]);
    }
  }).timeout(60_000);

  it("is refused as an avatar, or nothing but its pixels is left", async () => {
    for (const { title, isImage, bytes } of hostileFiles.filter(({ name }) => name.startsWith("file."))) {
      const data = bytes();
      await writeFile(path, data);
      const begun = fairNow();
      const made = await makeAvatar(path).catch((error: unknown) => error);
      expect(fairNow() - begun, title).below(mostMs);
      if (!Array.isArray(made)) {
        expect(made, title).instanceOf(ApiError).and.include({ reason: "INVALID_IMAGE" });
        expect(isImage ?? false, `${title} is refused`).equal(false);
        continue;
      }
      expect(isImage ?? true, `${title} is taken`).equal(true);
      for (const image of made) {
        expect(image.data.toString("latin1"), title)
          .match(/^RIFF....WEBP/s)
          .and.not.match(/script|php|EXIF|XMP|ICCP/);
        expect(image.data.readUInt32LE(4) + 8, title).equal(image.data.length);
      }
    }
  }).timeout(120_000);
});
