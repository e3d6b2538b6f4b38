// Changes of profiles: at once, recorded, and what is free again afterwards.
import { expect } from "chai";
import { loadContract } from "../../../src/contract/model/load.js";
import { routeWords } from "../../../src/contract/model/http-route.js";
import type { UpdateUserRequest } from "../../../src/gen/lyceum/v1/account.js";
import { isReservedNick } from "../../../src/users/profile/nick.js";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../../support/outcomes.js";

describe("a change of a profile", function () {
  this.timeout(30_000);
  let school: School;
  let admin: Account;
  let teacher: Account;

  before(async () => {
    school = await openSchool();
    admin = await school.account("ROLE_SUPER_ADMIN");
    teacher = await school.account("ROLE_TEACHER");
  });
  after(() => school.close());

  const update = (by: Account, request: UpdateUserRequest) => school.administration.updateUser(request, by.call);
  const links = (id: number) => ({
    telegram: `https://t.me/name${id}`,
    github: `name${id}`,
    stepik: `${id}`,
    kaggle: `name${id}`,
    website: "https://example.org",
  });
  const everything = (id: number): Omit<UpdateUserRequest, "user_id"> => ({
    nick: `Nick${id}`,
    profile: { about: "About", links: links(id), tech_stack: { words: ["Go"] } },
  });

  for (const [what, claim] of [
    ["a nick", (id: number, at: number) => ({ user_id: id, nick: at % 2 ? "Twenty" : "twentY" })],
    [
      "a link",
      (id: number, at: number) => ({ user_id: id, profile: { links: { github: at % 2 ? "Twenty" : "twentY" } } }),
    ],
  ] as const)
    it(`of twenty people who claim ${what} at once succeeds for one`, async () => {
      const there = await openSchool(school.url);
      const ids = await Promise.all(upTo(20).map(() => school.person()));
      const { answers, reasons } = await outcomes(
        ids.map((id, at) => (at % 3 ? school : there).administration.updateUser(claim(id, at), school.as(id))),
      );
      await there.close();
      expect(answers).to.have.length(1);
      expect(reasons).to.deep.equal(Array(19).fill(what === "a nick" ? "NICK_TAKEN" : "LINK_TAKEN"));
      expect(answers[0]!.version).to.equal(2);
    });

  it("of one person by twenty at once with one tag is one change", async () => {
    const id = await school.person();
    const { answers, reasons } = await outcomes(
      upTo(20).map((at) =>
        school.administration.updateUser({ user_id: id, nick: `same${at}x` }, school.as(id, { ifMatch: [1] })),
      ),
    );
    expect(answers.map(({ version }) => version)).to.deep.equal([2]);
    expect(reasons).to.deep.equal(Array(19).fill("PRECONDITION_FAILED"));
  });

  it("is free for others when the account has ended", async () => {
    const [gone, next] = [await school.person(), await school.person()];
    const claimed = everything(gone);
    await update(admin, { user_id: gone, ...claimed });
    expect(await reasonOf(update(admin, { user_id: next, nick: claimed.nick }))).to.equal("NICK_TAKEN");
    expect(await reasonOf(update(admin, { user_id: next, profile: claimed.profile }))).to.equal("LINK_TAKEN");
    await school.administration.deleteUser({ user_id: gone }, admin.call);
    const { nick, profile } = await update(admin, { user_id: next, ...claimed });
    expect(nick).to.equal(`Nick${gone}`);
    expect(profile!.links.github).to.equal(`https://github.com/name${gone}`);
    const [left] = await school.sql<Record<string, unknown>>("select * from users where id = $1", [gone]);
    for (const text of Object.values(left!).map(String)) expect(text).not.to.match(/nick|name\d|About/i);
  });

  it("raises the version by one, and not at all when it changes nothing", async () => {
    const id = await school.person();
    const all = { ...everything(id), patronymic_name: "П", school_class: 3, rating: 5, role: "ROLE_STUDENT" } as const;
    expect((await update(teacher, { user_id: id, ...everything(id) })).version).to.equal(2);
    const { version } = await update(admin, { user_id: id, ...all });
    expect(version).to.equal(3);
    expect((await update(admin, { user_id: id, ...all })).version).to.equal(3);
    expect((await update(admin, { user_id: id, nick: `nick${id}` })).version).to.equal(4);
    // A change that is refused changes nothing of the others either.
    expect(await reasonOf(update(teacher, { user_id: id, rating: 9, role: "ROLE_TEACHER" }))).to.equal(
      "PERMISSION_DENIED",
    );
    expect((await update(admin, { user_id: id })).rating).to.equal(5);
  });

  it("is recorded by what it was, and of oneself only where it is more than a profile", async () => {
    const person = await school.account();
    const acts = async (): Promise<string[]> => {
      const rows = await school.sql<{ action: string; actor_id: number }>(
        "select action, actor_id from audit_events where target_type = 'user' and target_id = $1 and action like 'user.%' order by id",
        [String(person.id)],
      );
      return rows.map(({ action, actor_id }) => `${action} by ${actor_id === person.id ? "oneself" : actor_id}`);
    };
    await update(person, { user_id: person.id, ...everything(person.id) });
    await update(admin, { user_id: person.id, ...everything(person.id) });
    expect(await acts()).to.deep.equal([]);
    await update(teacher, { user_id: person.id, nick: "" });
    await update(teacher, { user_id: person.id, profile: { links: { website: "" } } });
    await update(teacher, { user_id: person.id, patronymic_name: "П" });
    await update(teacher, { user_id: person.id, rating: 5, school_class: 3 });
    // Nothing changes.
    await update(teacher, { user_id: person.id, rating: 5, school_class: 3, patronymic_name: "П" });
    const byTeacher = ["edit_profile", "edit_profile", "rename", "set_class", "set_rating"];
    expect(await acts()).to.deep.equal(byTeacher.map((act) => `user.${act} by ${teacher.id}`));
    await update(admin, { user_id: admin.id, nick: "Boss", rating: 7 });
    const own = "select action from audit_events where target_id = $1 and actor_id = $2 and action like 'user.%'";
    expect(await school.sql(own, [String(admin.id), admin.id])).to.deep.equal([{ action: "user.set_rating" }]);
  });

  it("keeps the other fields when two people change different ones at once", async () => {
    const person = await school.account();
    const user_id = person.id;
    await Promise.all([
      ...upTo(10).map(() => update(person, { user_id, profile: { about: "Mine" } })),
      ...upTo(10).map(() => update(teacher, { user_id, rating: 10, profile: { links: { website: "https://a.b/" } } })),
    ]);
    const { profile, rating, version } = await update(admin, { user_id });
    expect([profile!.about, profile!.links.website, rating, version]).to.deep.equal(["Mine", "https://a.b/", 10, 3]);
  });

  it("has no word of any path of the contract as a nick, in any case", async () => {
    const { methods } = loadContract(new URL("../../../proto", import.meta.url).pathname);
    const segments = new Set(methods.flatMap(({ path }) => path.split("/")).filter((part) => /^[^{]/.test(part)));
    const reserved = routeWords(methods);
    expect(segments.size).to.be.greaterThan(20);
    for (const word of segments)
      for (const nick of [word, word.toUpperCase(), word[0]!.toUpperCase() + word.slice(1)])
        expect(isReservedNick(nick, reserved), nick).to.equal(true);
    for (const nick of ["admin", "NULL"]) expect(isReservedNick(nick, new Set())).to.equal(true);
    for (const nick of ["vera", "user", "by.nick"]) expect(isReservedNick(nick, reserved), nick).to.equal(false);
    const refused = await refusal(update(admin, { user_id: admin.id, nick: "By-Nick" }));
    expect(refused.reason).to.equal("INVALID_FIELDS");
    expect(refused.more.violations).to.deep.equal([
      {
        field: "nick",
        pointer: "/nick",
        rule: "nick.reserved",
        message: "is a word of a path, or could be taken for one",
      },
    ]);
  });
});
