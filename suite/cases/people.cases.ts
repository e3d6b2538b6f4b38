// Cases of the people whom a client has to show: many in one call, by their ids, and beside the lists that name them.
import { absent, size, type CaseFile, type Fields, type Step } from "../../runner/cases/case.js";
import { missingId, sendText, teaChat } from "./tea-chat.js";

const person = (name: string, email: unknown = absent): Fields => ({
  id: `$${name}`,
  first_name: name,
  last_name: "Run${run}",
  email,
});

/** Registers $gone, adds them to $tea, where they send a text, and ends their account. */
const gone: readonly Step[] = [
  {
    call: "register",
    send: {
      email: "gone.${case}@example.org",
      password: "correct horse battery",
      first_name: "Gone",
      last_name: "With",
    },
    answers: 201,
    capture: { gone: "id" },
  },
  {
    call: "login",
    send: { email: "gone.${case}@example.org", password: "correct horse battery" },
    capture: { session: "access_token" },
  },
  { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$gone" }, answers: 201 },
  { call: "sendMessage", token: "$session", send: { chat_id: "$tea", text: "farewell" }, answers: 201 },
  { call: "deleteMe", token: "$session", send: { password: "correct horse battery" }, answers: 204 },
];

const everybody = { user_ids: ["$carol", "$alice", "$bob"] };
const withPeople = { include: ["people"] };

export const people: CaseFile = {
  subject: "people",
  actors: ["alice", "bob", "carol", "mallory", "teacher"],
  cases: {
    listUsers: {
      "people are found by their ids, in the order of the list": {
        as: "bob",
        send: everybody,
        with: { users: [person("alice"), person("bob", "$bob.email"), person("carol")], next_page_token: "" },
      },
      "a teacher gets the addresses of those they ask for": {
        as: "teacher",
        send: { user_ids: ["$alice", "$bob"] },
        with: { users: [person("alice", "$alice.email"), person("bob", "$bob.email")] },
      },
      "an id that nobody has is passed over, and one that is there twice counts once": {
        as: "alice",
        send: { user_ids: ["$bob", missingId, "$bob", "$alice"] },
        with: { users: [{ id: "$alice" }, { id: "$bob" }], next_page_token: "" },
      },
      "people whose account has ended are passed over": {
        given: [teaChat, ...gone],
        as: "alice",
        send: { user_ids: ["$gone", "$bob"] },
        with: { users: [{ id: "$bob" }] },
      },
      "a query selects among the ids": {
        steps: [
          { as: "alice", send: { ...everybody, query: "bo" }, with: { users: [{ id: "$bob" }] } },
          { as: "alice", send: { ...everybody, query: "mallory" }, with: { users: size(0) } },
        ],
      },
      "ids come page by page too, and a token is of these ids": {
        steps: [
          {
            as: "alice",
            send: { ...everybody, limit: 2 },
            with: { users: [{ id: "$alice" }, { id: "$bob" }] },
            capture: { next: "next_page_token" },
          },
          {
            as: "alice",
            send: { ...everybody, limit: 2, page_token: "$next" },
            with: { users: [{ id: "$carol" }], next_page_token: "" },
          },
          { as: "alice", send: { limit: 2, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
          { as: "alice", send: { ...everybody, skip: 2 }, with: { users: [{ id: "$carol" }] } },
        ],
      },
      "a hundred ids are one page, and a hundred and one break a rule": {
        given: [
          {
            call: "register",
            send: {
              email: "p${turn}.${case}@example.org",
              password: "correct horse battery",
              first_name: "One",
              last_name: "of${case}",
            },
            turns: 21,
            answers: 201,
          },
          {
            call: "listUsers",
            as: "alice",
            send: { query: "of${case}", limit: 100 },
            capture: { many: "users[*].id" },
          },
        ],
        steps: [
          { as: "alice", send: { user_ids: "$many" }, with: { users: size(21), next_page_token: "" } },
          {
            as: "alice",
            send: { user_ids: Array.from({ length: 100 }, (_, at) => missingId - at) },
            with: { users: size(0) },
          },
          {
            as: "alice",
            send: { user_ids: Array.from({ length: 101 }, (_, at) => missingId - at) },
            violates: { field: "user_ids", rule: "repeated.max_items" },
          },
          { as: "alice", send: { user_ids: [0] }, violates: { field: "user_ids[0]", rule: "int64.gt" } },
        ],
      },
    },
    listMessages: {
      "brings the senders of the page, each once": {
        given: [teaChat, sendText("bob", "one"), sendText("alice", "two"), sendText("alice", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", ...withPeople },
            with: { messages: size(3), people: [person("alice"), person("bob", "$bob.email")] },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 2, ...withPeople },
            with: { messages: size(2), people: [{ id: "$alice" }] },
            capture: { next: "next_page_token" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 2, page_token: "$next", ...withPeople },
            with: { messages: size(1), people: [{ id: "$bob" }] },
          },
          { as: "bob", send: { chat_id: "$tea" }, with: { messages: size(3), people: [] } },
          { as: "bob", send: { chat_id: "$tea", sender_id: "$carol", ...withPeople }, with: { people: [] } },
        ],
      },
      "does not bring somebody whose account has ended": {
        given: [teaChat, ...gone, sendText("bob", "one")],
        as: "alice",
        send: { chat_id: "$tea", ...withPeople },
        with: { messages: [{ sender_id: "$bob" }, { sender_id: "$gone" }], people: [{ id: "$bob" }] },
      },
      "brings addresses to a teacher, and nobody to who is not a member": {
        given: [
          teaChat,
          sendText("bob", "one"),
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$teacher" }, answers: 201 },
        ],
        steps: [
          { as: "teacher", send: { chat_id: "$tea", ...withPeople }, with: { people: [person("bob", "$bob.email")] } },
          { as: "mallory", send: { chat_id: "$tea", ...withPeople }, answers: "CHAT_NOT_FOUND" },
        ],
      },
      "what is to be included is people, and nothing else": {
        given: [teaChat],
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", include: ["everything"] },
            violates: { field: "include[0]", rule: "string.in" },
          },
          {
            as: "alice",
            send: { chat_id: "$tea", include: ["people", "people"] },
            violates: { field: "include", rule: "repeated.max_items" },
          },
        ],
      },
    },
    listChats: {
      "brings the senders of the last messages and the others of direct chats": {
        given: [teaChat, sendText("bob", "one"), { call: "openDirectChat", as: "alice", send: { user_id: "$carol" } }],
        steps: [
          {
            as: "alice",
            send: { query: "${case}", ...withPeople },
            with: { chats: size(1), people: [person("bob")] },
          },
          { as: "alice", send: { query: "carol", ...withPeople }, with: { people: [person("carol")] } },
          { as: "alice", send: { query: "${case}" }, with: { people: [] } },
        ],
      },
    },
    getChat: {
      "brings the senders of its messages and the other of a direct chat": {
        given: [
          teaChat,
          sendText("alice", "one"),
          sendText("bob", "two"),
          { call: "openDirectChat", as: "alice", send: { user_id: "$carol" }, capture: { direct: "id" } },
        ],
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", ...withPeople },
            with: { messages: size(2), people: [person("alice", "$alice.email"), person("bob")] },
          },
          { as: "carol", send: { chat_id: "$direct", ...withPeople }, with: { people: [person("alice")] } },
          { as: "alice", send: { chat_id: "$tea" }, with: { people: [] } },
        ],
      },
    },
    listChatMembers: {
      "brings its members with their roles in the school": {
        given: [
          teaChat,
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$teacher" }, answers: 201 },
        ],
        steps: [
          {
            as: "teacher",
            send: { chat_id: "$tea", limit: 2, ...withPeople },
            with: { members: size(2), people: [person("alice", "$alice.email"), person("bob", "$bob.email")] },
          },
          { as: "bob", send: { chat_id: "$tea", limit: 1, ...withPeople }, with: { people: [person("alice")] } },
          { as: "bob", send: { chat_id: "$tea" }, with: { people: [] } },
        ],
      },
    },
  },
};
