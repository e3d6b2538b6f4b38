// Cases of avatars: a picture is uploaded, worn, seen by everybody, replaced and cleared.
import { absent, type CaseFile, type Fields, type Given, type Step } from "../../../runner/cases/case.js";
import { file, named, png } from "../files/some-files.js";
import { person } from "./invited.js";

const unusable = "FILE_NOT_USABLE";
/** Uploads a file of the person with the session $access. */
const upload = (name: string, purpose = "AVATAR"): Step => ({
  call: "createFile",
  token: "$access",
  send: file(png, purpose),
  headers: named("me.png"),
  answers: 201,
  capture: { [name]: "id" },
});
const wear = (avatar_file_id: Fields[string], answers: Step["answers"] = 200): Step => ({
  call: "updateUser",
  token: "$access",
  send: { user_id: "$id", avatar_file_id },
  answers,
});
const small = (name: string, answers: Step["answers"] = 200): Step => ({
  call: "getFileContent",
  as: "alice",
  send: { file_id: `$${name}`, size: 64 },
  answers,
});
const student: readonly Given[] = person("ROLE_STUDENT");

export const avatars: CaseFile = {
  subject: "avatars",
  actors: ["alice", "teacher", "admin"],
  cases: {
    updateUser: {
      "a picture that was uploaded for it becomes the avatar, which everybody sees until there is another": {
        given: [...student, upload("first"), upload("second")],
        steps: [
          small("first", "FILE_NOT_FOUND"),
          { ...wear("$first"), with: { avatar_file_id: "$first", version: 3 } },
          { call: "getUser", as: "alice", send: { user_id: "$id" }, with: { avatar_file_id: "$first" } },
          { ...small("first"), with: { content_type: "image/webp" } },
          { call: "deleteFile", token: "$access", send: { file_id: "$first" }, answers: unusable },
          { ...wear("$first"), with: { avatar_file_id: "$first", version: 3 } },
          { ...wear("$second"), with: { avatar_file_id: "$second", version: 4 } },
          small("first", "FILE_NOT_FOUND"),
          { call: "getFile", token: "$access", send: { file_id: "$first" }, answers: "FILE_NOT_FOUND" },
          small("second"),
          { call: "updateUser", token: "$access", send: { user_id: "$id" }, with: { avatar_file_id: "$second" } },
          { ...wear(0), with: { avatar_file_id: absent, version: 5 } },
          small("second", "FILE_NOT_FOUND"),
          { ...wear(0), with: { avatar_file_id: absent, version: 5 } },
          { ...wear(-1), answers: 422, violates: { field: "avatar_file_id", rule: "int64.gte" } },
        ],
      },
      "a file of somebody else, of another purpose, in use or gone is no avatar, and the one before stays": {
        given: [
          ...student,
          upload("own"),
          upload("diploma", "DIPLOMA"),
          { call: "createFile", as: "alice", send: file(png, "AVATAR"), answers: 201, capture: { other: "id" } },
          wear("$own"),
        ],
        steps: [
          wear("$other", unusable),
          wear("$diploma", unusable),
          wear(Number.MAX_SAFE_INTEGER, unusable),
          { call: "deleteFile", as: "alice", send: { file_id: "$other" }, answers: 204 },
          wear("$other", unusable),
          {
            call: "updateUser",
            as: "alice",
            send: { user_id: "$alice.id", avatar_file_id: "$own" },
            answers: unusable,
          },
          { call: "getUser", as: "alice", send: { user_id: "$id" }, with: { avatar_file_id: "$own", version: 3 } },
          small("own"),
        ],
      },
      "those above clear an avatar, and give none": {
        given: [...student, upload("own"), upload("spare"), wear("$own")],
        steps: [
          { as: "alice", send: { user_id: "$id", avatar_file_id: 0 }, answers: "PERMISSION_DENIED" },
          { as: "teacher", send: { user_id: "$id", avatar_file_id: "$spare" }, answers: unusable },
          // What is shown can be sent as it is.
          { as: "teacher", send: { user_id: "$id", avatar_file_id: "$own" }, with: { version: 3 } },
          { as: "teacher", send: { user_id: "$id", avatar_file_id: 0 }, with: { avatar_file_id: absent, version: 4 } },
          small("own", "FILE_NOT_FOUND"),
          { call: "deleteFile", token: "$access", send: { file_id: "$spare" }, answers: 204 },
        ],
      },
      "an avatar goes with the account": {
        given: [...student, upload("own"), wear("$own")],
        steps: [
          { call: "deleteUser", as: "admin", send: { user_id: "$id" }, answers: 204 },
          { call: "getFile", as: "alice", send: { file_id: "$own" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "twenty at once wear one picture": {
        given: [...student, upload("own")],
        token: "$access",
        send: { user_id: "$id", avatar_file_id: "$own" },
        times: 20,
        answers: { "200": 20 },
        same: ["version", "avatar_file_id"],
      },
    },
  },
};
