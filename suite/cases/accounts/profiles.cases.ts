// Cases of profiles: what people say of themselves, and what those above them change.
import { absent, matches, type CaseFile, type Fields, type Given, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, invite, invited, nobody, person, student, studentMailed } from "./invited.js";

const denied = "PERMISSION_DENIED";
const nick = "Nick-${case}";
const own = (send: Fields, answers: Step["answers"] = 200): Step => ({
  call: "updateUser",
  token: "$access",
  send: { user_id: "$id", ...send },
  answers,
});
/** The second person with a session; $other. */
const other: readonly Given[] = [
  student,
  studentMailed,
  { call: "acceptInvite", send: { token: "$studentLink", password }, capture: { other: "access_token" } },
];
const links = {
  telegram: "https://t.me/t${case}",
  github: "https://github.com/G-${case}",
  kaggle: "https://www.kaggle.com/k_${case}",
  website: "https://xn--80atdl2c.xn--p1ai/",
};

export const profiles: CaseFile = {
  subject: "profiles",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    createUser: {
      "takes the patronymic name and the school class": {
        steps: [
          {
            as: "admin",
            send: { ...invited, patronymic_name: " Ивановна ", school_class: 7 },
            answers: 201,
            with: { patronymic_name: "Ивановна", school_class: 7 },
            capture: { id: "id" },
          },
          {
            call: "getUser",
            as: "alice",
            send: { user_id: "$id" },
            with: { patronymic_name: "Ивановна", school_class: 7, rating: 0, nick: absent, group_id: absent },
          },
          { call: "resendInvite", as: "admin", send: { user_id: "$id" }, with: { school_class: 7 } },
        ],
      },
      "a school class is from 1 to 11, and 0 is none": {
        steps: [
          {
            as: "admin",
            send: { ...invited, school_class: 12 },
            violates: { field: "school_class", rule: "int32.lte" },
          },
          {
            as: "admin",
            send: { ...invited, school_class: -1 },
            violates: { field: "school_class", rule: "int32.gte" },
          },
          { as: "admin", send: { ...invited, school_class: 0 }, answers: 201, with: { school_class: absent } },
        ],
      },
    },
    getUserByNick: {
      "finds a person in any case, as getUser does": {
        given: [invite("ROLE_STUDENT"), { call: "updateUser", as: "admin", send: { user_id: "$id", nick } }],
        steps: [
          {
            as: "alice",
            send: { nick: "nICK-${case}" },
            with: { id: "$id", nick, email: absent, profile: absent },
            answerHeaders: { etag: matches('^"2\\.') },
          },
          { as: "teacher", send: { nick }, with: { id: "$id", email, profile: { about: "" } } },
        ],
      },
      "a nick that nobody has, or has no longer, is refused": {
        given: [invite("ROLE_STUDENT"), { call: "updateUser", as: "admin", send: { user_id: "$id", nick } }],
        steps: [
          { call: "updateUser", as: "admin", send: { user_id: "$id", nick: "other-${case}" } },
          { as: "alice", send: { nick }, answers: "USER_NOT_FOUND" },
          { call: "deleteUser", as: "admin", send: { user_id: "$id" }, answers: 204 },
          { as: "alice", send: { nick: "other-${case}" }, answers: "USER_NOT_FOUND" },
          { as: "alice", send: { nick: "%" }, answers: "USER_NOT_FOUND" },
        ],
      },
      "needs a login": { send: { nick: "vera" }, answers: "UNAUTHENTICATED" },
    },
    updateUser: {
      "a student says what they like of themselves, and classmates see it": {
        given: [...person("ROLE_STUDENT"), ...other],
        steps: [
          {
            ...own({
              nick,
              profile: {
                about: " Привет,\nмир ",
                links: {
                  telegram: "@t${case}",
                  github: "HTTPS://www.GitHub.com/G-${case}/?tab=stars",
                  kaggle: "k_${case}",
                  website: "https://школа.рф",
                },
                tech_stack: { words: [" TypeScript ", "Го", "typescript", "ГО", "SQL"] },
              },
            }),
            with: {
              version: 3,
              nick,
              profile: { about: "Привет,\nмир", links, tech_stack: { words: ["TypeScript", "Го", "SQL"] } },
            },
          },
          { call: "getUser", token: "$other", send: { user_id: "$id" }, with: { nick, profile: absent } },
          { call: "updateUser", as: "teacher", send: { user_id: "$student", school_class: 9 } },
          { call: "updateUser", as: "teacher", send: { user_id: "$id", school_class: 9 } },
          { call: "getUser", token: "$other", send: { user_id: "$id" }, with: { school_class: 9, profile: { links } } },
          { call: "updateUser", as: "teacher", send: { user_id: "$student", school_class: 0 } },
          { call: "getUser", token: "$other", send: { user_id: "$id" }, with: { profile: absent } },
        ],
      },
      "what is absent stays, and what is empty is cleared, field by field": {
        given: [
          ...person("ROLE_STUDENT"),
          own({ nick, profile: { about: "About", links, tech_stack: { words: ["Go", "C"] } } }),
        ],
        steps: [
          { ...own({}), with: { version: 3 } },
          { ...own({ profile: {} }), with: { version: 3 } },
          { ...own({ profile: { links: {} } }), with: { version: 3 } },
          {
            ...own({ profile: { links: { github: "" } } }),
            with: {
              version: 4,
              nick,
              profile: { about: "About", links: { ...links, github: absent }, tech_stack: { words: ["Go", "C"] } },
            },
          },
          { ...own({ profile: { tech_stack: {} } }), with: { profile: { about: "About", tech_stack: { words: [] } } } },
          {
            ...own({ profile: { about: "" } }),
            with: { nick, profile: { about: "", links: { kaggle: links.kaggle } } },
          },
          { ...own({ nick: "" }), with: { version: 7, nick: absent } },
        ],
      },
      "what is shown can be sent, and changes nothing": {
        given: [
          ...person("ROLE_STUDENT"),
          own({ nick, profile: { about: "About", links, tech_stack: { words: ["Go", "C"] } } }),
          {
            call: "updateUser",
            as: "admin",
            send: { user_id: "$id", patronymic_name: "П", school_class: 3, rating: 7 },
            capture: {
              nick: "nick",
              patronymic: "patronymic_name",
              class: "school_class",
              rating: "rating",
              profile: "profile",
            },
          },
        ],
        steps: [
          {
            as: "admin",
            send: {
              user_id: "$id",
              nick: "$nick",
              patronymic_name: "$patronymic",
              school_class: "$class",
              rating: "$rating",
              profile: "$profile",
            },
            with: { version: 4 },
          },
        ],
      },
      "a rating below nothing is one too: what is shown of it can be sent, and set": {
        given: [
          student,
          {
            call: "addPoints",
            as: "teacher",
            send: { user_id: "$student", amount: 10, take_back: true, note: "N" },
            answers: 201,
            capture: { rating: "total" },
          },
        ],
        steps: [
          { as: "teacher", send: { user_id: "$student", rating: "$rating" }, with: { rating: -10, version: 2 } },
          {
            as: "teacher",
            send: { user_id: "$student", rating: -1000000000 },
            with: { rating: -1000000000, version: 3 },
          },
        ],
      },
      "a teacher changes all of a student, and 0 clears": {
        given: [student],
        steps: [
          {
            as: "teacher",
            send: { user_id: "$student", patronymic_name: "Петрович", school_class: 11, rating: 1000000000, nick },
            with: { patronymic_name: "Петрович", school_class: 11, rating: 1000000000, nick, version: 2 },
          },
          {
            as: "teacher",
            send: { user_id: "$student", patronymic_name: "", school_class: 0, rating: 0, profile: { about: "A" } },
            with: { patronymic_name: "", school_class: absent, rating: 0, profile: { about: "A" }, version: 3 },
          },
        ],
      },
      "nobody but those above changes class, rating and patronymic name, a teacher's own included": {
        given: [...person("ROLE_TEACHER"), ...other],
        steps: [
          ...[{ school_class: 5 }, { rating: 5 }, { patronymic_name: "" }, { nick, rating: 5 }].flatMap((change) => [
            own(change, denied),
            { token: "$other", send: { user_id: "$student", ...change }, answers: denied },
          ]),
          { ...own({ profile: { about: "T" } }), with: { profile: { about: "T" }, rating: 0, nick: absent } },
          { token: "$other", send: { user_id: "$student", nick }, with: { nick, school_class: absent } },
          { token: "$other", send: { user_id: "$id", profile: { about: "T" } }, answers: denied },
          { as: "alice", send: { user_id: "$student", nick: "" }, answers: denied },
          { as: "teacher", send: { user_id: "$id", profile: { about: "T" } }, answers: denied },
        ],
      },
      "a super admin changes all of themselves but the role": {
        given: person("ROLE_SUPER_ADMIN"),
        steps: [
          {
            ...own({ patronymic_name: "П", school_class: 1, rating: 5, nick }),
            with: { patronymic_name: "П", school_class: 1, rating: 5, nick },
          },
        ],
      },
      "a nick is one person's, in any case": {
        given: [...person("ROLE_STUDENT"), student, own({ nick })],
        steps: [
          { as: "admin", send: { user_id: "$student", nick: "NICK-${case}" }, answers: "NICK_TAKEN" },
          { ...own({ nick: "NICK-${case}" }), with: { nick: "NICK-${case}" } },
          own({ nick: "" }),
          { as: "admin", send: { user_id: "$student", nick }, with: { nick } },
        ],
      },
      "a link that names a person is one person's, in any case, and a website is not": {
        given: [...person("ROLE_STUDENT"), student, own({ profile: { links } })],
        steps: [
          ...["telegram", "github", "kaggle"].map((link) => ({
            as: "admin",
            send: {
              user_id: "$student",
              profile: {
                about: "A",
                links: { [link]: `${{ telegram: "T", github: "g-", kaggle: "K_" }[link]}\${case}` },
              },
            },
            answers: "LINK_TAKEN",
            with: { detail: `Another person has this link: profile.links.${link}` },
          })),
          {
            as: "admin",
            send: { user_id: "$student", profile: { links: { website: links.website } } },
            with: { profile: { about: "", links: { website: links.website, github: absent } } },
          },
        ],
      },
      "needs somebody who is there": {
        as: "admin",
        send: { user_id: nobody, nick },
        answers: "USER_NOT_FOUND",
      },
    },
  },
};
