// Who sees what of a person: the table in the comment of the message User, played.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import protobuf from "protobufjs";
import type { Role, User } from "../../../src/gen/lyceum/v1/user.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { isAbove } from "../../../src/users/standing.js";
import { openSchool, type School } from "../../support/call-as.js";

const proto = new URL("../../../proto", import.meta.url);
const roles: readonly Role[] = ["ROLE_STUDENT", "ROLE_TEACHER", "ROLE_SUPER_ADMIN"];

/** What the words of the first column mean; another one that is no field fails the test. */
const words: Readonly<Record<string, readonly string[]>> = {
  names: ["first_name", "last_name", "patronymic_name"],
  class: ["school_class"],
  group: ["group_id"],
  avatar: ["avatar_file_id"],
};
const subjects: Readonly<Record<string, readonly Role[]>> = {
  "profile of a teacher or super admin": ["ROLE_TEACHER", "ROLE_SUPER_ADMIN"],
  "profile of a student": ["ROLE_STUDENT"],
};

interface Row {
  readonly fields: readonly string[];
  readonly of: readonly Role[];
  /** By column: yes, no, or "who may suspend them". */
  readonly cells: Readonly<Record<string, string>>;
}

function readTable(): Row[] {
  const text = readFileSync(new URL("proto/lyceum/v1/user.proto", new URL("../../../", import.meta.url)), "utf8");
  const [header, ...lines] = [...text.matchAll(/^\/\/ {5}(\S.*)$/gm)].map(([, line]) => line!.split(/ {2,}/));
  return lines.map(([first = "", ...cells]) => ({
    of: subjects[first] ?? roles,
    fields: first in subjects ? ["profile"] : first.split(", ").flatMap((word) => words[word] ?? word),
    cells: Object.fromEntries(cells.map((cell, at) => [header![at + 1]!, cell])),
  }));
}

describe("what is seen of a person", () => {
  const table = readTable();
  let school: School;
  let group: number;
  before(async () => {
    school = await openSchool();
    const insert = "insert into groups (name, colour) values ('10 A', '#aabbcc') returning id";
    group = (await school.sql<{ id: number }>(insert))[0]!.id;
  });
  after(() => school.close());

  /** A person of whom everything is set. */
  async function subject(role: Role): Promise<number> {
    const id = await school.person();
    const insert = `insert into files (owner_id, purpose, name, media_type, claimed_at)
                    values ($1, 'FILE_PURPOSE_AVATAR', 'a.webp', 'image/webp', now()) returning id`;
    const [file] = await school.sql<{ id: number }>(insert, [id]);
    await school.sql(
      `update users set role = $2, nick = 'nick' || id, patronymic_name = 'P', school_class = 9, group_id = $3, avatar_file_id = $4,
              rating = 5, about = 'A', invited_at = now(), suspended_at = now(), suspension_reason = 'R' where id = $1`,
      [id, role, group, file!.id],
    );
    return id;
  }

  it("has a row in the table for each field of User", () => {
    const { root } = loadContract(proto.pathname);
    const named = table.flatMap(({ fields }) => fields);
    const fields = (root.lookup("lyceum.v1.User") as protobuf.Type).fieldsArray.map(({ name }) => name);
    expect([...new Set(named)].toSorted()).to.deep.equal(fields.toSorted());
  });

  it("is what the table says, by every read of a person, for every viewer", async () => {
    const stranger = await school.person();
    await school.sql("update users set school_class = 8 where id = $1", [stranger]);
    const classmates = [await school.person(), await school.person()] as const;
    await school.sql("update users set school_class = 9 where id = $1", [classmates[0]]);
    await school.sql("update users set group_id = $2 where id = $1", [classmates[1], group]);
    const viewers = [
      { id: stranger, role: "ROLE_STUDENT" as Role, columns: ["everybody"] },
      ...classmates.map((id) => ({ id, role: "ROLE_STUDENT" as Role, columns: ["everybody", "classmates"] })),
      ...(["ROLE_TEACHER", "ROLE_SUPER_ADMIN"] as const).map((role) => ({
        id: stranger,
        role: role as Role,
        columns: ["everybody", "teachers and super admins"],
      })),
    ];
    for (const role of roles) {
      const id = await subject(role);
      const ownColumns = ["everybody", "oneself", ...(role === "ROLE_STUDENT" ? [] : ["teachers and super admins"])];
      for (const viewer of [...viewers, { id, role, columns: ownColumns }]) {
        const call = school.as(viewer.id, { role: viewer.role });
        const sees = ({ cells }: Row): boolean =>
          viewer.columns.some((column) => {
            if (cells[column] === undefined) throw new Error(`the table has no column ${column}`);
            return cells[column] === "who may suspend them" ? isAbove(viewer.role, role) : cells[column] === "yes";
          });
        const due = table.filter((row) => row.of.includes(role) && sees(row)).flatMap(({ fields }) => fields);
        const seen = (user: User): string[] =>
          Object.entries(user).flatMap(([field, value]) => (value === undefined ? [] : [field]));
        const what = `a ${role} as ${viewer.role} ${viewer.columns}`;
        const found = await school.users.getUser({ user_id: id }, call);
        expect(seen(found), what).to.have.members(due);
        const byNick = await school.users.getUserByNick({ nick: `NICK${id}` }, call);
        expect(byNick, what).to.deep.equal(found);
        if (viewer.id === id) expect(await school.auth.getMe({}, call), what).to.deep.equal(found);
        const { users } = await school.users.listUsers({ user_ids: [id] }, call);
        const keys = seen(users[0]!).filter((key) => key !== "sort_key" && key !== "moment");
        expect(keys, `${what}, in a list`).to.have.members(due.filter((field) => field !== "profile"));
      }
    }
  });
});
