// Files on several connections at once: claims, the quota, the sweep, and who may see what.
import { createHash } from "node:crypto";
import { rename } from "node:fs/promises";
import { expect } from "chai";
import type { Content } from "../../src/contract/streams/content-stream.js";
import { ApiError } from "../../src/errors.js";
import { claimFiles, releaseFiles } from "../../src/files/claims.js";
import { withinQuota } from "../../src/files/quota.js";
import type { File, FilePurpose } from "../../src/gen/lyceum/v1/file.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { StoreUnavailable } from "../../src/platform/blobs/blob-store.js";
import { sweepSteps } from "../../src/services.js";
import { openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes } from "../support/outcomes.js";
import { uploadOf } from "./upload-of.js";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8DA8B+MgBgAHfAD/dPQfSYAAAAASUVORK5CYII=",
  "base64",
);

describe("files", function () {
  this.timeout(60_000);
  let school: School;
  let other: School;

  before(async () => {
    school = await openSchool();
    other = await openSchool(school.url);
  });
  after(async () => {
    await other.close();
    await school.close();
  });

  const upload = (owner: number, data: Buffer, purpose: FilePurpose = "FILE_PURPOSE_ATTACHMENT"): Promise<File> =>
    school.files.createFile(
      { purpose, content: { content_type: "text/plain", data: Buffer.alloc(0) } },
      school.as(owner, { upload: uploadOf(data) }),
    );
  const claim = (ownerId: number, fileIds: readonly number[], purpose: FilePurpose = "FILE_PURPOSE_ATTACHMENT") =>
    school.database.transaction((queries) => claimFiles(queries, { ownerId, fileIds, purpose }));
  const seenBy = (id: number, user: number, role: Role = "ROLE_STUDENT"): Promise<boolean> =>
    school.files.getFile({ file_id: id }, school.as(user, { role })).then(
      () => true,
      (error: ApiError) => {
        expect(error.reason).to.equal("FILE_NOT_FOUND");
        return false;
      },
    );
  const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "done",
      (error: unknown) => (error instanceof ApiError ? error.reason : error),
    );
  const keyOf = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
  const sweep = async (): Promise<void> => {
    for (const { run } of sweepSteps(school)) await run(school.database, new AbortController().signal);
  };
  /** Makes everything older than any period of the sweep. */
  const age = async (): Promise<void> => {
    await school.sql("update blobs set touched_at = touched_at - interval '2 days'");
    await school.sql("update files set created_at = created_at - interval '2 days'");
    await school.sql("update file_uploads set started_at = started_at - interval '2 days'");
  };

  describe("a claim", () => {
    it("takes a file once, however many want it at once, and in any order", async () => {
      const anna = await school.person();
      const ids = [(await upload(anna, Buffer.from("one"))).id, (await upload(anna, Buffer.from("two"))).id];
      const { answers, reasons } = await outcomes(
        Array.from({ length: 20 }, (_, index) => claim(anna, index % 2 === 0 ? ids : ids.toReversed())),
      );
      expect(answers).to.have.length(1);
      expect(reasons).to.deep.equal(Array(19).fill("FILE_NOT_USABLE"));
    });

    it("refuses a file of another, of another purpose, that is not there, or is named twice, in the same words", async () => {
      const [anna, boris] = [await school.person(), await school.person()];
      const mine = (await upload(anna, Buffer.from("mine"))).id;
      const theirs = (await upload(boris, Buffer.from("theirs"))).id;
      const proof = (await upload(anna, png, "FILE_PURPOSE_DIPLOMA")).id;
      const words = new Set<string>();
      for (const ids of [[theirs], [mine, theirs], [proof], [999_999], [mine, mine]]) {
        const error = (await claim(anna, ids).catch((caught: unknown) => caught)) as ApiError;
        expect(error.reason).to.equal("FILE_NOT_USABLE");
        words.add(error.detail.replace(/\d+/, "n"));
      }
      expect(words.size).to.equal(1);
      await claim(anna, [mine]);
    });

    it("is undone with the transaction that it is in", async () => {
      const anna = await school.person();
      const { id } = await upload(anna, Buffer.from("again"));
      const failed = school.database.transaction(async (queries) => {
        await claimFiles(queries, { ownerId: anna, fileIds: [id], purpose: "FILE_PURPOSE_ATTACHMENT" });
        throw new Error("no");
      });
      expect(await failed.catch(String)).to.equal("Error: no");
      await claim(anna, [id]);
    });

    it("keeps a file from its own deletion and from the sweep", async () => {
      const anna = await school.person();
      const { id } = await upload(anna, Buffer.from("kept"));
      const unused = await upload(anna, Buffer.from("unused"));
      await claim(anna, [id]);
      expect(await reasonOf(school.files.deleteFile({ file_id: id }, school.as(anna)))).to.equal("FILE_NOT_USABLE");
      await age();
      await sweep();
      expect(await school.blobs.has(keyOf(Buffer.from("kept")))).to.equal(true);
      expect(await school.sql("select id from files where id = any($1)", [[id, unused.id]])).to.deep.equal([{ id }]);
    });
  });

  describe("an avatar", () => {
    const wear = (user: number, avatar_file_id: number) =>
      school.administration.updateUser({ user_id: user, avatar_file_id }, school.as(user));

    it("of twenty that one person takes at once stays one, and the files of the others are gone", async () => {
      const anna = await school.person();
      const files = await Promise.all(upTo(20).map(() => upload(anna, png, "FILE_PURPOSE_AVATAR")));
      const worn = await Promise.all(
        files.map(({ id: avatar_file_id }, at) =>
          (at % 2 ? school : other).administration.updateUser({ user_id: anna, avatar_file_id }, school.as(anna)),
        ),
      );
      expect(new Set(worn.map(({ version }) => version)).size).to.equal(20);
      const last = worn.find(({ version }) => version === 21)!.avatar_file_id;
      expect(await school.sql("select id from files where owner_id = $1", [anna])).to.deep.equal([{ id: last }]);
      expect((await school.users.getUser({ user_id: anna }, school.as(anna))).avatar_file_id).to.equal(last);
    });

    it("is claimed once by twenty changes at once that name the same file, and stays", async () => {
      const anna = await school.person();
      const { id } = await upload(anna, png, "FILE_PURPOSE_AVATAR");
      const worn = await Promise.all(upTo(20).map(() => wear(anna, id)));
      expect(worn.map(({ version, avatar_file_id }) => [version, avatar_file_id])).to.deep.equal(
        Array(20).fill([2, id]),
      );
      expect(await reasonOf(school.files.deleteFile({ file_id: id }, school.as(anna)))).to.equal("FILE_NOT_USABLE");
    });

    it("is left as it was by a change that fails after the file was claimed", async () => {
      const anna = await school.person();
      const [first, second] = [
        await upload(anna, png, "FILE_PURPOSE_AVATAR"),
        await upload(anna, png, "FILE_PURPOSE_AVATAR"),
      ];
      await wear(anna, first.id);
      const admin = await school.account("ROLE_SUPER_ADMIN");
      const { id } = second;
      await school.administration.updateUser({ user_id: admin.id, nick: "nick.of.admin" }, admin.call);
      const change = { user_id: anna, avatar_file_id: id, nick: "nick.of.admin" };
      expect(await reasonOf(school.administration.updateUser(change, school.as(anna)))).to.equal("NICK_TAKEN");
      // Cleared by somebody above, who names a group that is not there.
      const cleared = { user_id: anna, avatar_file_id: 0, group_id: 999_999 };
      expect(await reasonOf(school.administration.updateUser(cleared, admin.call))).to.equal("GROUP_NOT_FOUND");
      expect((await wear(anna, first.id)).version).to.equal(2);
      expect((await wear(anna, id)).avatar_file_id).to.equal(id);
    });

    it("goes with the account, with what nothing uses; what is attached to messages stays", async () => {
      const { id, call, password } = await school.account();
      await upload(id, Buffer.from("loose"));
      const avatar = await upload(id, png, "FILE_PURPOSE_AVATAR");
      const attached = await upload(id, Buffer.from("attached"));
      await wear(id, avatar.id);
      await claim(id, [attached.id]);
      await school.auth.deleteMe({ password }, call);
      expect(await school.sql("select id from files where owner_id = $1", [id])).to.deep.equal([{ id: attached.id }]);
    });
  });

  it("of a message are seen by the members of its chat alone", async () => {
    const [anna, boris, vera] = [await school.person(), await school.person(), await school.person()];
    const chat = await school.chat(anna, boris);
    const { id } = await upload(anna, Buffer.from("for the chat"));
    await school.messages.sendMessage(
      { chat_id: chat, text: "see", client_message_id: undefined, reply_to_id: undefined, file_ids: [id] },
      school.as(anna),
    );
    expect(await Promise.all([anna, boris, vera].map((user) => seenBy(id, user)))).to.deep.equal([true, true, false]);
    expect(await seenBy(id, vera, "ROLE_SUPER_ADMIN")).to.equal(false);
    await school.chats.leaveChat({ chat_id: chat, new_owner_id: boris }, school.as(anna));
    expect(await seenBy(id, anna)).to.equal(false);
  });

  it("of a diploma are seen by its owner and by staff", async () => {
    const [anna, boris] = [await school.person(), await school.person()];
    const { id } = await upload(anna, png, "FILE_PURPOSE_DIPLOMA");
    expect(await seenBy(id, boris, "ROLE_TEACHER")).to.equal(false);
    await claim(anna, [id], "FILE_PURPOSE_DIPLOMA");
    expect(await seenBy(id, anna)).to.equal(true);
    expect(await seenBy(id, boris)).to.equal(false);
    expect(await seenBy(id, boris, "ROLE_TEACHER")).to.equal(true);
    expect(await seenBy(id, boris, "ROLE_SUPER_ADMIN")).to.equal(true);
  });

  describe("the quota", () => {
    it("is not exceeded by twenty uploads at once, and is given back by those that fail", async () => {
      const anna = await school.person();
      let running = 0;
      let most = 0;
      const one = () =>
        withinQuota(school.database, anna, { size: 30, quota: 100 }, async ({ size }) => {
          most = Math.max(most, (running += size));
          await new Promise((resolve) => setImmediate(resolve));
          running -= size;
          throw new ApiError("INVALID_IMAGE", "no");
        });
      const { reasons } = await outcomes(Array.from({ length: 20 }, one));
      expect(reasons.every((reason) => reason === "QUOTA_EXCEEDED" || reason === "INVALID_IMAGE")).to.equal(true);
      expect(most).to.be.at.most(100);
      expect(await school.sql("select id from file_uploads where user_id = $1", [anna])).to.deep.equal([]);
    });
  });

  describe("the sweep", () => {
    it("removes the contents that no file has any more, and no others", async () => {
      const anna = await school.person();
      const [gone, shared] = [Buffer.from("gone"), Buffer.from("shared")];
      const files = [await upload(anna, gone), await upload(anna, shared), await upload(anna, shared)];
      await claim(anna, [files[2]!.id]);
      await school.database.transaction((queries) => releaseFiles(queries, [files[0]!.id, files[1]!.id]));
      await sweep();
      expect(await school.blobs.has(keyOf(gone)), "what was deleted within the hour").to.equal(true);
      await age();
      await sweep();
      expect(await school.blobs.has(keyOf(gone))).to.equal(false);
      expect(await school.blobs.has(keyOf(shared))).to.equal(true);
      expect(await school.sql("select sha256 from blobs where sha256 = sha256('gone')")).to.deep.equal([]);
    });

    it("of a content that is uploaded again at that moment loses none of it", async () => {
      const anna = await school.person();
      const data = Buffer.from("again and again");
      for (let turn = 0; turn < 10; turn++) {
        const { id } = await upload(anna, data);
        await school.files.deleteFile({ file_id: id }, school.as(anna));
        await age();
        const [file] = await Promise.all([upload(anna, data), sweep(), sweep()]);
        const content = (await school.files.getFileContent(
          { file_id: file.id, size: undefined },
          school.as(anna),
        )) as Content;
        expect(await content.open(undefined).then((stream) => stream.destroy() && true), `turn ${turn}`).to.equal(true);
        await school.database.transaction((queries) => releaseFiles(queries, [file.id]));
      }
    });
  });

  it("whose content is lost are told as such, and marked once", async () => {
    const anna = await school.person();
    const data = Buffer.from("to be lost");
    const { id } = await upload(anna, data);
    await school.blobs.remove(keyOf(data));
    const content = (await school.files.getFileContent({ file_id: id, size: undefined }, school.as(anna))) as Content;
    expect(await reasonOf(content.open(undefined))).to.equal("FILE_LOST");
    const lost = () =>
      school.sql("select lost_at is not null as is_lost from blobs where sha256 = $1", [content.sha256]);
    expect(await lost()).to.deep.equal([{ is_lost: true }]);
    await upload(anna, data);
    expect(await lost(), "after the same bytes came again").to.deep.equal([{ is_lost: false }]);
    expect(await reasonOf(content.open(undefined).then((stream) => stream.destroy()))).to.equal("done");
  });

  it("whose store is away are not lost", async () => {
    const anna = await school.person();
    const { id } = await upload(anna, Buffer.from("on a disk"));
    const content = (await school.files.getFileContent({ file_id: id, size: undefined }, school.as(anna))) as Content;
    await rename(school.blobsFolder, `${school.blobsFolder}.away`);
    expect(await reasonOf(content.open(undefined))).to.be.instanceOf(StoreUnavailable);
    await rename(`${school.blobsFolder}.away`, school.blobsFolder);
    expect(await school.sql("select lost_at from blobs where sha256 = $1", [content.sha256])).to.deep.equal([
      { lost_at: undefined },
    ]);
    expect(await reasonOf(content.open(undefined).then((stream) => stream.destroy()))).to.equal("done");
  });

  it("leave nothing where the store fails: no row, no part, no reservation", async () => {
    const anna = await school.person();
    const broken = { ...uploadOf(Buffer.from("half")), receive: () => Promise.reject(new Error("broken off")) };
    const files = await school.files
      .createFile(
        { purpose: "FILE_PURPOSE_ATTACHMENT", content: { content_type: "text/plain", data: Buffer.alloc(0) } },
        school.as(anna, { upload: broken }),
      )
      .catch(String);
    expect(files).to.equal("Error: broken off");
    for (const table of ["files where owner_id", "file_uploads where user_id"])
      expect(await school.sql(`select id from ${table} = $1`, [anna])).to.deep.equal([]);
  });
});
