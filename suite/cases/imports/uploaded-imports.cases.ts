// Cases of imports of files that were uploaded before.
import { matches, timestamp, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { base64, file, named, png } from "../files/some-files.js";
import { importOf, people, untilMade } from "./csv-files.js";

const email = "uploaded.${case}@example.org";
const contentOf = (csv: Fields): Step["send"] => ({ content: csv, purpose: "FILE_PURPOSE_SOURCE" });
/** $file of the teacher: the same bytes each time, which no case makes people of. */
const upload = (more: Partial<Step> = {}): Step => ({
  call: "createFile",
  as: "teacher",
  send: contentOf(people("uploaded@example.org")),
  headers: named("people.csv"),
  answers: 201,
  capture: { file: "id" },
  ...more,
});
/** In Windows-1251: "email,first_name,last_name", and one row. */
const windows = Buffer.from(
  Array.from("email,first_name,last_name\nwindows@example.org,Лев,Чайкин\n", (letter) =>
    letter >= "А" && letter <= "я" ? letter.charCodeAt(0) - 0x350 : letter.charCodeAt(0),
  ),
).toString("base64");

export const uploadedImports: CaseFile = {
  subject: "imports",
  actors: ["alice", "teacher", "admin", "uploader"],
  cases: {
    createImport: {
      "the people of a file are made, as of one that is sent, and the file stays": {
        noisy: true,
        given: [upload({ send: contentOf(people(email)) })],
        steps: [
          {
            as: "teacher",
            send: { file_id: "$file" },
            answers: 201,
            capture: { import: "id" },
            with: { state: "IMPORT_STATE_QUEUED", dry_run: false, rows_total: 1, errors: [], created_at: timestamp },
            answerHeaders: { location: "/v1/imports/${import}" },
          },
          ...untilMade(email),
          {
            call: "getImport",
            as: "teacher",
            send: { import_id: "$import" },
            with: { state: "IMPORT_STATE_DONE", rows_created: 1, errors: [] },
          },
          { as: "teacher", send: { file_id: "$file", dry_run: true }, answers: 201, with: { dry_run: true } },
          { call: "deleteFile", as: "teacher", send: { file_id: "$file" }, answers: 204 },
        ],
      },
      "a file whose content the store has lost is told": {
        server: "strained-files",
        as: "uploader",
        send: { file_id: 2 },
        answers: "FILE_LOST",
      },
      "a file in Windows-1251 is an attachment": {
        given: [
          upload({ send: { content: { content_type: "text/csv", data: windows } } }),
          upload({
            send: { content: { content_type: "text/csv", data: windows }, purpose: "FILE_PURPOSE_SOURCE" },
            answers: "FILE_TYPE_NOT_ALLOWED",
            capture: {},
          }),
        ],
        as: "teacher",
        send: { file_id: "$file", dry_run: true, mode: "IMPORT_MODE_ALL_OR_NONE" },
        answers: 201,
        with: { mode: "IMPORT_MODE_ALL_OR_NONE", rows_total: 1 },
      },
      "a file whose first line is not that of an import is refused": {
        given: [upload({ send: contentOf({ content_type: "text/csv", data: base64("email,shoe\n") }) })],
        as: "teacher",
        send: { file_id: "$file" },
        answers: "INVALID_CSV",
        with: {
          violations: ["csv.unknown_column", "csv.missing_column"].map((rule) => ({
            field: "file_id",
            pointer: "/file_id",
            rule,
            message: matches("."),
          })),
        },
      },
      "an avatar is no file of people": {
        given: [upload({ send: file(png, "AVATAR") })],
        as: "teacher",
        send: { file_id: "$file" },
        answers: "FILE_NOT_USABLE",
      },
      "that of another person is not found, nor one that is deleted": {
        given: [upload()],
        steps: [
          { as: "admin", send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
          { call: "deleteFile", as: "teacher", send: { file_id: "$file" }, answers: 204 },
          { as: "teacher", send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "a retry with the same Idempotency-Key begins no second import": {
        given: [upload()],
        as: "teacher",
        send: { file_id: "$file", dry_run: true },
        headers: { "idempotency-key": "uploaded-${case}" },
        answers: 201,
        turns: 2,
        same: ["id"],
      },
      "of twenty concurrent imports of one file each is an import of its own, and one makes the account": {
        noisy: true,
        given: [upload({ send: contentOf(people(email)) })],
        steps: [
          { as: "teacher", send: { file_id: "$file" }, times: 20, answers: { "201": 20 }, distinct: ["id"] },
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
      "a student imports nobody": { as: "alice", send: { file_id: 1 }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { file_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
