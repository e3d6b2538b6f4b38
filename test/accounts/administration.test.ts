// What is done to the accounts of others, at once and from two processes.
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { insertSession } from "../../src/accounts/sessions/store.js";
import { holdCredential } from "../../src/accounts/store.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { type Account, openSchool, type School, somebody } from "../support/call-as.js";
import { seeded, upTo } from "../support/numbers.js";
import { outcomes, reasonOf } from "../support/outcomes.js";

describe("the accounts of others", function () {
  this.timeout(120_000);
  let here: School;
  let there: School;

  before(async () => {
    here = await openSchool();
    there = await openSchool(here.url);
  });
  after(async () => {
    await there.close();
    await here.close();
  });

  const superAdmins = () =>
    here.sql<{ id: number }>(
      "select id from users where role = 'ROLE_SUPER_ADMIN' and deleted_at is null and suspended_at is null",
    );

  it("one super admin at least is left, whatever twenty do to each other and to themselves", async () => {
    const random = seeded(46);
    for (let round = 0; round < 6; round++) {
      await here.sql("update users set role = 'ROLE_TEACHER' where role = 'ROLE_SUPER_ADMIN'");
      const admins: Account[] = [];
      for (const _ of upTo(round < 3 ? 2 : 5)) admins.push(await here.account("ROLE_SUPER_ADMIN"));
      const acts = upTo(20).map((number) => {
        const school = number % 2 ? here : there;
        const [actor, other] = [admins[random(admins.length)]!, admins[random(admins.length)]!];
        const call = school.as(actor.caller);
        const user_id = other.id;
        switch (random(4)) {
          case 0:
            return school.administration.updateUser({ user_id, role: "ROLE_TEACHER" }, call);
          case 1:
            return school.administration.suspendUser({ user_id }, call);
          case 2:
            return school.administration.deleteUser({ user_id }, call);
          default:
            return school.auth.deleteMe(actor, call);
        }
      });
      const { answers, reasons } = await outcomes<object>(acts);
      expect(answers.length, "some of it happened").to.be.greaterThan(0);
      expect(new Set(reasons)).to.satisfy((all: Set<string>) =>
        [...all].every((one) => ["PERMISSION_DENIED", "INVALID_TOKEN", "USER_NOT_FOUND"].includes(one)),
      );
      expect((await superAdmins()).length, `round ${round}`).to.be.greaterThan(0);
    }
  });

  it("who lost a role or was suspended a moment ago does nothing more with it, in any process", async () => {
    for (const end of ["updateUser", "suspendUser"] as const) {
      const [admin, fallen, student] = [
        await here.account("ROLE_SUPER_ADMIN"),
        await here.account("ROLE_SUPER_ADMIN"),
        await here.account(),
      ];
      await here.administration[end](
        { user_id: fallen.id, ...(end === "updateUser" && { role: "ROLE_TEACHER" }) },
        admin.call,
      );
      // The caller was authenticated before.
      const call = there.as(fallen.caller);
      const acts = [
        there.administration.suspendUser({ user_id: student.id }, call),
        there.administration.updateUser({ user_id: student.id, role: "ROLE_SUPER_ADMIN" }, call),
        there.administration.deleteUser({ user_id: admin.id }, call),
        there.administration.createUser({ ...somebody(), role: "ROLE_SUPER_ADMIN" }, call),
      ];
      expect(await Promise.all(acts.map(reasonOf))).to.deep.equal(acts.map(() => "INVALID_TOKEN"));
    }
  });

  it("no session is left of twenty logins and refreshes beside a suspension or a new role, and no token is good", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    for (const act of ["suspendUser", "updateUser"] as const) {
      const person = await here.account();
      const { id: user_id } = person;
      const ending = here.administration[act](
        { user_id, ...(act === "updateUser" && { role: "ROLE_TEACHER" as Role }) },
        admin.call,
      );
      const begun = await outcomes([
        ...upTo(10).map((number) => (number % 2 ? here : there).auth.login(person, here.as())),
        ...upTo(10).map((number) =>
          (number % 2 ? here : there).auth.refresh({ refresh_token: person.tokens.refresh_token }, here.as()),
        ),
      ]);
      await ending;
      const live = await here.sql<{ role: Role }>(
        "select u.role from sessions s join users u on u.id = s.user_id where u.id = $1 and s.revoked_at is null",
        [user_id],
      );
      // A login after a change of the role is one with the new role.
      if (act === "suspendUser") expect(live).to.deep.equal([]);
      for (const tokens of begun.answers) {
        const who = await Promise.resolve(here.accounts.authenticate(`Bearer ${tokens.access_token}`)).then(
          ({ role }) => role,
          () => "refused",
        );
        expect(who).to.be.oneOf(act === "suspendUser" ? ["refused"] : ["refused", "ROLE_TEACHER"]);
      }
    }
  });

  it("a session that was beginning when its person was suspended, or got another role, ends too", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    for (const change of [{}, { role: "ROLE_TEACHER" }] as const) {
      const { id: user_id } = await here.account();
      let isEnded = false;
      let ended: Promise<unknown> | undefined;
      await here.database.transaction(async (queries) => {
        await holdCredential(queries, user_id);
        await insertSession(queries, user_id, 1, { deviceName: "", userAgent: "", address: "" });
        const act = "role" in change ? "updateUser" : "suspendUser";
        ended = there.administration[act]({ user_id, ...change }, admin.call).finally(() => (isEnded = true));
        const waiting = "select from pg_locks where not granted";
        while (!isEnded && (await there.sql(waiting)).length === 0) await pause(5);
      });
      await ended;
      const live = "select from sessions where user_id = $1 and revoked_at is null";
      expect(await here.sql(live, [user_id])).to.deep.equal([]);
    }
  });

  it("an invite is mailed where mail is on, and handed to the maker where it is off", async () => {
    const teacher = await here.account("ROLE_TEACHER");
    const draft = somebody();
    const mailed = await here.administration.createUser({ ...draft, role: "ROLE_STUDENT" }, teacher.call);
    expect(mailed).not.to.have.property("invite_url");
    const mail = here.mails.at(-1)!;
    expect(mail.to).to.deep.equal({ name: `${draft.first_name} ${draft.last_name}`, address: draft.email });
    expect(mail.text).to.match(/\nhttp:\/\/localhost:8080\/accept-invite#token=[\w-]{43}\n/);

    const silent = here.administrationWith({
      mailer: { isOn: false, send: () => expect.fail("mail is off") },
    });
    const { invite_url = "" } = await silent.resendInvite({ user_id: mailed.id }, teacher.call);
    const token = new URLSearchParams(invite_url.slice(invite_url.indexOf("#") + 1)).get("token")!;
    const tokens = await here.administration.acceptInvite({ token, password: "correct horse" }, here.as());
    expect(await here.accounts.authenticate(`Bearer ${tokens.access_token}`)).to.include({ id: mailed.id });
  });

  it("a link is stored as a hash, and an act is recorded without it", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    const silent = here.administrationWith({ mailer: { isOn: false, send: async () => {} } });
    const { id, invite_url = "" } = await silent.createUser({ ...somebody(), role: "ROLE_TEACHER" }, admin.call);
    const token = invite_url.split("=")[1]!;
    await silent.suspendUser({ user_id: id, reason: "Найди меня" }, admin.call);
    await silent.restoreUser({ user_id: id }, admin.call);
    await silent.updateUser({ user_id: id, role: "ROLE_SUPER_ADMIN", first_name: "Ada" }, admin.call);
    await silent.deleteUser({ user_id: id }, admin.call);
    const rows = await here.sql<{ action: string; actor_id: number }>(
      "select action, actor_id from audit_events where target_type = 'user' and target_id = $1 order by id",
      [String(id)],
    );
    expect(rows).to.deep.equal(
      ["invite", "suspend", "restore", "rename", "make_super_admin", "delete"].map((act) => ({
        action: `user.${act}`,
        actor_id: admin.id,
      })),
    );
    for (const text of [token, "Найди меня"])
      expect(await here.sql("select from audit_events e where concat(e) like $1", [`%${text}%`])).to.deep.equal([]);
    expect(await here.sql("select from one_time_links l where concat(l) like $1", [`%${token}%`])).to.deep.equal([]);
  });

  it("nothing of a suspension is left of an account that has ended", async () => {
    const [admin, person] = [await here.account("ROLE_SUPER_ADMIN"), await here.account()];
    await here.administration.suspendUser({ user_id: person.id, reason: "Why" }, admin.call);
    await here.administration.deleteUser({ user_id: person.id }, admin.call);
    expect(
      await here.sql("select suspended_at, suspension_reason, invited_at from users where id = $1", [person.id]),
    ).to.deep.equal([{ suspended_at: undefined, suspension_reason: "", invited_at: undefined }]);
  });

  it("an invite is too old after seven days", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    const silent = here.administrationWith({ mailer: { isOn: false, send: async () => {} } });
    const {
      id,
      invite_url = "",
      invited_at,
      invite_expires_at,
    } = await silent.createUser({ ...somebody(), role: "ROLE_STUDENT" }, admin.call);
    expect(Date.parse(invite_expires_at) - Date.parse(invited_at)).to.equal(7 * 24 * 3_600_000);
    await here.sql("update one_time_links set expires_at = expires_at - interval '7 days' where user_id = $1", [id]);
    const accept = silent.acceptInvite({ token: invite_url.split("=")[1]!, password: "correct horse" }, here.as());
    expect(await reasonOf(accept)).to.equal("LINK_NOT_VALID");
  });
});
