// A school with people who hand in achievements and staff who decide about them, for the tests of achievements.
import type { Achievement, AchievementService } from "../../src/gen/lyceum/v1/achievement.js";
import type { Call, Handlers } from "../../src/call.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { openSchool, type School } from "../support/call-as.js";
import { uploadOf } from "../files/upload-of.js";

export const pdf = (text: string): Buffer => Buffer.from(`%PDF-1.4\n${text}\n%%EOF\n`);

export class AchievementsSchool {
  readonly achievements: Handlers<AchievementService>;
  readonly #staff = new Map<number, Role>();

  constructor(readonly school: School) {
    this.achievements = school.services["lyceum.v1.AchievementService"];
  }

  static async open(url?: string): Promise<AchievementsSchool> {
    return new AchievementsSchool(await openSchool(url));
  }

  /** A teacher, or somebody else of staff; returns the id. */
  async staff(role: Role = "ROLE_TEACHER"): Promise<number> {
    const id = await this.school.person();
    this.#staff.set(id, role);
    await this.school.sql("update users set role = $2 where id = $1", [id, role]);
    return id;
  }

  /** A call of a person, in their role. */
  as(id: number): Call {
    return this.school.as(id, { role: this.#staff.get(id) ?? "ROLE_STUDENT" });
  }

  /** A diploma that nothing uses; returns the id. */
  async diploma(owner: number, text = "diploma", name = "diploma.pdf"): Promise<number> {
    const content = { content_type: "application/pdf", data: Buffer.alloc(0) };
    const call = this.school.as(owner, { upload: uploadOf(pdf(text), name) });
    return (await this.school.files.createFile({ purpose: "FILE_PURPOSE_DIPLOMA", content }, call)).id;
  }

  /** An achievement of a person that waits, with a diploma of its own. */
  async handedIn(owner: number, title = "Olympiad", fileName?: string): Promise<Achievement> {
    const file_id = await this.diploma(owner, title, fileName);
    const draft = { kind: "ACHIEVEMENT_KIND_OLYMPIAD", title, description: "", file_id } as const;
    return this.achievements.createAchievement(draft, this.as(owner));
  }

  async accepted(owner: number, by: number, title?: string, fileName?: string): Promise<Achievement> {
    const { id } = await this.handedIn(owner, title, fileName);
    return this.achievements.acceptAchievement({ achievement_id: id, points: 10 }, this.as(by));
  }

  async rating(user: number): Promise<number> {
    return (await this.school.sql<{ rating: number }>("select rating from users where id = $1", [user]))[0]!.rating;
  }

  /** The kinds of the updates about an achievement, in each of the topics. */
  async updatesOf(id: number): Promise<Record<string, string[]>> {
    const rows = await this.school.sql<{ topic: string; kinds: string[] }>(
      `select split_part(topic, ':', 1) as topic, array_agg(kind order by id) as kinds from updates
        where kind like 'achievement.%' and subject_id = $1 group by topic`,
      [id],
    );
    return Object.fromEntries(rows.map(({ topic, kinds }) => [topic, kinds]));
  }
}
