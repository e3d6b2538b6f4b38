import { expect } from "chai";
import type { Call } from "../../src/call.js";
import type { ListUsersRequest, Role, User } from "../../src/gen/lyceum/v1/user.js";
import { statement } from "../../src/platform/database/statement.js";
import { createUser, deleteUser } from "../../src/users/people.js";
import { openSchool, type School } from "../support/call-as.js";
import { refusal } from "../support/outcomes.js";

// Family names first, in the order of the list: ё equals е, case is ignored, Latin comes before Cyrillic.
const people = [
  ["d'Artagnan", "Charles"],
  ["MacDonald", "Fiona_Anne"],
  ["Smith", "100% John"],
  ["Ёлкин", "Пётр"],
  ["Елкина", "Анна"],
  ["Жуков", "Иван"],
  ["Иванова", "Анна"],
  ["Иванова", "Мария"],
  ["иванова", "Мария"],
  ["Йовович", "Милла"],
  ["Петров", "Иван"],
  ["Яковлев", "back\\slash"],
] as const;

describe("the handlers of users", () => {
  let school: School;
  const created: User[] = [];

  before(async () => {
    school = await openSchool();
    const shuffled = people
      .map((person, index) => [index, ...person] as const)
      .sort(([a], [b]) => ((a * 7) % 12) - ((b * 7) % 12));
    for (const [index, last_name, first_name] of shuffled) {
      const email = `person${index}@example.org`;
      created[index] = await createUser(school.database, { email, first_name, last_name, role: "ROLE_STUDENT" });
    }
    // Two users with the same name are listed in the order of their ids.
    if (created[7]!.id > created[8]!.id) [created[7], created[8]] = [created[8]!, created[7]!];
  });
  after(() => school.close());

  const as = (id: number, role?: Role): Call => school.as(id, role && { role });
  const getUser = (request: { user_id: number }, call: Call) => school.users.getUser(request, call);
  const emailOf = async (user_id: number, call: Call) => (await getUser({ user_id }, call)).email;
  const planOf = (name: string, sql: string) =>
    school.database.transaction(async (queries) => {
      await queries.many(statement("pool", "test-no-scans", "select set_config('enable_seqscan', 'off', true)"), []);
      return JSON.stringify(await queries.many(statement("pool", name, `explain ${sql}`), []));
    });
  const list = (request: Partial<ListUsersRequest> = {}, call = as(0)) =>
    school.users.listUsers({ user_ids: [], ...request }, call);
  const find = async (query: string): Promise<string[]> =>
    (await list({ query })).users.map((user) => `${user.last_name} ${user.first_name}`);

  it("list users by family name, then given name", async () => {
    const { users, next_page_token } = await list();
    expect(users.map(({ id }) => id)).to.deep.equal(created.map(({ id }) => id));
    expect(next_page_token).to.equal("");
  });

  it("list each user once over all pages", async () => {
    const seen: number[] = [];
    let page_token: string | undefined;
    do {
      const { users, next_page_token } = await list({ limit: 5, page_token });
      expect(users.length).to.be.within(1, 5);
      seen.push(...users.map(({ id }) => id));
      page_token = next_page_token;
    } while (page_token);
    expect(seen).to.deep.equal(created.map(({ id }) => id));
  });

  it("skip the number of users that the request names", async () => {
    const { users } = await list({ skip: 10, limit: 5 });
    expect(users.map(({ id }) => id)).to.deep.equal(created.slice(10).map(({ id }) => id));
  });

  it("refuse a page token of another search, a malformed one, and one beside skip", async () => {
    const { next_page_token } = await list({ limit: 1 });
    expect((await refusal(list({ page_token: next_page_token, query: "иван" }))).reason).to.equal("INVALID_PAGE_TOKEN");
    expect((await refusal(list({ page_token: "x" }))).reason).to.equal("INVALID_PAGE_TOKEN");
    expect((await refusal(list({ page_token: next_page_token, skip: 1 }))).reason).to.equal("MALFORMED_REQUEST");
  });

  for (const [query, found] of [
    ["иван", ["Жуков Иван", "Иванова Анна", "Иванова Мария", "иванова Мария", "Петров Иван"]],
    ["ИВАН", ["Жуков Иван", "Иванова Анна", "Иванова Мария", "иванова Мария", "Петров Иван"]],
    ["мария иванов", ["Иванова Мария", "иванова Мария"]],
    ["  мар \t ова ", ["Иванова Мария", "иванова Мария"]],
    ["елк", ["Ёлкин Пётр", "Елкина Анна"]],
    ["ЁЛКИН", ["Ёлкин Пётр", "Елкина Анна"]],
    ["петр", ["Ёлкин Пётр", "Петров Иван"]],
    ["Йов".normalize("NFD"), ["Йовович Милла"]],
    ["donald", ["MacDonald Fiona_Anne"]],
    ["d'a", ["d'Artagnan Charles"]],
    ["%", ["Smith 100% John"]],
    ["_", ["MacDonald Fiona_Anne"]],
    ["\\", ["Яковлев back\\slash"]],
    ["я", ["Иванова Мария", "иванова Мария", "Яковлев back\\slash"]],
    ["иван сидор", []],
    ["нет такого", []],
  ] as const) {
    it(`find by ${JSON.stringify(query)}`, async () => {
      expect((await find(query)).toSorted()).to.deep.equal([...found].toSorted());
    });
  }

  it("treat an empty query as none", async () => {
    expect((await list({ query: "" })).users).to.have.length(people.length);
  });

  it("search page by page", async () => {
    const first = await list({ query: "иван", limit: 3 });
    const second = await list({ query: "иван", limit: 3, page_token: first.next_page_token });
    expect([...first.users, ...second.users].map(({ last_name }) => last_name)).to.deep.equal([
      "Жуков",
      "Иванова",
      "Иванова",
      "иванова",
      "Петров",
    ]);
    expect(second.next_page_token).to.equal("");
  });

  it("show an e-mail address to its owner, to teachers and to super admins", async () => {
    const [mine, other] = created as [User, User];
    expect(await emailOf(mine.id, as(mine.id))).to.equal(mine.email);
    expect(await emailOf(other.id, as(mine.id))).to.equal(undefined);
    expect(await emailOf(other.id, as(mine.id, "ROLE_TEACHER"))).to.equal(other.email);
    expect(await emailOf(other.id, as(mine.id, "ROLE_SUPER_ADMIN"))).to.equal(other.email);
    for (const query of [undefined, "а"]) {
      const visible = async (call: Call) =>
        (await list({ query }, call)).users.filter(({ email }) => email !== undefined);
      const all = (await list({ query })).users;
      expect(await visible(as(0))).to.be.empty;
      expect((await visible(as(all[0]!.id))).map(({ id }) => id)).to.deep.equal([all[0]!.id]);
      expect(await visible(as(0, "ROLE_TEACHER"))).to.have.length(all.length);
    }
  });

  it("return one user, or USER_NOT_FOUND", async () => {
    const [mine] = created as [User];
    const found = await getUser({ user_id: mine.id }, as(mine.id));
    const { profile, ...others } = JSON.parse(JSON.stringify(found)) as User;
    expect(others).to.deep.equal(JSON.parse(JSON.stringify(mine)));
    expect(profile).to.deep.equal({ about: "", links: {}, tech_stack: { words: [] } });
    const error = await refusal(getUser({ user_id: 999 }, as(mine.id)));
    expect(error).to.include({ reason: "USER_NOT_FOUND", detail: "User with id=999 not found" });
  });

  it("make page tokens within the contract's bound for any name", async () => {
    const name = "\u{1F469}".repeat(100);
    for (const number of [1, 2]) {
      const email = `long${number}@example.org`;
      await createUser(school.database, { email, first_name: name, last_name: name, role: "ROLE_STUDENT" });
    }
    const { next_page_token } = await list({ query: "\u{1F469}", limit: 1 });
    expect(next_page_token.length).to.be.within(1, 512);
    expect((await list({ query: "\u{1F469}", page_token: next_page_token })).users).to.have.length(1);
  });

  it("show a deleted user to nobody", async () => {
    const draft = {
      email: "gone@example.org",
      first_name: "Gone",
      last_name: "Withwind",
      role: "ROLE_STUDENT",
    } as const;
    const { id: user_id } = await createUser(school.database, draft);
    const before = (await list({ limit: 100 })).users;
    expect(await find("withwind")).to.deep.equal(["Withwind Gone"]);
    await deleteUser(school.database, { id: user_id, actorId: user_id });
    expect(await find("withwind")).to.deep.equal([]);
    for (const call of [as(0), as(user_id), as(0, "ROLE_SUPER_ADMIN")]) {
      const { users } = await list({ limit: 100 }, call);
      expect(users.map(({ id }) => id)).to.deep.equal(before.map(({ id }) => id).filter((id) => id !== user_id));
      expect((await refusal(getUser({ user_id }, call))).reason).to.equal("USER_NOT_FOUND");
    }
  });

  it("are found in any spelling of their names, by any part of them", async () => {
    const spelled = [
      ["O’Brien", "Zoë"],
      ["Rimsky\u2011Korsakov", "José María"],
      ["Łukasz-Ørsted", "Straße"],
      ["Гётева", "Наталʼя"],
      ["Ντόστόγιος", "می\u200cخواهم"],
      ["Müller\u00a0\u00a0Jr", "İlker"],
      ["김", "하늘"],
      ["50\uff05", "x_y"],
    ] as const;
    const forms = (name: string): string[] => [
      name,
      name.normalize("NFD"),
      name.toUpperCase(),
      name.toLowerCase(),
      name.replace(/[’ʼ]/gu, "'").replaceAll("\u2011", "-"),
      name.replace(/[’ʼ\u200c]/gu, "").replace(/[\u2011-]/gu, " "),
      name.normalize("NFD").replace(/[\u0300-\u036f]/gu, ""),
    ];
    const ids: number[] = [];
    for (const [index, [last_name, first_name]] of spelled.entries()) {
      const draft = { email: `spelled${index}@example.org`, first_name, last_name, role: "ROLE_STUDENT" } as const;
      const { id } = await createUser(school.database, draft);
      ids.push(id);
      for (const name of [last_name, first_name, `${first_name} ${last_name}`])
        for (const query of [...forms(name), ...forms(name).map((form) => [...form].slice(1).join(""))])
          expect(
            (await list({ query })).users.map((user) => user.id),
            `${JSON.stringify(query)} for ${JSON.stringify(name)}`,
          ).to.include(id);
    }
    expect(await find("obrien")).to.deep.equal(["O’Brien Zoë"]);
    expect(await find("lukasz orsted strasse")).to.deep.equal(["Łukasz-Ørsted Straße"]);
    expect(await find("иванов")).to.include("Иванова Анна");
    for (const query of ["%", "_y %"]) expect((await list({ query })).users.map(({ id }) => id)).to.include(ids.at(-1));
    expect(await find("%"), "a full-width sign is no wildcard").to.have.lengthOf(2);
    for (const id of ids) await deleteUser(school.database, { id, actorId: id });
  });

  it("have an index for the search and one for the order", async () => {
    const search = "select id from users where names like name_pattern('Иванов')";
    expect(await planOf("test-search", search)).to.include("users_search");
    const order =
      "select id from users where deleted_at is null and (sort_key, id) > ('иван', 7) order by sort_key, id limit 5";
    expect(await planOf("test-order", order))
      .to.include("users_order")
      .and.not.to.include("Sort");
  });
});
