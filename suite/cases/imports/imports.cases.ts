// Cases of imports: accounts from a CSV file.
import {
  bytesOf,
  including,
  matches,
  size,
  timestamp,
  type CaseFile,
  type Fields,
  type Step,
} from "../../../runner/cases/case.js";
import { nobody } from "../accounts/invited.js";
import { fileOf, importOf, people, untilMade } from "./csv-files.js";

const email = "imported.${case}@example.org";
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
/** The only import of an account has ended for certain. */
const ended: Step = { call: "cancelImport", as: "teacher", send: { import_id: "$import" }, times: 2, answers: "*" };

export const imports: CaseFile = {
  subject: "imports",
  actors: ["alice", "teacher", "admin"],
  cases: {
    getImport: {
      "its person and super admins see it": {
        given: [importOf(email), ...untilMade(email)],
        steps: [
          get({ with: { id: "$import", state: "IMPORT_STATE_DONE", rows_created: 1, errors: [] } }),
          get({ as: "admin", with: { id: "$import" } }),
        ],
      },
      "for others there is none": {
        given: [{ ...dryRun, as: "admin" }],
        steps: [
          get({ answers: "IMPORT_NOT_FOUND" }),
          get({ send: { import_id: nobody }, answers: "IMPORT_NOT_FOUND" }),
          get({ as: "alice", answers: "PERMISSION_DENIED" }),
        ],
      },
      "needs a login": { send: { import_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    listImports: {
      "those of the caller are in it, without their errors": {
        given: [importOf(email), ...untilMade(email)],
        noisy: true,
        as: "teacher",
        with: { imports: including({ id: "$import", errors: [] }) },
      },
      "a page token that no page had is refused": {
        as: "teacher",
        send: { page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "a student has none": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    listImportErrors: {
      "all of them come, in the order of their lines": {
        given: [
          {
            call: "importUsers",
            as: "teacher",
            send: { file: people(email, "nobody", "nobody") },
            answers: 201,
            capture: { import: "id" },
          },
          ...untilMade(email),
        ],
        as: "teacher",
        send: { import_id: "$import" },
        exactly: {
          errors: [
            error(3, "email", "string.email"),
            error(4, "email", "string.email"),
            error(4, "email", "email.duplicate"),
          ],
          next_page_token: "",
        },
      },
      "those of another person are not found": {
        given: [{ ...dryRun, as: "admin" }],
        as: "teacher",
        send: { import_id: "$import" },
        answers: "IMPORT_NOT_FOUND",
      },
      "a page token that no page had is refused": {
        given: [dryRun],
        as: "teacher",
        send: { import_id: "$import", page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { import_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    cancelImport: {
      "ends an import under way, and none that has ended": {
        // With passwords, it is not over before the next call.
        given: [
          {
            call: "importUsers",
            as: "admin",
            send: {
              file: fileOf(
                "email,first_name,last_name,password",
                ...Array.from({ length: 150 }, (_, at) => `p${at}.\${case}@example.org,Ann,Row,a long password`),
              ),
            },
            answers: 201,
            capture: { import: "id" },
          },
        ],
        steps: [
          {
            as: "admin",
            send: { import_id: "$import" },
            with: { id: "$import", state: "IMPORT_STATE_CANCELLED", ended_at: timestamp },
          },
          {
            as: "admin",
            send: { import_id: "$import" },
            answers: "IMPORT_ENDED",
            with: { code: "FAILED_PRECONDITION" },
          },
        ],
        noisy: true,
      },
      "of twenty concurrent calls at most one ends it": {
        // It may have ended by itself.
        noisy: true,
        given: [dryRun],
        steps: [
          { as: "teacher", send: { import_id: "$import" }, times: 20, answers: "*" },
          { as: "teacher", send: { import_id: "$import" }, answers: "IMPORT_ENDED" },
        ],
      },
      "that of another person is not found": {
        given: [{ ...dryRun, as: "admin" }],
        as: "teacher",
        send: { import_id: "$import" },
        answers: "IMPORT_NOT_FOUND",
      },
      "needs a login": { send: { import_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    renewImportInvites: {
      "those who have not accepted get a new link by mail, and the earlier one works no longer": {
        given: [importOf(email), ...untilMade(email)],
        noisy: true,
        steps: [
          {
            as: "teacher",
            send: { import_id: "$import" },
            with: { content_type: "text/csv" },
            answerHeaders: {
              "cache-control": "no-store",
              "content-disposition": matches('^attachment; filename="invites-[-\\d]+\\.csv"$'),
            },
          },
          { call: "acceptInvite", send: { token: "$link", password: "a long password" }, answers: "LINK_NOT_VALID" },
          ...untilMade(email),
          { call: "acceptInvite", send: { token: "$link", password: "a long password" } },
        ],
      },
      "an import that made nobody has a file without rows": {
        noisy: true,
        given: [dryRun, ended],
        as: "teacher",
        send: { import_id: "$import" },
        exactly: { content_type: "text/csv", data: bytesOf("\ufeffid,email,first_name,last_name,link\r\n") },
      },
      "that of another person is not found": {
        given: [{ ...dryRun, as: "admin" }],
        as: "teacher",
        send: { import_id: "$import" },
        answers: "IMPORT_NOT_FOUND",
      },
      "needs a login": { send: { import_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    exportUsers: {
      "those whom the filters leave, as a file that is not kept": {
        noisy: true,
        as: "teacher",
        send: { role: "ROLE_SUPER_ADMIN", school_class: 3 },
        with: { content_type: "text/csv", data: size(88) },
        answerHeaders: {
          "cache-control": "no-store",
          "content-disposition": matches('^attachment; filename="users-[-\\d]+\\.csv"$'),
        },
      },
      "a student has none": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
