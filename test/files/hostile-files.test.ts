// The list of hostile files through the real server: what a browser and the disk get of it.
import { expect } from "chai";
import { readdir, rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readContentDisposition } from "../../src/platform/media/content-disposition.js";
import { cleanFileName } from "../../src/platform/media/file-name.js";
import { inlineTypes, isRunByBrowsers } from "../../src/platform/media/serving.js";
import { hostileFiles } from "../support/hostile-files/hostile-files.js";
import type { HostileFile } from "../support/hostile-files/hostile-file.js";
import { appoint, testServer, type TestServer } from "../support/server.js";

/** Every second one: the tools that decide are played all of them in test/platform/media/hostile-files.test.ts. */
const chosen = hostileFiles.filter((_, at) => at % 2 === 0);

interface StoredFile {
  readonly id: number;
  readonly name: string;
  readonly media_type: string;
}

describe("The server with hostile files", () => {
  let folder: string;
  let server: TestServer;
  let authorization: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lyceum-hostile-"));
    server = await testServer({ DATA_DIR: join(folder, "data"), FILES_URL: `file://${join(folder, "store")}` });
    const account = await appoint(server.databaseUrl, "ROLE_STUDENT");
    const answer = await post("/v1/auth/login", JSON.stringify(account), { "Content-Type": "application/json" });
    authorization = `Bearer ${((await answer.json()) as { access_token: string }).access_token}`;
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  function post(
    path: string,
    body: string | Buffer | FormData,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(server.url + path, {
      method: "POST",
      body,
      headers: { ...(authorization && { Authorization: authorization }), ...headers },
    });
  }

  /** As the body itself, or in a form. */
  async function upload(
    { name, mediaType, bytes }: HostileFile,
    purpose: string,
    inForm: boolean,
  ): Promise<StoredFile | undefined> {
    const data = bytes();
    const path = `/v1/files?purpose=${purpose}`;
    let answer: Response;
    if (inForm) {
      const form = new FormData();
      form.append("file", new Blob([data], { type: mediaType }), name);
      answer = await post(path, form);
    } else {
      const named = encodeURIComponent(name.toWellFormed()).replace(/[*'()]/g, "_");
      answer = await post(path, data, {
        "Content-Type": mediaType,
        "Content-Disposition": `attachment; filename*=UTF-8''${named}`,
      });
    }
    expect(answer.headers.get("content-type")).match(/^application\/(?:problem\+)?json/);
    const body = (await answer.json()) as StoredFile & { reason?: string };
    if (answer.status !== 201) expect(answer.status, `${name}: ${body.reason}`).to.be.below(500);
    return answer.status === 201 ? body : undefined;
  }

  async function requireHarmless(
    { title, bytes }: HostileFile,
    file: StoredFile,
    path: string,
    isKept: boolean,
  ): Promise<void> {
    const answer = await fetch(server.url + path, { headers: { Authorization: authorization } });
    const { headers } = answer;
    expect(answer.status, title).equal(200);
    const type = headers.get("content-type")!;
    expect(isRunByBrowsers(type), `${title}: ${type}`).equal(false);
    expect(headers.get("x-content-type-options"), title).equal("nosniff");
    expect(headers.get("content-security-policy"), title)
      .match(/(?:^|; ?)sandbox(?:;|$)/)
      .and.include("default-src 'none'");
    const disposition = headers.get("content-disposition")!;
    if (!inlineTypes.has(type.split(";")[0]!)) expect(disposition, title).match(/^attachment;/);
    expect(readContentDisposition(disposition), title).eql({ name: file.name });
    expect(cleanFileName(file.name), title).equal(file.name);
    const body = Buffer.from(await answer.arrayBuffer());
    if (isKept) expect(body.equals(bytes()), title).equal(true);
    else
      expect(body.toString("latin1"), title)
        .match(/^RIFF....WEBP/s)
        .and.not.include("script");
  }

  it("keeps each as an attachment, and serves none as something that a browser runs", async () => {
    let kept = 0;
    await inEights(chosen, async (hostile, at) => {
      const file = await upload(hostile, "FILE_PURPOSE_ATTACHMENT", at % 2 === 0);
      if (!file) return;
      kept++;
      await requireHarmless(hostile, file, `/v1/files/${file.id}/content`, true);
    });
    // An empty name or file may be refused.
    expect(kept).above(300);
  }).timeout(180_000);

  it("makes avatars of those that are images, and refuses the others", async () => {
    const images = hostileFiles.filter(({ isImage, name }) => isImage !== undefined && name.startsWith("file."));
    await inEights(
      images.filter(({ isImage }, at) => isImage || at % 5 === 0),
      async (hostile, at) => {
        const file = await upload(hostile, "FILE_PURPOSE_AVATAR", at % 2 === 0);
        expect(file !== undefined, hostile.title).equal(hostile.isImage);
        if (file) await requireHarmless(hostile, file, `/v1/files/${file.id}/content?size=64`, false);
      },
    );
  }).timeout(180_000);

  it("writes nothing outside of its store, and lives", async () => {
    const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
    expect(paths.filter((path) => !/^\/store\/(?:[^/]+\/)?[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(path))).eql([]);
    expect((await fetch(`${server.url}/livez`)).status).equal(200);
  });
});

/** Eight at a time, each after the one before it. */
async function inEights<Item>(items: readonly Item[], act: (item: Item, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let at = next++; at < items.length; at = next++) await act(items[at]!, at);
    }),
  );
}
