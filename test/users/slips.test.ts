// A search in names forgives a slip of one letter, and no more.
import { expect } from "chai";
import type { ListUsersRequest, User } from "../../src/gen/lyceum/v1/user.js";
import { openSchool, type School } from "../support/call-as.js";

const russian = "абвгдежзийклмнопрстуфхцчшщъыьэюя";
const latin = "abcdefghijklmnopqrstuvwxyz";

/** Numbers that look random, the same in each run. */
let state = 20261129;
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const letterOf = (letters: string): string => letters[random(letters.length)]!;
const wordOf = (letters: string): string => Array.from({ length: 4 + random(9) }, () => letterOf(letters)).join("");

/** A word with one letter that is wrong, missing or one too many, or with two that are swapped. */
function slipIn(word: string, letters: string): string {
  const at = random(word.length);
  const [before, after] = [word.slice(0, at), word.slice(at + 1)];
  return [
    () => before + letterOf(letters) + after,
    () => before + after,
    () => before + letterOf(letters) + word.slice(at),
    () => before + after.slice(0, 1) + word[at]! + after.slice(1),
  ][random(4)]!();
}

/** Whether words differ by one slip at most. */
function isNear(a: string, b: string): boolean {
  if (a === b) return true;
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && long[at] === short[at]) at += 1;
  const rest = long.slice(at + 1);
  if (long.length > short.length) return rest === short.slice(at);
  return (
    rest === short.slice(at + 1) ||
    (long[at] === short[at + 1] && long[at + 1] === short[at] && long.slice(at + 2) === short.slice(at + 2))
  );
}

/** Whether a word of a search is a part of a name, or with a slip what the name has from the beginning of one of its words on. */
function isFoundBy(word: string, name: string): boolean {
  if (name.includes(word)) return true;
  if (word.length < 4) return false;
  const starts = [0, ...Array.from(name.matchAll(/ /g), ({ index }) => index + 1)];
  return starts.some((at) =>
    [-1, 0, 1].some((more) => {
      const part = name.slice(at, at + word.length + more);
      // With less than four letters nothing but a whole word.
      const isLongEnough = part.length >= 4 || `${name} `.startsWith(`${part} `, at);
      return isLongEnough && part.length === word.length + more && isNear(word, part);
    }),
  );
}

describe("a search with a slip", () => {
  let school: School;
  before(async () => (school = await openSchool()));
  after(() => school.close());

  const list = (request: Partial<ListUsersRequest>) =>
    school.users.listUsers({ user_ids: [], ...request }, school.as(1));
  const find = async (query: string) => {
    const { users, is_similar } = await list({ query, limit: 100 });
    return { is_similar, names: users.map(({ last_name, first_name }) => `${last_name} ${first_name}`) };
  };

  it("finds thousands of names by one random slip in one of their words", async () => {
    const rows = Array.from({ length: 2_000 }, (_, at) => {
      const letters = at % 2 ? russian : latin;
      const words = [wordOf(letters), wordOf(letters), wordOf(letters)];
      const chosen = words[random(3)]!;
      const slip = slipIn(chosen, letters);
      return { words, slip: slip.length < 4 ? chosen : slip };
    });
    const missed = await school.sql<{ name: string; slip: string }>(
      `select * from (select unnest($1::text[]) as name, unnest($2::text[]) as slip) n
        where not ' ' || name_part(name) || ' ' like any (name_slips(slip))`,
      [rows.map(({ words }) => words.join(" ")), rows.map(({ slip }) => slip)],
    );
    expect(missed).to.deep.equal([]);
  });

  it("finds exactly those who begin with the word save for one slip", async () => {
    const letters = "абв";
    // Of three letters, so that many names are near each other.
    const people = Array.from(
      { length: 300 },
      () => [wordOf(letters).slice(0, 7), wordOf(letters).slice(0, 5)] as const,
    );
    await school.sql(
      `insert into users (email, last_name, first_name)
       select gen_random_uuid() || '@example.org', unnest($1::text[]), unnest($2::text[])`,
      [people.map(([last]) => last), people.map(([, first]) => first)],
    );
    const names = people.map((name) => name.join(" "));
    let similar = 0;
    for (let turn = 0; turn < 120; turn++) {
      const [last, first] = people[turn]!;
      const slip = slipIn(last, `${letters}г`);
      const words = turn % 3 === 0 ? [first.slice(0, 3), slip] : [slip];
      const { is_similar, names: found } = await find(words.join(" "));
      const exact = names.filter((name) => words.every((word) => name.includes(word)));
      const near = names.filter((name) => words.every((word) => isFoundBy(word, name)));
      const expected = exact.length > 0 ? exact : near;
      const what = `${words.join(" ")} for ${last} ${first}`;
      expect(is_similar, what).to.equal(exact.length === 0 && near.length > 0);
      if (expected.length <= 100) expect(found.toSorted(), what).to.deep.equal(expected.toSorted());
      similar += Number(is_similar);
    }
    expect(similar, "searches of which there was something to forgive").to.be.greaterThan(30);
    await school.sql("delete from users");
  });

  it("looks at last, first and patronymic name and nick, in any order, and at ё as е", async () => {
    const id = await school.person("Семён", "Королёв");
    await school.sql("update users set patronymic_name = 'Артёмович', nick = 'semyon_k' where id = $1", [id]);
    for (const query of ["семен", "СЕМЁН", "артемович королев", "королёв артём", "semyon_k семён", "yon_"])
      expect(await find(query), query).to.deep.equal({ is_similar: false, names: ["Королёв Семён"] });
    for (const query of ["симён", "королв", "артёмвоич семен", "semiyon", "карол", "семин королёв", "семен карол"])
      expect(await find(query), query).to.deep.equal({ is_similar: true, names: ["Королёв Семён"] });
    for (const query of ["сим", "сеиён сеиён петров", "кораллв", "ролеев", "%емён%%", "с_м_н"])
      expect(await find(query), query).to.deep.equal({ is_similar: false, names: [] });
  });

  it("is not forgiven while somebody has the name as it is, on any page", async () => {
    await school.person("Anna", "Markova");
    const ids = [await school.person("Anna", "Merkova"), await school.person("Boris", "Merkova")];
    expect(await find("merkova")).to.deep.equal({ is_similar: false, names: ["Merkova Anna", "Merkova Boris"] });
    expect((await list({ query: "merkova", skip: 2 })).users).to.deep.equal([]);
    const pages: User[] = [];
    for (let page_token: string | undefined; ;) {
      const page = await list({ query: "murkova", limit: 1, ...(page_token ? { page_token } : {}) });
      expect(page.is_similar).to.equal(true);
      pages.push(...page.users);
      if (!page.next_page_token) break;
      page_token = page.next_page_token;
      // Now somebody has it; the list remains one of similar names.
      if (pages.length === 1) await school.person("Zoe", "Murkova");
    }
    expect(pages.map(({ last_name, first_name }) => `${last_name} ${first_name}`)).to.deep.equal([
      "Markova Anna",
      "Merkova Anna",
      "Merkova Boris",
      "Murkova Zoe",
    ]);
    expect(await find("murkova")).to.deep.equal({ is_similar: false, names: ["Murkova Zoe"] });
    expect((await list({ query: "mirkova", skip: 1 })).users.map(({ id }) => id)).to.include(ids[0]);
  });

  it("is forgiven among those whom the filters choose", async () => {
    const id = await school.person("Petra", "Vasilenko");
    await school.sql("update users set school_class = 7 where id = $1", [id]);
    await school.person("Petra", "Vasilinka");
    expect((await list({ query: "vasilinka", school_class: 7 })).users).to.deep.equal([]);
    expect((await list({ query: "vasilinko", school_class: 7 })).users.map((user) => user.id)).to.deep.equal([id]);
  });
});
