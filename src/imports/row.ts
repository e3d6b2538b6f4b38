// One row of a file: what it asks for, by the rules that CreateUser and AcceptInvite have.
import { isCommonPassword } from "../accounts/passwords/common-passwords.js";
import { canonicalEmail } from "../contract/validation/email.js";
import { validator } from "../contract/validation/validate.js";
import type { Contract } from "../contract/model/load.js";
import { ApiError } from "../errors.js";
import type { AcceptInviteRequest, CreateUserRequest } from "../gen/lyceum/v1/account.js";
import type { ImportError } from "../gen/lyceum/v1/import.js";
import type { FieldViolation } from "../gen/lyceum/v1/problem.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import { withoutApostrophe } from "../platform/csv/write-csv.js";
import type { CsvRow } from "../platform/csv/read-csv.js";
import { isAbove } from "../users/standing.js";
import type { Column, Header } from "./columns.js";

/** What a row asks for. The address is in its one spelling. */
export interface RowDraft {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly patronymic_name: string;
  readonly role: Role;
  readonly school_class?: number;
  /** The name of a group, in lower case; absent for none. */
  readonly group?: string;
  /** Absent for an invite. */
  readonly password?: string;
}

/** What a row is made of, and what is wrong with it. */
export interface ReadRow {
  readonly line: number;
  readonly draft: RowDraft;
  readonly errors: readonly ImportError[];
}

/** Reads a row for somebody with a role. It needs no database. */
export type RowReader = (row: CsvRow, header: Pick<Header, "positions" | "width">, by: Role) => Promise<ReadRow>;

const roles: ReadonlyMap<string, Role> = new Map([
  ["", "ROLE_STUDENT"],
  ...["student", "role_student", "ученик", "ученица", "студент"].map((name) => [name, "ROLE_STUDENT"] as const),
  ...["teacher", "role_teacher", "учитель", "преподаватель"].map((name) => [name, "ROLE_TEACHER"] as const),
  ...["super_admin", "role_super_admin", "администратор"].map((name) => [name, "ROLE_SUPER_ADMIN"] as const),
]);

/** How a role is written in an export. */
export const roleNames: Readonly<Record<Role, string>> = {
  ROLE_STUDENT: "student",
  ROLE_TEACHER: "teacher",
  ROLE_SUPER_ADMIN: "super_admin",
};

const yes = ["1", "yes", "true", "да"];
const no = ["0", "no", "false", "нет"];

/** The columns of the fields of CreateUserRequest whose names differ. */
const columnOf = (field: string): string => (field === "school_class" ? "class" : field);

/** Prepares the reader of rows. `appName` is a word that no password is made of. */
export function rowReader({ root }: Pick<Contract, "root">, appName: string): RowReader {
  const validateUser = validator(root.lookupType("lyceum.v1.CreateUserRequest"));
  const validatePassword = validator(root.lookupType("lyceum.v1.AcceptInviteRequest"));

  return async ({ line, cells }, { positions, width }, by) => {
    const errors: ImportError[] = [];
    const refuse = (column: string, rule: string, message: string): void =>
      void errors.push({ line, column, rule, message });
    const cell = (column: Column): string => cells[positions.get(column) ?? -1] ?? "";
    const text = (column: Column): string => withoutApostrophe(cell(column).trim());

    if (cells.length < width || cells.slice(width).some((extra) => extra.trim() !== ""))
      refuse("", "csv.cells", `has ${cells.length} cells, where the first line has ${width}`);

    const role = roles.get(
      text("role")
        .toLowerCase()
        .replaceAll(/[\s-]+/g, "_"),
    );
    if (!role) refuse("role", "csv.role", "is none of student, teacher, super_admin");
    else if (!isAbove(by, role)) refuse("role", "csv.role", "is not for you to make: teachers make students");

    const school = text("class");
    if (!/^\d{0,9}$/.test(school)) refuse("class", "csv.class", "is not a whole number");

    const request: CreateUserRequest = {
      email: text("email"),
      first_name: text("first_name"),
      last_name: text("last_name"),
      role: role ?? "ROLE_STUDENT",
      patronymic_name: text("patronymic_name"),
      school_class: Number(/^\d{1,9}$/.exec(school)?.[0] ?? 0),
    };
    for (const { field, rule, message } of violationsOf(() => validateUser(request as never)))
      refuse(columnOf(field), rule, message);

    const password = cell("password");
    if (password !== "") {
      const accept: Partial<AcceptInviteRequest> = { token: "x", password };
      const broken = violationsOf(() => validatePassword(accept as never));
      for (const { rule, message } of broken) refuse("password", rule, message);
      const names = [request.first_name, request.last_name];
      if (broken.length === 0 && (await isCommonPassword(password, { email: request.email, names, appName })))
        refuse("password", "password.common", "is easy to guess");
    }
    const invite = text("invite").toLowerCase();
    if (invite !== "" && ![...yes, ...no].includes(invite)) refuse("invite", "csv.invite", "is neither yes nor no");
    if (yes.includes(invite) && password !== "") refuse("invite", "csv.invite", "is yes, beside a password");
    if (no.includes(invite) && password === "") refuse("invite", "csv.invite", "is no, without a password");

    const group = text("group").toLowerCase();
    const draft: RowDraft = {
      email: canonicalEmail(request.email),
      first_name: request.first_name,
      last_name: request.last_name,
      patronymic_name: request.patronymic_name ?? "",
      role: request.role,
      ...(request.school_class && { school_class: request.school_class }),
      ...(group !== "" && { group }),
      ...(password !== "" && { password }),
    };
    return { line, draft, errors };
  };
}

/** The rules that a message breaks. */
function violationsOf(validate: () => void): readonly FieldViolation[] {
  try {
    validate();
    return [];
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === "INVALID_FIELDS")) throw error;
    return error.more.violations ?? [];
  }
}
