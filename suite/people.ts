// The enrolment of the actors: they register and log in like any other user.
import { matches, type Enrolment } from "../runner/cases/case.js";

export const password = "correct horse battery";

export const people: Enrolment = {
  enrol: [
    {
      call: "register",
      send: { email: "${name}.${run}@example.org", password, first_name: "${name}", last_name: "Run${run}" },
      answers: 201,
      capture: { id: "id", email: "email", first_name: "first_name", last_name: "last_name" },
    },
    {
      call: "login",
      send: { email: "$email", password },
      with: { access_token: matches("^[\\w-]+\\.[\\w-]+\\.[\\w-]+$") },
      capture: { token: "access_token" },
    },
  ],
  logIn: [
    { call: "login", send: { email: "$email", password: "$password" }, capture: { token: "access_token" } },
    {
      call: "getMe",
      token: "$token",
      capture: { id: "id", email: "email", first_name: "first_name", last_name: "last_name" },
    },
  ],
  cookies: ["lyceum_session", "__Host-lyceum_session"],
  end: [{ call: "logout", answers: 204 }],
  keys: {
    make: [
      {
        call: "createApiKey",
        token: "$token",
        send: { name: "a script", scopes: "$scopes", expires_in_days: 1 },
        answers: 201,
        capture: { key: "secret", key_id: "id" },
      },
    ],
    end: [{ call: "revokeApiKey", token: "$token", send: { api_key_id: "$key_id" }, answers: 204 }],
  },
  appointed: ["teacher", "admin", "principal", "novice", "hoarder", "keeper", "uploader"],
  undo: {
    createApiKey: [{ call: "revokeApiKey", token: "$token", send: { api_key_id: "$id" } }],
    createEvent: [{ call: "cancelEvent", token: "$token", send: { event_id: "$id", reason: "Made by a test." } }],
    renewCalendarLink: [{ call: "revokeCalendarLink", token: "$token" }],
    createFile: [{ call: "deleteFile", token: "$token", send: { file_id: "$id" } }],
    createAchievement: [{ call: "withdrawAchievement", token: "$token", send: { achievement_id: "$id" } }],
    createPost: [{ call: "deletePost", token: "$token", send: { post_id: "$id" } }],
    createChat: [{ call: "deleteChat", token: "$token", send: { chat_id: "$id" } }],
    createGroup: [
      { where: "chat_id", call: "deleteChat", token: "$token", send: { chat_id: "$chat_id" } },
      { call: "deleteGroup", token: "$token", send: { group_id: "$id" } },
    ],
    updateGroup: [{ where: "chat_id", call: "deleteChat", token: "$token", send: { chat_id: "$chat_id" } }],
    createWebhook: [{ call: "deleteWebhook", token: "$token", send: { webhook_id: "$id" } }],
    createBanner: [{ call: "deleteBanner", token: "$token", send: { banner_id: "$id" } }],
    registerPasskey: [{ call: "removePasskey", token: "$token", send: { passkey_id: "$id", password } }],
    confirmTotp: [{ call: "disableTotp", token: "$token", send: { password } }],
    createUser: [{ call: "cancelInvite", token: "$token", send: { user_id: "$id" } }],
    register: [
      { call: "login", send: { email: "$email", password: "$password" }, capture: { session: "access_token" } },
      { call: "deleteMe", token: "$session", send: { password: "$password" } },
    ],
  },
  remover: {
    actor: "admin",
    undo: {
      register: [{ call: "deleteUser", as: "admin", send: { user_id: "$id" } }],
      createUser: [{ call: "deleteUser", as: "admin", send: { user_id: "$id" } }],
    },
  },
  ranks: [
    { access: "ACCESS_PUBLIC", actor: "" },
    { access: "ACCESS_USER", actor: "alice" },
    { access: "ACCESS_TEACHER", actor: "teacher" },
    { access: "ACCESS_SUPER_ADMIN", actor: "admin" },
  ],
  claimed: [
    "nick",
    "createGroup.name",
    "updateGroup.name",
    ...["telegram", "github", "stepik", "kaggle"].map((link) => `profile.links.${link}`),
  ],
  volatile: [
    "request_id",
    // An id, as a text.
    "target_id",
    // Ids, in a list.
    "group_ids",
    "access_token",
    "refresh_token",
    "device_token",
    "secret",
    "prefix",
    "mfa_challenge",
    // The id of the requests to a webhook.
    "event_id",
    "otpauth_uri",
    "qr_svg",
    "options_json",
    "recovery_codes",
    "reset_url",
    "next_page_token",
    "latency_ms",
    // The link to a file.
    "url",
    // How far an import is: it goes on between two answers.
    "state",
    "rows_done",
    "rows_created",
    "rows_refused",
    "errors",
    "ended_at",
    // A path, which may have an id or a token in it.
    "instance",
    "retry_after_seconds",
    "ticket",
    // Where a client has come in topics, which have an id in their names.
    "cursor",
    "topic",
    "missing",
    "pts",
  ],
};
