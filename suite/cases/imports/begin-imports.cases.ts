// Cases of imports: accounts from a CSV file, and what is wrong with one.
import {
  absent,
  bytesOf,
  matches,
  timestamp,
  type CaseFile,
  type Fields,
  type Step,
} from "../../../runner/cases/case.js";
import { fileOf, importOf, people, untilMade } from "./csv-files.js";

const email = "imported.${case}@example.org";
const begun: Fields = {
  state: "IMPORT_STATE_QUEUED",
  rows_done: 0,
  rows_created: 0,
  rows_refused: 0,
  ended_at: absent,
};
const dryRun: Step = {
  call: "importUsers",
  as: "teacher",
  send: { file: people(email), dry_run: true },
  answers: 201,
  capture: { import: "id" },
};
const error = (line: number, column: string, rule: string): Fields => ({ line, column, rule, message: matches(".") });
const get = (more: Partial<Step> = {}): Step => ({
  call: "getImport",
  as: "teacher",
  send: { import_id: "$import" },
  ...more,
});
export const beginImports: CaseFile = {
  subject: "imports",
  actors: ["alice", "teacher", "admin"],
  cases: {
    importUsers: {
      "a teacher begins an import, which is answered at once": {
        as: "teacher",
        send: { file: people(email), dry_run: true, mode: "IMPORT_MODE_ALL_OR_NONE" },
        answers: 201,
        capture: { import: "id" },
        with: {
          ...begun,
          dry_run: true,
          mode: "IMPORT_MODE_ALL_OR_NONE",
          rows_total: 1,
          errors: [],
          created_at: timestamp,
        },
        answerHeaders: { location: "/v1/imports/${import}" },
      },
      "a file is of the type that a system has for CSV, such as that of a spreadsheet": {
        steps: ["application/vnd.ms-excel", "application/octet-stream", "text/plain"].map((content_type) => ({
          as: "teacher",
          send: { file: { ...people(email), content_type }, dry_run: true },
          answers: 201,
          with: { rows_total: 1 },
        })),
      },
      "good rows are made, and the others told by line, column and rule, all at once": {
        steps: [
          {
            as: "teacher",
            send: {
              file: fileOf(
                "Почта;Имя;Фамилия;Роль;Класс",
                `${email};Маша;"Ор;лова";ученик;7`,
                "",
                "nobody;;Петров;teacher;12",
                `IMPORTED.\${case}@example.org;"Ма\nша";Петров;;x`,
              ),
            },
            answers: 201,
            capture: { import: "id" },
            with: { rows_total: 3 },
          },
          ...untilMade(email),
          get({
            with: {
              state: "IMPORT_STATE_DONE",
              rows_done: 3,
              rows_created: 1,
              rows_refused: 2,
              ended_at: timestamp,
              errors: [
                error(4, "role", "csv.role"),
                error(4, "email", "string.email"),
                error(4, "first_name", "string.min_len"),
                error(4, "class", "int32.lte"),
                error(5, "class", "csv.class"),
                error(5, "first_name", "text.line_break"),
                error(5, "email", "email.duplicate"),
              ],
            },
          }),
        ],
      },
      "a dry run makes nobody, and an address that an account has is told": {
        given: [importOf(email), ...untilMade(email)],
        steps: [
          dryRun,
          importOf("second.${case}@example.org"),
          ...untilMade("second.${case}@example.org"),
          { ...dryRun, send: { file: people("third.${case}@example.org", email), dry_run: true } },
          importOf("fourth.${case}@example.org", "second.${case}@example.org"),
          ...untilMade("fourth.${case}@example.org"),
          get({ with: { rows_created: 1, rows_refused: 1, errors: [error(3, "email", "email.taken")] } }),
          {
            call: "createUser",
            as: "teacher",
            send: { email: "third.${case}@example.org", first_name: "Ann", last_name: "Row" },
            answers: 201,
          },
        ],
      },
      "all rows or none, as the request says": {
        steps: [
          {
            as: "teacher",
            send: { file: people(email, "nobody"), mode: "IMPORT_MODE_ALL_OR_NONE" },
            answers: 201,
            capture: { none: "id" },
          },
          {
            as: "teacher",
            send: { file: people("a.${case}@example.org", "b.${case}@example.org"), mode: "IMPORT_MODE_ALL_OR_NONE" },
            answers: 201,
            capture: { import: "id" },
          },
          ...untilMade("b.${case}@example.org"),
          get({ with: { state: "IMPORT_STATE_DONE", rows_created: 2, rows_done: 2 } }),
          {
            call: "getImport",
            as: "teacher",
            send: { import_id: "$none" },
            with: { state: "IMPORT_STATE_DONE", rows_created: 0, rows_refused: 1, rows_done: 2 },
          },
        ],
      },
      "who is imported with a password logs in with it": {
        steps: [
          {
            as: "admin",
            send: {
              file: fileOf(
                "password,role,email,first_name,last_name",
                `"a ""long"" password",teacher,${email},Ann,Row`,
                "12345678,,easy.${case}@example.org,Ann,Row",
                ",,last.${case}@example.org,Ann,Row",
              ),
            },
            answers: 201,
            capture: { import: "id" },
          },
          ...untilMade("last.${case}@example.org"),
          get({ as: "admin", with: { rows_created: 2, errors: [error(3, "password", "password.common")] } }),
          { call: "login", send: { email, password: 'a "long" password' }, capture: { token: "access_token" } },
          { call: "getMe", token: "$token", with: { role: "ROLE_TEACHER", invited_at: absent } },
        ],
      },
      "a quote that is not closed is told by its line, and nothing behind it is read": {
        steps: [
          {
            as: "teacher",
            send: {
              file: fileOf(
                "email,first_name,last_name",
                `${email},Ann,Row`,
                'b@example.org,"Ann,Row',
                "c@example.org,Ann,Row",
              ),
            },
            answers: 201,
            capture: { import: "id" },
            with: { rows_total: 2 },
          },
          ...untilMade(email),
          get({ with: { rows_done: 2, rows_created: 1, rows_refused: 1, errors: [error(3, "", "csv.quote")] } }),
        ],
      },
      "a file whose first line is not that of an import is refused": {
        steps: [
          { first: "email,first_name", rules: ["csv.missing_column"] },
          { first: "email,first_name,last_name,shoe", rules: ["csv.unknown_column"] },
          { first: "email,first_name,last_name,Почта", rules: ["csv.repeated_column"] },
          {
            first: "a@example.org,Ann,Row",
            rules: ["csv.unknown_column", "csv.missing_column"],
          },
          { first: "", rules: ["csv.empty"] },
        ].map(({ first, rules }) => ({
          as: "teacher",
          send: { file: { content_type: "text/csv", data: bytesOf(first) } },
          answers: "INVALID_CSV",
          with: {
            code: "INVALID_ARGUMENT",
            violations: rules.map((rule) => ({ field: "file", pointer: "/file", rule, message: matches(".") })),
          },
        })),
      },
      "of twenty concurrent imports of one address one makes the account": {
        noisy: true,
        steps: [
          { as: "teacher", send: { file: people(email) }, times: 20, answers: { "201": 20 }, distinct: ["id"] },
          { call: "importUsers", as: "admin", send: { file: people(email) }, answers: 201 },
          ...untilMade(email),
          importOf("last.${case}@example.org"),
          ...untilMade("last.${case}@example.org"),
          {
            call: "createUser",
            as: "teacher",
            send: { email, first_name: "Ann", last_name: "Row" },
            answers: "EMAIL_TAKEN",
          },
        ],
      },
      "a retry with the same Idempotency-Key begins no second import": {
        as: "teacher",
        send: { file: people(email), dry_run: true },
        headers: { "idempotency-key": "import-${case}" },
        answers: 201,
        turns: 2,
        same: ["id"],
      },
      "a student imports nobody": { as: "alice", send: { file: people(email) }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { file: people(email) }, answers: "UNAUTHENTICATED" },
    },
  },
};
