// Cases of what a profile cannot have, and of the group.
import { absent, type CaseFile } from "../../../runner/cases/case.js";
import { nobody, student } from "./invited.js";

export const profileRules: CaseFile = {
  subject: "the rules of profiles",
  actors: ["alice", "teacher", "admin"],
  cases: {
    updateUser: {
      "a teacher moves a student to a group and out of it, with its chat": {
        given: [
          student,
          {
            call: "createGroup",
            as: "teacher",
            send: { name: "Group ${case}", with_chat: true },
            answers: 201,
            capture: { group: "id" },
          },
        ],
        steps: [
          {
            as: "teacher",
            send: { user_id: "$student", group_id: "$group" },
            with: { group_id: "$group", version: 2 },
          },
          { as: "teacher", send: { user_id: "$student", group_id: "$group" }, with: { version: 2 } },
          {
            call: "listGroupMembers",
            as: "alice",
            send: { group_id: "$group" },
            with: { users: [{ id: "$student" }] },
          },
          { as: "teacher", send: { user_id: "$student", group_id: nobody, rating: 5 }, answers: "GROUP_NOT_FOUND" },
          { as: "alice", send: { user_id: "$alice", group_id: "$group" }, answers: "PERMISSION_DENIED" },
          {
            as: "teacher",
            send: { user_id: "$student", group_id: 0 },
            with: { group_id: absent, rating: 0, version: 3 },
          },
        ],
      },
      "a nick that is a word of a path, or looks like something else, breaks a rule": {
        steps: [
          ...["by-nick", "Users", "CHATS", "invite", "password-reset-link", "admin", "NULL"].map((word) => ({
            as: "alice",
            send: { user_id: "$alice", nick: word },
            violates: { field: "nick", rule: "nick.reserved" },
          })),
          ...["ab", "1vera", "вера", "ve ra", "vera/i", "-vera", ".vera", "12345", "ve@ra", "vera\u200b"].map(
            (word) => ({
              as: "alice",
              send: { user_id: "$alice", nick: word },
              violates: { field: "nick", rule: "string.pattern" },
            }),
          ),
        ],
      },
      "bad links are refused all at once, each with its place": {
        steps: [
          {
            as: "alice",
            send: {
              user_id: "$alice",
              profile: {
                links: {
                  telegram: "https://t.me.evil.com/vera",
                  github: "https://github.com@evil.com/vera",
                  stepik: "https://stepik.org/course/1",
                  kaggle: "javascript:alert(1)",
                  website: "http://example.org/",
                },
              },
            },
            violates: ["telegram", "github", "stepik", "kaggle", "website"].map((link) => ({
              field: `profile.links.${link}`,
              rule: "string.pattern",
            })),
          },
          {
            as: "alice",
            send: { user_id: "$alice", nick: "users", profile: { links: { website: "https://127.0.0.1/" } } },
            violates: [
              { field: "nick", rule: "nick.reserved" },
              { field: "profile.links.website", rule: "link.website" },
            ],
          },
        ],
      },
      "a profile has its bounds": {
        steps: [
          {
            as: "alice",
            send: {
              user_id: "$alice",
              profile: {
                about: "a".repeat(1001),
                tech_stack: { words: [...Array.from({ length: 29 }, (_, at) => `w${at}`), " ", "a\nb"] },
              },
              rating: -1000000001,
              school_class: 12,
            },
            violates: [
              { field: "school_class", rule: "int32.lte" },
              { field: "rating", rule: "int64.gte" },
              { field: "profile.about", rule: "string.max_len" },
              { field: "profile.tech_stack.words", rule: "repeated.max_items" },
              { field: "profile.tech_stack.words[29]", rule: "string.min_len" },
              { field: "profile.tech_stack.words[30]", rule: "text.line_break" },
            ],
          },
        ],
      },
    },
  },
};
