// Cases of what a profile cannot have.
import type { CaseFile } from "../../../runner/cases/case.js";

export const profileRules: CaseFile = {
  subject: "the rules of profiles",
  actors: ["alice"],
  cases: {
    updateUser: {
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
              rating: -1,
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
