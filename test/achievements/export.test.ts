// The export: which files are in the zip and how they are called, what the list says, and a file that is lost.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import type { StreamedBody } from "../../src/contract/streams/streamed-body.js";
import type { ExportAchievementsRequest } from "../../src/gen/lyceum/v1/achievement.js";
import { StoreUnavailable } from "../../src/platform/blobs/blob-store.js";
import { upTo } from "../support/numbers.js";
import { readZip } from "../platform/zip/read-zip.js";
import { AchievementsSchool, pdf } from "./school-achievements.js";

describe("the export of achievements", function () {
  this.timeout(60_000);
  let here: AchievementsSchool;
  let teacher: number;

  before(async () => {
    here = await AchievementsSchool.open();
    teacher = await here.staff();
  });
  after(() => here.school.close());

  async function exported(request: Partial<ExportAchievementsRequest> = {}): Promise<Map<string, Buffer>> {
    const body = await here.achievements.exportAchievements(request, here.as(teacher));
    return readZip(await buffer((body as StreamedBody).pieces));
  }
  const listIn = (zip: Map<string, Buffer>): string => zip.get("achievements.md")!.toString();
  const filesIn = (zip: Map<string, Buffer>): string[] =>
    [...zip.keys()].filter((name) => name.startsWith("files/")).map((name) => name.slice("files/".length));

  it("has the file and the description of each accepted achievement, and of no other", async () => {
    const anna = await here.school.person("Анна", "Петрова");
    const [one, two] = [
      await here.accepted(anna, teacher, "Олимпиада"),
      await here.accepted(anna, teacher, "Ещё одна"),
    ];
    await here.handedIn(anna, "Waits");
    const revoked = await here.accepted(anna, teacher, "Revoked");
    await here.achievements.revokeAchievement({ achievement_id: revoked.id, reason: "No" }, here.as(teacher));
    const zip = await exported({ user_id: anna });
    expect([...zip.keys()]).to.deep.equal([
      `files/${one.id} diploma.pdf`,
      `files/${two.id} diploma.pdf`,
      "achievements.md",
    ]);
    expect(zip.get(`files/${one.id} diploma.pdf`)).to.deep.equal(pdf("Олимпиада"));
    const list = listIn(zip);
    expect(list)
      .to.contain(`\n## ${one.id}: Олимпиада\n`)
      .and.contain("- Person: Петрова Анна\n- Kind: olympiad\n- Points: 10\n");
    expect(list).to.contain(`- File: [files\\/${one.id} diploma\\.pdf](<files/${one.id}%20diploma.pdf>)\n`);
    expect(list).not.to.contain("Waits").and.not.to.contain("Revoked");
  });

  it("is recorded in the audit", async () => {
    await exported();
    const [act] = await here.school.sql<object>(
      "select action, actor_id from audit_events where action = 'achievement.export' order by id desc limit 1",
    );
    expect(act).to.deep.equal({ action: "achievement.export", actor_id: teacher });
  });

  it("is of those alone whom the filters choose", async () => {
    const [anna, boris] = [await here.school.person(), await here.school.person()];
    const [group] = await here.school.sql<{ id: number }>(
      "insert into groups (name, colour) values ('10-А', '#00aa00') returning id",
    );
    await here.school.sql("update users set group_id = $2 where id = $1", [anna, group!.id]);
    const [one, two] = [await here.accepted(anna, teacher), await here.accepted(boris, teacher)];
    const idsOf = async (request: ExportAchievementsRequest): Promise<number[]> =>
      filesIn(await exported(request)).map((name) => Number.parseInt(name));
    expect(await idsOf({ group_id: group!.id })).to.deep.equal([one.id]);
    expect(listIn(await exported({ group_id: group!.id }))).to.contain("(10\\-А\\)");
    expect(await idsOf({ created_after: one.created_at })).to.deep.equal(
      two.created_at > one.created_at ? [two.id] : [],
    );
    expect(await idsOf({ created_before: "2000-01-01T00:00:00.000Z" })).to.deep.equal([]);
    expect(await idsOf({ user_id: boris, kind: "ACHIEVEMENT_KIND_EVENT" })).to.deep.equal([]);
  });

  it("gives files safe names of their own, whatever they were called, and texts are no markup", async () => {
    const anna = await here.school.person();
    const names = ["../../etc/passwd.pdf", "a.pdf", "a.pdf", "CON.pdf", "Ё".repeat(300) + ".pdf", "..\\evil.pdf", ""];
    const made = [];
    for (const name of names) made.push(await here.accepted(anna, teacher, "# [x](javascript:y) <b>\u2029`z`", name));
    const zip = await exported({ user_id: anna });
    const files = filesIn(zip);
    expect(files).to.have.length(names.length);
    expect(new Set(files.map((name) => name.toLowerCase()))).to.have.length(names.length);
    for (const [at, name] of files.entries()) {
      expect(name).to.match(/^\d+ [^/\\:*?"<>|\p{Cc}]+$/u);
      expect(Buffer.byteLength(name)).to.be.at.most(255);
      expect(Number.parseInt(name)).to.equal(made[at]!.id);
    }
    expect(files[4]).to.match(/^\d+ Ё+\.pdf$/);
    expect(listIn(zip))
      .to.contain("\\# \\[x\\]\\(javascript\\:y\\) \\<b\\>")
      .and.not.to.match(/<b>|[^\\]`z/);
  });

  it("names a file that is lost, and has all others", async () => {
    const anna = await here.school.person();
    const made = [];
    for (const at of upTo(3)) made.push(await here.accepted(anna, teacher, `Number ${at}`));
    const lost = made[1]!.file!.sha256;
    await rm(join(here.school.blobsFolder, lost.slice(0, 2), lost.slice(2, 4), lost));
    const zip = await exported({ user_id: anna });
    expect(filesIn(zip)).to.deep.equal([`${made[0]!.id} diploma.pdf`, `${made[2]!.id} diploma.pdf`]);
    expect(listIn(zip)).to.contain(`## ${made[1]!.id}: Number 2`).and.contain("- File: lost: diploma\\.pdf\n");
    expect(listIn(zip).match(/- File: \[/g)).to.have.length(2);
  });

  it("is of more achievements than a page of either of its passes has", async () => {
    const anna = await here.school.person();
    const { id, file } = await here.accepted(anna, teacher);
    await here.school.sql(
      `with f as (
         insert into files (owner_id, purpose, name, media_type, claimed_at)
         select owner_id, purpose, name, media_type, claimed_at from files, generate_series(1, 600) where id = $2
         returning id
       ), c as (
         insert into file_contents (file_id, side, sha256, size)
         select f.id, 0, c.sha256, c.size from f, file_contents c where c.file_id = $2
       )
       insert into achievements (user_id, kind, title, description, file_id, state, points, moderator_id, moderated_at)
       select user_id, kind, title, description, f.id, state, points, moderator_id, moderated_at from achievements, f
        where achievements.id = $1`,
      [id, file!.id],
    );
    const zip = await exported({ user_id: anna });
    expect(filesIn(zip)).to.have.length(601);
    expect(listIn(zip).match(/^## /gm)).to.have.length(601);
  });

  it("tells of a store that does not answer before its first byte, and breaks off behind it", async () => {
    const anna = await here.school.person();
    const keys = new Set(
      (await Promise.all(upTo(2).map((at) => here.accepted(anna, teacher, `Store ${at}`)))).map(
        ({ file }) => file!.sha256,
      ),
    );
    const { blobs } = here.school;
    const open = blobs.open.bind(blobs);
    let opened = 0;
    for (const reachable of [0, 1]) {
      opened = 0;
      blobs.open = (key, options) =>
        keys.has(key) && opened++ >= reachable
          ? Promise.reject(new StoreUnavailable("the store is gone"))
          : open(key, options);
      const failed = await exported({ user_id: anna }).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(StoreUnavailable);
    }
    blobs.open = open;
    expect(filesIn(await exported({ user_id: anna }))).to.have.length(2);
  });
});
