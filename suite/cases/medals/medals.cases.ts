// Cases of medals: which there are, who has them, and what is awarded by hand. What is awarded by itself comes a moment later
// (test/medals/).
import {
  above,
  absent,
  including,
  timestamp,
  type CaseFile,
  type Fields,
  type Step,
} from "../../../runner/cases/case.js";
import { nobody } from "../accounts/invited.js";
import { add, anna, boris, clara, makeGroup } from "../groups/school-group.js";

const award = (user_id: string, medal_id = 9): Step => ({
  call: "awardMedal",
  as: "teacher",
  send: { user_id, medal_id, reason: "Graphs" },
  answers: 201,
});
const revoke = (user_id: string, medal_id = 9): Step => ({
  call: "revokeMedal",
  as: "admin",
  send: { user_id, medal_id },
  answers: 204,
});
const helping: Fields = {
  id: 9,
  name: "Helping Hand",
  description: "For help to others.",
  grade: "MEDAL_GRADE_BRONZE",
};
const medal = (id: number, grade: string, counter: string, threshold: number): Fields => ({
  id,
  grade: `MEDAL_GRADE_${grade}`,
  rule: { counter: `MEDAL_COUNTER_${counter}`, threshold },
});
const russian = { "accept-language": "fr;q=0.9, ru-RU, en;q=0.5" };

export const medals: CaseFile = {
  subject: "medals",
  actors: ["alice", "teacher", "admin"],
  cases: {
    listMedals: {
      "has eight that are awarded by rule, and three by hand": {
        as: "alice",
        with: {
          medals: [
            medal(1, "BRONZE", "POINTS", 100),
            medal(2, "GOLD", "POINTS", 1000),
            medal(3, "SILVER", "TASKS_SOLVED", 50),
            medal(4, "GOLD", "TASKS_SOLVED", 100),
            medal(5, "BRONZE", "DAY_CHALLENGES", 1),
            medal(6, "GOLD", "DAY_CHALLENGES", 50),
            medal(7, "BRONZE", "MERGED_REQUESTS", 1),
            medal(8, "GOLD", "MERGED_REQUESTS", 20),
            { ...helping, rule: absent },
            { id: 10, grade: "MEDAL_GRADE_SILVER", rule: absent },
            { id: 11, grade: "MEDAL_GRADE_GOLD", rule: absent },
          ],
        },
      },
      "is in the language that the client wants": {
        steps: [
          {
            as: "alice",
            headers: russian,
            with: { medals: including({ id: 1, name: "Первая сотня", description: "100 баллов в рейтинге." }) },
          },
          {
            as: "alice",
            headers: { "accept-language": "fr" },
            with: { medals: including({ id: 1, name: "First Hundred" }) },
          },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    awardMedal: {
      "awards a medal by hand, which everybody sees": {
        given: [anna],
        steps: [
          {
            ...award("$anna"),
            exactly: {
              id: above(0),
              user_id: "$anna",
              medal: helping,
              awarded_at: timestamp,
              awarded_by_id: "$teacher",
              reason: "Graphs",
            },
          },
          { ...award("$anna", 2), as: "admin", headers: russian, with: { medal: { id: 2, name: "Тысяча" } } },
          {
            call: "listUserMedals",
            as: "alice",
            send: { user_id: "$anna" },
            with: { medals: [{ medal: { id: 2 } }, { medal: { id: 9 }, reason: "Graphs" }] },
          },
        ],
      },
      "once, by twenty at once": {
        given: [anna],
        noisy: true,
        steps: [
          // By two people: one caller has two connections of the pool.
          {
            together: [
              { ...award("$anna"), times: 10, answers: "*" },
              { ...award("$anna"), as: "admin", times: 10, answers: "*" },
            ],
            same: ["id"],
          },
          { ...award("$anna"), answers: "MEDAL_ALREADY_AWARDED" },
          { call: "listUserMedals", as: "alice", send: { user_id: "$anna" }, with: { medals: [{ medal: helping }] } },
        ],
      },
      "again when it was revoked": {
        given: [anna],
        steps: [
          award("$anna"),
          { ...award("$anna"), answers: "MEDAL_ALREADY_AWARDED" },
          revoke("$anna"),
          award("$anna"),
        ],
      },
      "to nobody that one is not above, and not to oneself": {
        given: [clara],
        steps: [
          { ...award("$teacher"), answers: "PERMISSION_DENIED" },
          { ...award("$clara"), answers: "PERMISSION_DENIED" },
          { ...award("$clara"), as: "admin" },
          { ...award("$admin"), as: "admin", answers: "PERMISSION_DENIED" },
          { ...award("$alice"), as: "alice", answers: "PERMISSION_DENIED" },
        ],
      },
      "none that there is not, and to nobody": {
        given: [anna],
        steps: [
          { ...award("$anna", 12), answers: "MEDAL_NOT_FOUND" },
          { ...award("$anna"), send: { user_id: nobody, medal_id: 9, reason: "Graphs" }, answers: "USER_NOT_FOUND" },
        ],
      },
      "for a reason": {
        given: [anna],
        as: "teacher",
        send: { user_id: "$anna", medal_id: 9, reason: " " },
        violates: { field: "reason", rule: "string.min_len" },
      },
      "needs a login": { send: { user_id: nobody, medal_id: 9, reason: "A" }, answers: "UNAUTHENTICATED" },
    },
    revokeMedal: {
      "takes a medal away, once by twenty at once": {
        given: [anna, award("$anna")],
        steps: [
          { ...revoke("$anna"), times: 20, answers: { "204": 1, MEDAL_NOT_FOUND: 19 } },
          { call: "listUserMedals", as: "alice", send: { user_id: "$anna" }, exactly: { medals: [] } },
        ],
      },
      "none that the person does not have, of nobody, and none of one's own": {
        given: [anna],
        steps: [
          { ...revoke("$anna"), answers: "MEDAL_NOT_FOUND" },
          { ...revoke("$anna"), send: { user_id: nobody, medal_id: 9 }, answers: "USER_NOT_FOUND" },
          { ...revoke("$admin"), answers: "PERMISSION_DENIED" },
          { ...revoke("$anna"), as: "teacher", answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { send: { user_id: nobody, medal_id: 9 }, answers: "UNAUTHENTICATED" },
    },
    listUserMedals: {
      "lists those of a person in the language that the client wants": {
        given: [anna, award("$anna")],
        as: "alice",
        headers: russian,
        send: { user_id: "$anna" },
        with: { medals: [{ user_id: "$anna", medal: { id: 9, name: "Рука помощи" }, reason: "Graphs" }] },
      },
      "nobody has none": { as: "alice", send: { user_id: nobody }, answers: "USER_NOT_FOUND" },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    getUserMedal: {
      "everybody sees it": {
        given: [anna, award("$anna")],
        as: "alice",
        send: { user_id: "$anna", medal_id: 9 },
        with: { user_id: "$anna", medal: helping, awarded_by_id: "$teacher" },
      },
      "one that the person does not have is not found": {
        given: [anna],
        as: "alice",
        send: { user_id: "$anna", medal_id: 9 },
        answers: "MEDAL_NOT_FOUND",
      },
      "needs a login": { send: { user_id: nobody, medal_id: 9 }, answers: "UNAUTHENTICATED" },
    },
    listMedalHolders: {
      "lists who has a medal, the newest first, with the people": {
        given: [anna, boris, makeGroup, add("$group", "$boris", "$anna"), award("$anna", 11), award("$boris", 11)],
        as: "alice",
        send: { medal_id: 11, group_id: "$group", include: ["people"] },
        with: {
          holders: [
            { user_id: "$boris", reason: "Graphs", medal: { name: "Pride of the School" } },
            { user_id: "$anna" },
          ],
          next_page_token: "",
          people: including({ id: "$anna", email: absent }),
        },
      },
      "without those of whom it was revoked": {
        given: [
          anna,
          boris,
          makeGroup,
          add("$group", "$boris", "$anna"),
          award("$anna", 8),
          award("$boris", 8),
          revoke("$boris", 8),
        ],
        as: "alice",
        headers: russian,
        send: { medal_id: 8, group_id: "$group" },
        with: { holders: [{ user_id: "$anna", medal: { name: "Соавтор" } }], people: [] },
      },
      "in the whole school": {
        given: [anna, award("$anna", 11)],
        noisy: true,
        as: "alice",
        send: { medal_id: 11, limit: 100 },
        with: { holders: including({ user_id: "$anna" }) },
      },
      "of a medal that there is not has none": { as: "alice", send: { medal_id: 12 }, answers: "MEDAL_NOT_FOUND" },
      "a page token that no page had is refused": {
        as: "alice",
        send: { medal_id: 9, page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { medal_id: 9 }, answers: "UNAUTHENTICATED" },
    },
  },
};
