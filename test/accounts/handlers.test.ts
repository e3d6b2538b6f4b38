import { getRounds } from "bcryptjs";
import { expect } from "chai";
import type { Passwords } from "../../src/accounts/passwords/passwords.js";
import type { Caller } from "../../src/call.js";
import type { Tokens } from "../../src/gen/lyceum/v1/auth.js";
import { openSchool, type School, somebody } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../support/outcomes.js";

describe("the handlers of accounts", () => {
  let here: School;

  before(async () => {
    here = await openSchool();
  });
  after(() => here.close());

  const refresh = (refresh_token = ""): Promise<Tokens> => here.auth.refresh({ refresh_token }, here.as());
  const whoIs = async ({ access_token }: Tokens): Promise<Caller> =>
    here.accounts.authenticate(`Bearer ${access_token}`);

  describe("register", () => {
    it("returns the user, a student, with the e-mail address in lower case", async () => {
      const person = somebody();
      const user = await here.auth.register({ ...person, email: person.email.toUpperCase() }, here.as());
      expect(user).to.include({
        email: person.email,
        first_name: "Мария",
        last_name: "Иванова",
        role: "ROLE_STUDENT",
        version: 1,
      });
      expect(user.created_at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it("stores a bcrypt hash and not the password", async () => {
      const person = { ...somebody(), password: "найди меня" };
      const { id } = await here.auth.register(person, here.as());
      const [row] = await here.sql<{ password_hash: string }>(
        "select password_hash from credentials where user_id = $1",
        [id],
      );
      expect(getRounds(row!.password_hash)).to.equal(4);
      expect(await here.sql("select from users u, credentials c where concat(u, c) like $1", ["%найди меня%"])).to.be
        .empty;
    });

    it("refuses an address that is taken, in any case", async () => {
      const person = somebody();
      await here.auth.register(person, here.as());
      const error = await refusal(here.auth.register({ ...person, email: person.email.toUpperCase() }, here.as()));
      expect(error.reason).to.equal("EMAIL_TAKEN");
    });

    it("makes one account for twenty concurrent calls with the same address", async () => {
      const person = somebody();
      const { answers, reasons } = await outcomes(upTo(20).map(() => here.auth.register(person, here.as())));
      expect(answers).to.have.length(1);
      expect(new Set(reasons)).to.deep.equal(new Set(["EMAIL_TAKEN"]));
      const found = await here.sql("select from users u join credentials c on c.user_id = u.id where u.email = $1", [
        person.email,
      ]);
      expect(found).to.have.length(1);
    });

    it("is refused where registration is closed", async () => {
      const { register } = here.authWith({ registration: "closed" });
      expect(await reasonOf(register(somebody(), here.as()))).to.equal("REGISTRATION_CLOSED");
    });
  });

  describe("login", () => {
    it("returns tokens of the user", async () => {
      const { id, tokens } = await here.account();
      expect(tokens).to.include({ token_type: "bearer", expires_in: 600 });
      expect(await whoIs(tokens)).to.include({ id, role: "ROLE_STUDENT" });
    });

    it("accepts the address in any case, with blanks around it", async () => {
      const { email, password } = await here.account();
      await here.auth.login({ email: `  ${email.toUpperCase()} `, password }, here.as());
    });

    it("refuses a wrong password and an unknown address with the same error and a challenge", async () => {
      const { email, password } = await here.account();
      const wrong = await refusal(here.auth.login({ email, password: `${password}!` }, here.as()));
      const unknown = await refusal(here.auth.login({ email: "nobody@example.org", password }, here.as()));
      expect(wrong.reason).to.equal("INVALID_CREDENTIALS");
      expect(wrong.more.headers).to.deep.equal({ "WWW-Authenticate": 'Bearer realm="lyceum"' });
      expect([unknown.reason, unknown.detail, unknown.more]).to.deep.equal([wrong.reason, wrong.detail, wrong.more]);
    });

    it("compares one hash in each case, so that the time does not reveal whether an account exists", async () => {
      const { email } = await here.account();
      const asked: (string | undefined)[] = [];
      const passwords: Passwords = {
        ...here.accounts.passwords,
        compare(password, hash) {
          asked.push(hash);
          return here.accounts.passwords.compare(password, hash);
        },
      };
      const { login } = here.authWith({ passwords });
      for (const attempt of [
        { email, password: "wrong horse" },
        { email: "nobody@example.org", password: "wrong horse" },
        { email, password: "x".repeat(73) },
      ])
        await refusal(login(attempt, here.as()));
      expect(asked.map((hash) => typeof hash)).to.deep.equal(["string", "undefined", "string"]);
    });

    it("refuses a password whose first 72 bytes alone are right", async () => {
      const person = { ...somebody(), password: "п".repeat(36) };
      await here.auth.register(person, here.as());
      await here.auth.login(person, here.as());
      const longer = { ...person, password: `${person.password}!` };
      expect(await reasonOf(here.auth.login(longer, here.as()))).to.equal("INVALID_CREDENTIALS");
    });

    it("begins a session each time", async () => {
      const { id, email, password, caller } = await here.account();
      const { sessionId } = await whoIs(await here.auth.login({ email, password }, here.as()));
      const sessions = await here.sql<{ id: string }>("select id from sessions where user_id = $1", [id]);
      expect(sessions.map(({ id }) => id)).to.have.members([caller.sessionId, sessionId]);
    });
  });

  describe("refresh", () => {
    it("exchanges a token for new ones of the same session", async () => {
      const { tokens } = await here.account();
      const next = await refresh(tokens.refresh_token);
      expect(next.refresh_token).not.to.equal(tokens.refresh_token);
      expect(next.access_token).not.to.equal(tokens.access_token);
      expect(await whoIs(next)).to.deep.equal(await whoIs(tokens));
    });

    it("gives twenty concurrent calls the same child", async () => {
      const { tokens } = await here.account();
      const { answers, reasons } = await outcomes(upTo(20).map(() => refresh(tokens.refresh_token)));
      expect(reasons).to.deep.equal([]);
      const children = new Set(answers.map(({ refresh_token }) => refresh_token));
      expect(children.size).to.equal(1);
      expect([...children][0]).not.to.equal(tokens.refresh_token);
      await refresh([...children][0]!);
    });

    it("gives the same child again while that is unused", async () => {
      const { tokens } = await here.account();
      const first = await refresh(tokens.refresh_token);
      const again = await refresh(tokens.refresh_token);
      expect(again.refresh_token).to.equal(first.refresh_token);
    });

    it("revokes the session when a parent is used after its child", async () => {
      const { tokens } = await here.account();
      const child = await refresh(tokens.refresh_token);
      const grandchild = await refresh(child.refresh_token);
      const error = await refusal(refresh(tokens.refresh_token));
      expect(error.reason).to.equal("INVALID_REFRESH_TOKEN");
      expect(error.more.headers).to.deep.equal({ "WWW-Authenticate": 'Bearer realm="lyceum"' });
      expect(await reasonOf(refresh(grandchild.refresh_token))).to.equal("INVALID_REFRESH_TOKEN");
      for (const dead of [tokens, child, grandchild]) expect(await reasonOf(whoIs(dead))).to.equal("INVALID_TOKEN");
    });

    it("revokes the session when a token is used again more than 30 seconds later", async () => {
      const { tokens } = await here.account();
      const { sessionId } = await whoIs(tokens);
      const child = await refresh(tokens.refresh_token);
      const age = (seconds: number) =>
        here.sql("update sessions set rotated_at = now() - make_interval(secs => $2) where id = $1", [
          sessionId,
          seconds,
        ]);
      await age(25);
      expect((await refresh(tokens.refresh_token)).refresh_token).to.equal(child.refresh_token);
      await age(31);
      expect(await reasonOf(refresh(tokens.refresh_token))).to.equal("INVALID_REFRESH_TOKEN");
      expect(await reasonOf(refresh(child.refresh_token))).to.equal("INVALID_REFRESH_TOKEN");
    });

    it("revokes only the session whose token was used twice", async () => {
      const { email, password, tokens } = await here.account();
      const other = await here.auth.login({ email, password }, here.as());
      await refresh((await refresh(tokens.refresh_token)).refresh_token);
      await refusal(refresh(tokens.refresh_token));
      await whoIs(other);
      await refresh(other.refresh_token);
    });

    it("revokes the session when a parent and its child race in twenty calls", async () => {
      const { tokens } = await here.account();
      const child = await refresh(tokens.refresh_token);
      const racing = upTo(20).map((number) => refresh((number % 2 ? child : tokens).refresh_token));
      const { reasons } = await outcomes(racing);
      expect(reasons.filter((reason) => reason !== "INVALID_REFRESH_TOKEN")).to.deep.equal([]);
      // In every order the parent is used after the child here, which revokes the session.
      await refusal(refresh(tokens.refresh_token));
      expect(await reasonOf(whoIs(tokens))).to.equal("INVALID_TOKEN");
    });

    it("refuses an expired token and a forged one, and revokes no session for it", async () => {
      const { tokens } = await here.account();
      const { sessionId } = await whoIs(tokens);
      for (const token of ["x", "A".repeat(72), tokens.access_token, `${tokens.refresh_token} `])
        expect(await reasonOf(refresh(token))).to.equal("INVALID_REFRESH_TOKEN");
      await here.sql("update sessions set expires_at = now() - interval '1 second' where id = $1", [sessionId]);
      expect(await reasonOf(refresh(tokens.refresh_token))).to.equal("INVALID_REFRESH_TOKEN");
      await whoIs(tokens);
    });

    it("puts a changed role into the access token", async () => {
      const { id, tokens } = await here.account();
      await here.sql("update users set role = 'ROLE_TEACHER' where id = $1", [id]);
      expect(await whoIs(await refresh(tokens.refresh_token))).to.include({ role: "ROLE_TEACHER" });
    });

    it("goes on with a session to its last day, and no longer, however often it is refreshed", async () => {
      const { tokens, id } = await here.account();
      const age = (days: number) =>
        here.sql("update sessions set created_at = now() - make_interval(days => $2) where user_id = $1", [id, days]);
      const left = async () =>
        (
          await here.sql<{ days: number }>(
            "select round(extract(epoch from expires_at - now()) / 86400)::int as days from sessions where user_id = $1",
            [id],
          )
        )[0]!.days;
      expect(await left()).to.equal(30);
      await age(360);
      const last = await refresh(tokens.refresh_token);
      expect(await left()).to.equal(5);
      await age(366);
      await refresh(last.refresh_token);
      expect(await reasonOf(refresh(last.refresh_token))).to.equal("INVALID_REFRESH_TOKEN");
    });

    it("stores neither a token nor its MAC in the database", async () => {
      const { tokens } = await here.account();
      const rows = JSON.stringify(await here.sql("select to_jsonb(s) as session from sessions s"));
      const mac = Buffer.from(tokens.refresh_token, "base64url").subarray(-32);
      for (const form of [tokens.refresh_token, mac.toString("base64url"), mac.toString("hex"), mac.toString("base64")])
        expect(rows).not.to.include(form);
    });
  });

  describe("logout", () => {
    it("invalidates both tokens before the response", async () => {
      const { tokens } = await here.account();
      const caller = await whoIs(tokens);
      expect(await here.auth.logout({}, here.as(caller))).to.deep.equal({});
      expect(await reasonOf(whoIs(tokens))).to.equal("INVALID_TOKEN");
      expect(await reasonOf(refresh(tokens.refresh_token))).to.equal("INVALID_REFRESH_TOKEN");
    });

    it("leaves the user's other sessions valid, and may be called twice", async () => {
      const { email, password, tokens } = await here.account();
      const other = await here.auth.login({ email, password }, here.as());
      const caller = await whoIs(tokens);
      await here.auth.logout({}, here.as(caller));
      await here.auth.logout({}, here.as(caller));
      await whoIs(other);
      await refresh(other.refresh_token);
    });
  });

  describe("get me", () => {
    it("returns the caller with the e-mail address", async () => {
      const { id, email, tokens } = await here.account();
      expect(await here.auth.getMe({}, here.as(await whoIs(tokens)))).to.include({ id, email });
    });

    it("refuses a token whose account does not exist any more", async () => {
      const { id, tokens } = await here.account();
      await here.sql("delete from users where id = $1", [id]);
      expect(await reasonOf(here.auth.getMe({}, here.as(await whoIs(tokens))))).to.equal("INVALID_TOKEN");
    });
  });
});
