// The session that every outsider plays: each method of the contract with a success and with a failure, in the form of the
// steps of cases. A test holds that none is missing. $run is unique to a session; $admin is an account that exists.
import {
  above,
  absent,
  bytesOf,
  including,
  matches,
  size,
  timestamp,
  type Fields,
  type Given,
  type Step,
} from "../../runner/cases/case.js";

const password = "correct horse battery";
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

/** The methods of health take nothing that could be wrong, and refuse a precondition that they cannot evaluate. */
const unmet: Pick<Step, "headers" | "answers"> = { headers: { "if-match": '"7"' }, answers: "PRECONDITION_FAILED" };

const person = (name: string, last: string): Fields => ({
  email: `${name}.\${run}@example.org`,
  password,
  first_name: "Мария",
  last_name: `${last}\${run}`,
});

const enrol = (name: string, last: string): Step[] => [
  {
    call: "register",
    send: person(name, last),
    answers: 201,
    with: {
      email: `${name}.\${run}@example.org`,
      first_name: "Мария",
      role: "ROLE_STUDENT",
      created_at: timestamp,
      version: 1,
    },
    capture: { [name]: "id" },
  },
  {
    call: "login",
    send: { email: `${name}.\${run}@example.org`, password },
    with: { token_type: "bearer" },
    capture: { [`${name}.token`]: "access_token", [`${name}.refresh`]: "refresh_token" },
  },
];

const masha = { token: "$masha.token" };
const petya = { token: "$petya.token" };
const tea = { chat_id: "$tea" };
const nowhere = { chat_id: 999_999_999 };

const health: readonly Step[] = [
  { call: "getHealth", exactly: { status: "ok" } },
  { call: "getHealth", ...unmet },
  { call: "getDatabaseHealth", with: { status: "ok" } },
  { call: "getDatabaseHealth", ...unmet },
  { call: "getVersion", with: { contract: "lyceum.v1", version: matches("^\\d+\\.") } },
  { call: "getVersion", ...unmet },
];

const accounts: readonly Step[] = [
  ...enrol("masha", "Иванова"),
  ...enrol("petya", "Петров"),
  ...enrol("dasha", "Сидорова"),
  { call: "register", send: person("masha", "Иванова"), answers: "EMAIL_TAKEN", with: { code: "ALREADY_EXISTS" } },
  {
    call: "login",
    send: { email: "masha.${run}@example.org", password: "wrong horse" },
    answers: "INVALID_CREDENTIALS",
    with: { violations: [], retry_after_seconds: 0 },
  },
  {
    call: "refresh",
    send: { refresh_token: "$masha.refresh" },
    with: { expires_in: above(0) },
    capture: { "masha.token": "access_token" },
  },
  { call: "refresh", send: { refresh_token: "nonsense" }, answers: "INVALID_REFRESH_TOKEN" },
  {
    call: "issueToken",
    send: { grant_type: "password", username: "masha.${run}@example.org", password },
    with: { token_type: "bearer", expires_in: above(0) },
  },
  {
    call: "issueToken",
    send: { grant_type: "password", username: "masha.${run}@example.org", password: "wrong horse" },
    answers: "INVALID_GRANT",
    with: { error: "invalid_grant", violations: [] },
  },
  { call: "getMe", ...masha, with: { id: "$masha", email: "masha.${run}@example.org", role: "ROLE_STUDENT" } },
  { call: "getMe", answers: "UNAUTHENTICATED" },
  {
    call: "login",
    send: { email: "$admin.email", password: "$admin.password" },
    capture: { "admin.token": "access_token" },
  },
  { call: "watchDatabaseHealth", token: "$admin.token", with: { is_available: true, since: timestamp } },
  { call: "watchDatabaseHealth", ...masha, answers: "PERMISSION_DENIED" },
  {
    call: "listUsers",
    ...masha,
    send: { query: "Петров${run}", limit: 5 },
    with: { users: [{ id: "$petya", email: absent }] },
  },
  { call: "listUsers", ...masha, send: { limit: 101 }, violates: { field: "limit", rule: "int32.lte" } },
  { call: "getLeaderboard", ...masha, send: { limit: 5 }, with: { own_place: { rating: 0 } } },
  { call: "getLeaderboard", ...masha, send: { limit: 101 }, violates: { field: "limit", rule: "int32.lte" } },
  { call: "getUser", ...masha, send: { user_id: "$petya" }, with: { id: "$petya", last_name: "Петров${run}" } },
  { call: "getUser", ...masha, send: { user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
  {
    call: "updateUser",
    ...masha,
    send: {
      user_id: "$masha",
      nick: "Masha-${run}",
      profile: { about: "Привет", links: { website: "https://example.org" }, tech_stack: { words: ["Go", "SQL"] } },
    },
    with: {
      nick: "Masha-${run}",
      profile: { about: "Привет", links: { website: "https://example.org/" }, tech_stack: { words: ["Go", "SQL"] } },
    },
  },
  { call: "getUserByNick", ...masha, send: { nick: "masha-${run}" }, with: { id: "$masha", nick: "Masha-${run}" } },
  { call: "getUserByNick", ...masha, send: { nick: "nobody-${run}" }, answers: "USER_NOT_FOUND" },
];

const script: Fields = { name: "Импорт", scopes: ["SCOPE_USERS_READ"] };

const apiKeys: readonly Step[] = [
  {
    call: "createApiKey",
    ...masha,
    send: { ...script, expires_in_days: 7 },
    answers: 201,
    with: { ...script, secret: matches("^lyc_"), expires_at: timestamp, last_used_at: absent },
    capture: { key: "id", "key.secret": "secret" },
  },
  {
    call: "createApiKey",
    ...masha,
    send: { ...script, scopes: [] },
    violates: { field: "scopes", rule: "repeated.min_items" },
  },
  { call: "getMe", token: "$key.secret", with: { id: "$masha" } },
  { call: "listChats", token: "$key.secret", answers: "INSUFFICIENT_SCOPE" },
  { call: "listApiKeys", ...masha, with: { api_keys: [{ id: "$key", secret: absent }], next_page_token: "" } },
  { call: "listApiKeys", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  { call: "getApiKey", ...masha, send: { api_key_id: "$key" }, with: script },
  { call: "getApiKey", ...petya, send: { api_key_id: "$key" }, answers: "API_KEY_NOT_FOUND" },
  { call: "revokeApiKey", ...petya, send: { api_key_id: "$key" }, answers: "API_KEY_NOT_FOUND" },
  { call: "revokeApiKey", ...masha, send: { api_key_id: "$key" }, answers: 204 },
  { call: "getMe", token: "$key.secret", answers: "INVALID_TOKEN" },
];

const dasha = { token: "$dasha.token" };

const secondFactor: readonly Step[] = [
  { call: "getTotp", ...dasha, with: { is_enabled: false, confirmed_at: absent, is_required: false } },
  { call: "getTotp", answers: "UNAUTHENTICATED" },
  { call: "confirmTotp", ...dasha, send: { code: "123456" }, answers: "NO_SECOND_FACTOR" },
  { call: "beginTotp", ...dasha, send: { password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
  {
    call: "beginTotp",
    ...dasha,
    send: { password },
    with: { otpauth_uri: matches("^otpauth://totp/"), expires_at: timestamp },
    capture: { code: "totp(secret)", next: "totp(secret, 1)" },
  },
  {
    call: "confirmTotp",
    ...dasha,
    send: { code: "$code" },
    with: { recovery_codes: size(10), token_type: "bearer" },
    capture: { "dasha.token": "access_token" },
  },
  {
    call: "login",
    send: { email: "dasha.${run}@example.org", password },
    with: { access_token: absent, refresh_token: absent },
    capture: { challenge: "mfa_challenge" },
  },
  {
    call: "completeLogin",
    send: { mfa_challenge: "$challenge", code: "$next" },
    with: { token_type: "bearer", mfa_challenge: absent },
  },
  {
    call: "completeLogin",
    send: { mfa_challenge: "$challenge", recovery_code: "7KQ2M-XW4TA" },
    answers: "INVALID_MFA_CHALLENGE",
  },
  { call: "renewRecoveryCodes", ...dasha, send: { password }, with: { recovery_codes: size(10) } },
  { call: "renewRecoveryCodes", ...dasha, send: { password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
  { call: "disableTotp", ...dasha, send: { password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
  { call: "disableTotp", ...dasha, send: { password }, answers: 204 },
  { call: "resetTotp", ...dasha, send: { user_id: "$masha" }, answers: "PERMISSION_DENIED" },
  { call: "resetTotp", token: "$admin.token", send: { user_id: "$dasha" }, answers: 204 },
  {
    call: "login",
    send: { email: "dasha.${run}@example.org", password },
    with: { mfa_challenge: absent },
    capture: { "dasha.token": "access_token" },
  },
];

const next = "another horse battery";
const linkIn = (mailTo: string, page: string): Given => ({ mailTo, matching: `/${page}#token=(?<token>[\\w-]+)` });

const passwords: readonly Given[] = [
  {
    call: "changePassword",
    ...dasha,
    send: { current_password: "wrong horse", new_password: next },
    answers: "INVALID_CREDENTIALS",
  },
  { call: "changePassword", ...dasha, send: { current_password: password, new_password: next }, answers: 204 },
  { call: "requestPasswordReset", send: { email: "" }, violates: { field: "email", rule: "string.min_len" } },
  { call: "requestPasswordReset", send: { email: "petya.${run}@example.org" }, answers: 204 },
  linkIn("petya.${run}@example.org", "reset-password"),
  {
    call: "resetPassword",
    send: { token: "$token", new_password: "qwerty123" },
    violates: { field: "new_password", rule: "password.common" },
  },
  { call: "resetPassword", send: { token: "$token", new_password: password }, answers: 204 },
  {
    call: "login",
    send: { email: "petya.${run}@example.org", password },
    capture: { "petya.token": "access_token" },
  },
  {
    call: "createPasswordResetLink",
    token: "$admin.token",
    send: { user_id: "$dasha" },
    with: { reset_url: matches("/reset-password#token="), expires_at: timestamp },
  },
  { call: "createPasswordResetLink", ...dasha, send: { user_id: "$dasha" }, answers: "PERMISSION_DENIED" },
  {
    call: "requestEmailChange",
    ...dasha,
    send: { email: "nobody", current_password: next },
    violates: { field: "email", rule: "string.email" },
  },
  {
    call: "requestEmailChange",
    ...dasha,
    send: { email: "d.${run}@example.org", current_password: next },
    answers: 204,
  },
  linkIn("d.${run}@example.org", "confirm-email"),
  { call: "confirmEmailChange", send: { token: "$token" }, answers: 204 },
  { call: "confirmEmailChange", send: { token: "$token" }, answers: "LINK_NOT_VALID" },
];

const admin = { token: "$admin.token" };
const invitedEmail = "invited.${run}@example.org";
const invited: Fields = { email: invitedEmail, first_name: "Вера", last_name: "Орлова${run}" };
const vera = { user_id: "$vera" };
const nobody = { user_id: 999_999_999 };

const administration: readonly Given[] = [
  {
    call: "createUser",
    ...admin,
    send: invited,
    answers: 201,
    with: { email: invitedEmail, role: "ROLE_STUDENT", invited_at: timestamp, invite_url: absent, version: 1 },
    capture: { vera: "id" },
  },
  { call: "createUser", ...admin, send: invited, answers: "EMAIL_TAKEN" },
  { call: "resendInvite", ...admin, send: vera, with: { id: "$vera", version: 2, invite_expires_at: timestamp } },
  { call: "resendInvite", ...admin, send: { user_id: "$dasha" }, answers: "INVITE_ACCEPTED" },
  { call: "cancelInvite", ...admin, send: vera, answers: 204 },
  { call: "cancelInvite", ...admin, send: vera, answers: "USER_NOT_FOUND" },
  linkIn(invitedEmail, "accept-invite"),
  linkIn(invitedEmail, "accept-invite"),
  { call: "createUser", ...admin, send: { ...invited, role: "ROLE_TEACHER" }, answers: 201, capture: { vera: "id" } },
  linkIn(invitedEmail, "accept-invite"),
  { call: "acceptInvite", send: { token: "$token", password }, with: { token_type: "bearer" } },
  { call: "acceptInvite", send: { token: "$token", password }, answers: "LINK_NOT_VALID" },
  {
    call: "updateUser",
    ...admin,
    send: { ...vera, first_name: "Вероника", role: "ROLE_STUDENT" },
    with: { first_name: "Вероника", role: "ROLE_STUDENT", invited_at: absent },
  },
  { call: "updateUser", ...masha, send: { ...vera, role: "ROLE_TEACHER" }, answers: "PERMISSION_DENIED" },
  {
    call: "suspendUser",
    ...admin,
    send: { ...vera, reason: "Каникулы" },
    with: { suspended_at: timestamp, suspension_reason: "Каникулы" },
  },
  { call: "suspendUser", ...admin, send: nobody, answers: "USER_NOT_FOUND" },
  { call: "login", send: { email: invitedEmail, password }, answers: "ACCOUNT_SUSPENDED" },
  { call: "restoreUser", ...admin, send: vera, with: { suspended_at: absent, suspension_reason: absent } },
  { call: "restoreUser", ...masha, send: vera, answers: "PERMISSION_DENIED" },
  { call: "deleteUser", ...admin, send: vera, answers: 204 },
  { call: "deleteUser", ...admin, send: vera, answers: "USER_NOT_FOUND" },
];

const passkeys: readonly Step[] = [
  { call: "beginPasskey", ...dasha, send: { password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
  {
    call: "beginPasskey",
    ...dasha,
    send: { password },
    with: { origin: matches("^https?://"), expires_at: timestamp },
    capture: { made: "webauthn.create(options_json, origin)" },
  },
  {
    call: "registerPasskey",
    ...dasha,
    send: { credential_json: "$made", name: "Дашин телефон" },
    answers: 201,
    with: { name: "Дашин телефон", created_at: timestamp, is_backed_up: false, token_type: "bearer" },
    capture: { passkey: "id", "dasha.token": "access_token" },
  },
  { call: "registerPasskey", ...dasha, send: { credential_json: "$made", name: "Key" }, answers: "INVALID_PASSKEY" },
  { call: "listPasskeys", ...dasha, with: { passkeys: [{ id: "$passkey", last_used_at: absent }] } },
  { call: "listPasskeys", answers: "UNAUTHENTICATED" },
  { call: "getPasskey", ...dasha, send: { passkey_id: "$passkey" }, with: { name: "Дашин телефон" } },
  { call: "getPasskey", ...masha, send: { passkey_id: "$passkey" }, answers: "PASSKEY_NOT_FOUND" },
  { call: "renamePasskey", ...dasha, send: { passkey_id: "$passkey", name: "Key" }, with: { name: "Key" } },
  { call: "renamePasskey", ...masha, send: { passkey_id: "$passkey", name: "Key" }, answers: "PASSKEY_NOT_FOUND" },
  {
    call: "beginPasskeyLogin",
    with: { origin: matches("^https?://"), expires_at: timestamp },
    capture: { signed: "webauthn.get(options_json, origin)" },
  },
  { call: "beginPasskeyLogin", ...unmet },
  {
    call: "loginWithPasskey",
    send: { credential_json: "$signed", device_name: "Телефон" },
    with: { token_type: "bearer", mfa_challenge: absent },
  },
  { call: "loginWithPasskey", send: { credential_json: "$signed" }, answers: "INVALID_PASSKEY" },
  {
    call: "removePasskey",
    ...dasha,
    send: { passkey_id: "$passkey", password: "wrong horse" },
    answers: "INVALID_CREDENTIALS",
  },
  { call: "removePasskey", ...dasha, send: { passkey_id: "$passkey", password }, answers: 204 },
];

const chats: readonly Step[] = [
  {
    call: "createChat",
    ...masha,
    send: { title: "Чаепитие ☕", member_ids: ["$petya"] },
    answers: 201,
    with: {
      title: "Чаепитие ☕",
      kind: "CHAT_KIND_GROUP",
      role: "CHAT_ROLE_OWNER",
      member_count: 2,
      last_message: absent,
    },
    capture: { tea: "id" },
  },
  {
    call: "createChat",
    ...masha,
    send: { title: "", member_ids: [0] },
    violates: [
      { field: "title", rule: "string.min_len" },
      { field: "member_ids[0]", rule: "int64.gt" },
    ],
  },
  {
    call: "openDirectChat",
    ...masha,
    send: { user_id: "$petya" },
    with: { kind: "CHAT_KIND_DIRECT", direct_user_id: "$petya" },
  },
  { call: "openDirectChat", ...masha, send: { user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
  {
    call: "listChats",
    ...masha,
    send: { limit: 1, sort: "created_at" },
    with: { chats: [{ id: "$tea" }], next_page_token: matches(".") },
  },
  { call: "listChats", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  { call: "getChat", ...masha, send: tea, with: { chat: { id: "$tea", version: 1 }, messages: [] } },
  { call: "getChat", ...masha, send: nowhere, answers: "CHAT_NOT_FOUND" },
  { call: "updateChat", ...masha, send: { ...tea, title: "Tea time" }, with: { title: "Tea time", version: 2 } },
  { call: "updateChat", ...petya, send: { ...tea, title: "Mine" }, answers: "PERMISSION_DENIED" },
  { call: "getChatPicture", ...masha, send: tea, answers: "PICTURE_NOT_FOUND" },
  {
    call: "updateChatPicture",
    ...masha,
    send: { ...tea, picture: { content_type: "image/png", data: png } },
    with: { ...tea, content_type: "image/png", size: Buffer.from(png, "base64").length, version: 1 },
  },
  {
    call: "updateChatPicture",
    ...masha,
    send: { ...tea, picture: { content_type: "image/png", data: "R0lGODlh" } },
    answers: "UNSUPPORTED_MEDIA_TYPE",
  },
  { call: "getChatPicture", ...petya, send: tea, with: { content_type: "image/png", data: png } },
  { call: "deleteChatPicture", ...petya, send: tea, answers: "PERMISSION_DENIED" },
  { call: "deleteChatPicture", ...masha, send: tea, answers: 204 },
];

const nothing = { file_id: 999_999_999 };
const files: readonly Step[] = [
  {
    call: "createFile",
    ...masha,
    send: { content: { content_type: "image/png", data: png }, purpose: "FILE_PURPOSE_AVATAR" },
    answers: 201,
    with: { media_type: "image/webp", purpose: "FILE_PURPOSE_AVATAR", created_at: timestamp },
    capture: { file: "id" },
  },
  {
    call: "updateUser",
    ...masha,
    send: { user_id: "$masha", avatar_file_id: nothing.file_id },
    answers: "FILE_NOT_USABLE",
  },
  {
    call: "createFile",
    ...masha,
    send: { content: { content_type: "image/png", data: "aGVsbG8=" }, purpose: "FILE_PURPOSE_AVATAR" },
    answers: "FILE_TYPE_NOT_ALLOWED",
  },
  { call: "getFile", ...masha, send: { file_id: "$file" }, with: { id: "$file", media_type: "image/webp" } },
  { call: "getFile", ...petya, send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
  { call: "getFileContent", ...masha, send: { file_id: "$file", size: 64 }, with: { content_type: "image/webp" } },
  { call: "getFileContent", ...masha, send: nothing, answers: "FILE_NOT_FOUND" },
  {
    call: "createFileLink",
    ...masha,
    send: { file_id: "$file", valid_seconds: 60 },
    with: { expires_at: timestamp },
    capture: { link: "segment(url)" },
  },
  { call: "createFileLink", ...petya, send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
  { call: "getLinkedFileContent", send: { token: "$link" }, with: { content_type: "image/webp" } },
  { call: "getLinkedFileContent", send: { token: "nonsense" }, answers: "FILE_NOT_FOUND" },
  { call: "deleteFile", ...masha, send: { file_id: "$file" }, answers: 204 },
  { call: "deleteFile", ...masha, send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
];

const members: readonly Step[] = [
  {
    call: "addChatMember",
    ...masha,
    send: { ...tea, user_id: "$dasha", role: "CHAT_ROLE_OWNER" },
    answers: 201,
    with: { user_id: "$dasha", role: "CHAT_ROLE_OWNER", joined_at: timestamp },
  },
  { call: "addChatMember", ...masha, send: { ...tea, user_id: "$dasha" }, answers: "ALREADY_MEMBER" },
  { call: "listChatMembers", ...petya, send: { ...tea, skip: 1 }, with: { members: size(2), next_page_token: "" } },
  { call: "listChatMembers", ...petya, send: nowhere, answers: "CHAT_NOT_FOUND" },
  {
    call: "updateChatMember",
    ...masha,
    send: { ...tea, user_id: "$dasha", role: "CHAT_ROLE_MEMBER" },
    with: { role: "CHAT_ROLE_MEMBER" },
  },
  {
    call: "updateChatMember",
    ...masha,
    send: { ...tea, user_id: 999_999_999, role: "CHAT_ROLE_OWNER" },
    answers: "MEMBER_NOT_FOUND",
  },
  { call: "removeChatMember", ...masha, send: { ...tea, user_id: "$dasha" }, answers: 204 },
  { call: "removeChatMember", ...masha, send: { ...tea, user_id: "$dasha" }, answers: "MEMBER_NOT_FOUND" },
];

const hello: Step = {
  call: "sendMessage",
  ...masha,
  send: { ...tea, text: "Привет 😀", client_message_id: "first-${run}" },
};

const messages: readonly Step[] = [
  {
    ...hello,
    answers: 201,
    with: {
      ...tea,
      seq: 1,
      sender_id: "$masha",
      text: "Привет 😀",
      created_at: timestamp,
      reply_to_id: absent,
      client_message_id: "first-${run}",
    },
    capture: { hello: "id", "hello.at": "created_at" },
  },
  { ...hello, send: { ...hello.send, text: "Пока" }, answers: "CLIENT_MESSAGE_ID_REUSED" },
  {
    call: "batchSendMessages",
    ...petya,
    send: { ...tea, messages: [{ text: "раз", reply_to_id: "$hello" }, { text: "два" }] },
    answers: 201,
    with: {
      messages: [
        { seq: 2, reply_to_id: "$hello" },
        { seq: 3, reply_to_id: absent },
      ],
    },
  },
  {
    call: "batchSendMessages",
    ...petya,
    send: { ...tea, messages: [] },
    violates: { field: "messages", rule: "repeated.min_items" },
  },
  {
    call: "listMessages",
    ...masha,
    send: { ...tea, sort: "created_at", exclude_sender_id: "$petya", created_before: "2100-01-01T00:00:00.000Z" },
    with: { messages: [{ id: "$hello" }] },
  },
  {
    call: "listMessages",
    ...masha,
    send: { ...tea, sender_id: -1 },
    violates: { field: "sender_id", rule: "int64.gt" },
  },
  {
    call: "getMessage",
    ...petya,
    send: { message_id: "$hello" },
    with: { id: "$hello", created_at: "$hello.at", edited_at: absent },
  },
  { call: "getMessage", ...petya, send: { message_id: 999_999_999 }, answers: "MESSAGE_NOT_FOUND" },
  {
    call: "updateMessage",
    ...masha,
    send: { message_id: "$hello", text: "Привет всем!" },
    with: { text: "Привет всем!", edited_at: timestamp, version: 2 },
  },
  {
    call: "updateMessage",
    ...masha,
    send: { message_id: "$hello", text: "Ещё раз" },
    headers: { "if-match": '"stale"' },
    answers: "PRECONDITION_FAILED",
  },
  { call: "deleteMessage", ...petya, send: { message_id: "$hello" }, answers: "PERMISSION_DENIED" },
  { call: "deleteMessage", ...masha, send: { message_id: "$hello" }, answers: 204 },
  { call: "readChat", ...masha, send: { ...tea, seq: 3 }, with: { ...tea, last_read_seq: 3, unread_count: 0 } },
  { call: "readChat", ...masha, send: { ...nowhere, seq: 3 }, answers: "CHAT_NOT_FOUND" },
  {
    call: "getChatStats",
    ...masha,
    send: { ...tea, time_zone: "Europe/Moscow" },
    with: { message_count: 2, days: size(1), members: [{ user_id: "$petya", message_count: 2 }] },
  },
  { call: "getChatStats", ...masha, send: { ...tea, time_zone: "Europe/Nowhere" }, answers: "INVALID_DATE" },
];

const group = { group_id: "$group" };

const event = { event_id: "$event" };
const noEvent = { event_id: 999_999_999 };
const eventDraft = {
  title: "Вечер роботов ${run}",
  text: "Bring your robots.\nИ вопросы.",
  place: "Зал 2",
  starts_at: "2031-03-30T00:30:00.000Z",
  ends_at: "2031-03-30T02:00:00.000Z",
  time_zone: "Europe/Berlin",
};

const events: readonly Step[] = [
  {
    call: "createEvent",
    ...admin,
    send: { ...eventDraft, audience: { is_for_all: true }, seats: 1 },
    answers: 201,
    with: { ...eventDraft, audience: { is_for_all: true, group_ids: [] }, seats: 1, registered_count: 0, version: 1 },
    capture: { event: "id" },
  },
  {
    call: "createEvent",
    ...admin,
    send: { ...eventDraft, audience: { is_for_all: true }, ends_at: eventDraft.starts_at },
    violates: { field: "ends_at", rule: "event.ends_at" },
  },
  {
    call: "listEvents",
    ...masha,
    send: { query: "вечер ${run}", time: "EVENT_TIME_UPCOMING", sort: "-starts_at" },
    with: { events: [{ id: "$event" }], next_page_token: "" },
  },
  { call: "listEvents", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  {
    call: "registerForEvent",
    ...masha,
    send: event,
    with: { user_id: "$masha", state: "REGISTRATION_STATE_REGISTERED", registered_at: timestamp },
  },
  { call: "registerForEvent", ...masha, send: noEvent, answers: "EVENT_NOT_FOUND" },
  {
    call: "addEventParticipant",
    ...admin,
    send: { ...event, user_id: "$petya" },
    with: { user_id: "$petya", state: "REGISTRATION_STATE_WAITING", waiting_place: 1 },
  },
  { call: "addEventParticipant", ...admin, send: { ...event, user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
  {
    call: "getEvent",
    ...petya,
    send: event,
    with: {
      registered_count: 1,
      waiting_count: 1,
      registration: { user_id: "$petya", state: "REGISTRATION_STATE_WAITING", waiting_place: 1 },
    },
  },
  { call: "getEvent", ...petya, send: noEvent, answers: "EVENT_NOT_FOUND" },
  { call: "cancelRegistration", ...masha, send: event, answers: 204 },
  { call: "cancelRegistration", ...masha, send: event, answers: "REGISTRATION_NOT_FOUND" },
  {
    call: "listEventParticipants",
    ...admin,
    send: { ...event, include: ["people"] },
    with: {
      participants: [{ user_id: "$petya", state: "REGISTRATION_STATE_REGISTERED" }],
      people: [{ id: "$petya" }],
    },
  },
  { call: "listEventParticipants", ...masha, send: event, answers: "PERMISSION_DENIED" },
  {
    call: "markAttendance",
    ...admin,
    send: { ...event, marks: [{ user_id: "$petya", attendance: "ATTENDANCE_PRESENT" }] },
    answers: "EVENT_NOT_BEGUN",
  },
  { call: "updateEvent", ...admin, send: { ...event, starts_at: "2021-03-30T00:30:00Z" }, with: { version: 2 } },
  {
    call: "markAttendance",
    ...admin,
    send: { ...event, marks: [{ user_id: "$petya", attendance: "ATTENDANCE_PRESENT" }] },
    answers: 204,
  },
  { call: "updateEvent", ...masha, send: { ...event, title: "Mine" }, answers: "PERMISSION_DENIED" },
  { call: "removeEventParticipant", ...admin, send: { ...event, user_id: "$petya" }, answers: "EVENT_OVER" },
  {
    call: "updateEvent",
    ...admin,
    send: { ...event, starts_at: "2031-03-30T00:30:00Z", seats: 0 },
    with: { seats: absent, version: 3 },
  },
  { call: "removeEventParticipant", ...admin, send: { ...event, user_id: "$petya" }, answers: 204 },
  {
    call: "cancelEvent",
    ...admin,
    send: { ...event, reason: "Зал затоплен." },
    with: { cancelled_at: timestamp, cancellation_reason: "Зал затоплен.", version: 4 },
  },
  { call: "cancelEvent", ...admin, send: { ...event, reason: "Once more." }, answers: "EVENT_CANCELLED" },
  { call: "getCalendarLink", answers: "UNAUTHENTICATED" },
  {
    call: "renewCalendarLink",
    ...masha,
    with: { created_at: timestamp },
    capture: { calendar: "segment(url)" },
  },
  { call: "renewCalendarLink", answers: "UNAUTHENTICATED" },
  { call: "getCalendarLink", ...masha, with: { url: absent, created_at: timestamp } },
  { call: "getCalendar", send: { token: "$calendar" }, with: { content_type: "text/calendar" } },
  { call: "revokeCalendarLink", ...masha, answers: 204 },
  { call: "revokeCalendarLink", answers: "UNAUTHENTICATED" },
  { call: "getCalendar", send: { token: "$calendar" }, answers: "CALENDAR_LINK_NOT_FOUND" },
];

const groups: readonly Step[] = [
  {
    call: "createGroup",
    ...admin,
    send: { name: "10-А ${run}", colour: "#3F51B5", with_chat: true },
    answers: 201,
    with: {
      name: "10-А ${run}",
      colour: "#3f51b5",
      chat_id: above(0),
      member_count: 0,
      created_at: timestamp,
      version: 1,
    },
    capture: { group: "id", "group.chat": "chat_id" },
  },
  { call: "createGroup", ...admin, send: { name: "10-а ${run}" }, answers: "GROUP_NAME_TAKEN" },
  {
    call: "addGroupMembers",
    ...admin,
    send: { ...group, user_ids: ["$masha", "$petya"] },
    with: { id: "$group", member_count: 2 },
  },
  { call: "addGroupMembers", ...admin, send: { ...group, user_ids: [999_999_999] }, answers: "USER_NOT_FOUND" },
  {
    call: "listGroups",
    ...masha,
    send: { query: "${run}" },
    with: { groups: [{ id: "$group" }], next_page_token: "" },
  },
  { call: "listGroups", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  { call: "getGroup", ...masha, send: group, with: { id: "$group", chat_id: "$group.chat", member_count: 2 } },
  { call: "getGroup", ...masha, send: { group_id: 999_999_999 }, answers: "GROUP_NOT_FOUND" },
  {
    call: "listGroupMembers",
    ...masha,
    send: group,
    with: {
      users: [
        { id: "$masha", group_id: "$group" },
        { id: "$petya", group_id: "$group" },
      ],
    },
  },
  {
    call: "listGroupMembers",
    ...masha,
    send: { ...group, limit: 101 },
    violates: { field: "limit", rule: "int32.lte" },
  },
  { call: "updateGroup", ...admin, send: { ...group, name: "11-А ${run}" }, with: { name: "11-А ${run}", version: 2 } },
  { call: "updateGroup", ...masha, send: { ...group, name: "11-Б ${run}" }, answers: "PERMISSION_DENIED" },
  { call: "removeGroupMember", ...admin, send: { ...group, user_id: "$masha" }, answers: 204 },
  { call: "removeGroupMember", ...admin, send: { ...group, user_id: "$masha" }, answers: "MEMBER_NOT_FOUND" },
  { call: "deleteGroup", ...admin, send: group, answers: "GROUP_NOT_EMPTY" },
  { call: "removeGroupMember", ...admin, send: { ...group, user_id: "$petya" }, answers: 204 },
  { call: "deleteGroup", ...admin, send: group, answers: 204 },
  { call: "deleteChat", ...admin, send: { chat_id: "$group.chat" }, answers: 204 },
];

const ofPost = { post_id: "$post" };
const noPost = { post_id: 999_999_999 };

const ofPoll = { poll_id: "$poll" };
const noPoll = { poll_id: 999_999_999 };
const question = { ...ofPost, question: "Куда?", options: ["В лес", "На озеро"] };

/** In a post that is published. */
const polls: readonly Step[] = [
  { call: "createPoll", ...masha, send: question, answers: "PERMISSION_DENIED" },
  {
    call: "createPoll",
    ...admin,
    send: { ...question, kind: "POLL_KIND_MULTIPLE", max_choices: 1, results: "POLL_RESULTS_AFTER_VOTE" },
    answers: 201,
    with: { question: "Куда?", kind: "POLL_KIND_MULTIPLE", min_choices: 1, max_choices: 1, created_at: timestamp },
    capture: { poll: "id" },
  },
  { call: "createPoll", ...admin, send: question, answers: "POST_HAS_POLL" },
  { call: "getPost", ...masha, send: ofPost, with: { poll_id: "$poll" } },
  {
    call: "getPoll",
    ...masha,
    send: ofPoll,
    with: { options: [{ number: 1, text: "В лес", vote_count: absent }, { number: 2 }], are_results_shown: false },
  },
  { call: "getPoll", ...masha, send: noPoll, answers: "POLL_NOT_FOUND" },
  {
    call: "voteInPoll",
    ...masha,
    send: { ...ofPoll, options: [1] },
    with: { options: [{ vote_count: 1 }, { vote_count: 0 }], voter_count: 1, chosen_options: [1], voted_at: timestamp },
  },
  {
    call: "voteInPoll",
    ...petya,
    send: { ...ofPoll, options: [1, 2] },
    answers: "POLL_MISMATCH",
  },
  { call: "deletePoll", ...admin, send: ofPoll, answers: "POLL_HAS_VOTES" },
  { call: "listPollAnswers", ...masha, send: ofPoll, exactly: { answers: [], next_page_token: "", people: [] } },
  { call: "listPollAnswers", ...petya, send: ofPoll, answers: "PERMISSION_DENIED" },
  { call: "exportPollVotes", ...admin, send: ofPoll, with: { content_type: "text/csv" } },
  { call: "exportPollVotes", ...masha, send: ofPoll, answers: "PERMISSION_DENIED" },
  { call: "takeBackPollVote", ...masha, send: ofPoll, with: { voter_count: 0, chosen_options: [], voted_at: absent } },
  { call: "updatePoll", ...masha, send: { ...ofPoll, never_closes: true }, answers: "PERMISSION_DENIED" },
  {
    call: "updatePoll",
    ...admin,
    send: { ...ofPoll, closes_at: "2999-01-01T12:00:00Z" },
    with: { closes_at: "2999-01-01T12:00:00.000Z", is_closed: false, version: 2 },
  },
  { call: "closePoll", ...masha, send: ofPoll, answers: "PERMISSION_DENIED" },
  { call: "closePoll", ...admin, send: ofPoll, with: { is_closed: true, closes_at: timestamp, version: 3 } },
  { call: "takeBackPollVote", ...masha, send: ofPoll, answers: "POLL_CLOSED" },
  { call: "deletePoll", ...admin, send: ofPoll, answers: 204 },
];

const posts: readonly Step[] = [
  {
    call: "createPost",
    ...admin,
    send: { title: "Поход ${run}", text: "Встречаемся **в 9:00**.", is_for_all: true },
    answers: 201,
    with: {
      title: "Поход ${run}",
      text: "Встречаемся **в 9:00**.",
      state: "POST_STATE_DRAFT",
      is_for_all: true,
      group_ids: [],
      created_at: timestamp,
      published_at: absent,
      version: 1,
    },
    capture: { post: "id" },
  },
  { call: "createPost", ...masha, send: { title: "Всем ${run}", is_for_all: true }, answers: "PERMISSION_DENIED" },
  { call: "getPost", ...masha, send: ofPost, answers: "POST_NOT_FOUND" },
  { call: "pinPost", ...admin, send: ofPost, answers: "POST_NOT_PUBLISHED" },
  { call: "unpinPost", ...admin, send: noPost, answers: "POST_NOT_FOUND" },
  { call: "publishPost", ...masha, send: ofPost, answers: "POST_NOT_FOUND" },
  { call: "publishPost", ...admin, send: ofPost, with: { state: "POST_STATE_PUBLISHED", published_at: timestamp } },
  { call: "pinPost", ...admin, send: ofPost, with: { is_pinned: true } },
  { call: "unpinPost", ...admin, send: ofPost, with: { is_pinned: false } },
  {
    call: "getPost",
    ...masha,
    send: { ...ofPost, html: true },
    with: { html: "<p>Встречаемся <strong>в 9:00</strong>.</p>" },
  },
  { call: "voteForPost", ...masha, send: ofPost, exactly: { ...ofPost, vote_count: 1, is_voted: true } },
  { call: "voteForPost", ...admin, send: ofPost, answers: "PERMISSION_DENIED" },
  { call: "takeBackPostVote", ...masha, send: ofPost, exactly: { ...ofPost, vote_count: 0, is_voted: false } },
  { call: "takeBackPostVote", ...masha, send: noPost, answers: "POST_NOT_FOUND" },
  {
    call: "listPosts",
    ...masha,
    send: { search: "поход ${run}", sort: "votes" },
    with: { posts: [{ id: "$post" }], next_page_token: "" },
  },
  { call: "listPosts", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  {
    call: "updatePost",
    ...admin,
    send: { ...ofPost, text: "В 10:00." },
    with: { text: "В 10:00.", edited_at: timestamp },
  },
  { call: "updatePost", ...masha, send: { ...ofPost, text: "Мой" }, answers: "PERMISSION_DENIED" },
  {
    call: "listPostVersions",
    ...masha,
    send: ofPost,
    with: { versions: [{ number: 1, text: "Встречаемся **в 9:00**.", written_at: timestamp }] },
  },
  { call: "listPostVersions", ...masha, send: noPost, answers: "POST_NOT_FOUND" },
  {
    call: "createComment",
    ...masha,
    send: { ...ofPost, text: "А если дождь?" },
    answers: 201,
    with: { ...ofPost, author_id: "$masha", root_id: absent, text: "А если дождь?", reply_count: 0 },
    capture: { comment: "id" },
  },
  {
    call: "createComment",
    ...petya,
    send: { ...ofPost, text: "Возьмём зонт", reply_to_id: "$comment" },
    answers: 201,
    with: { root_id: "$comment", reply_to_id: "$comment" },
  },
  { call: "createComment", ...masha, send: { ...noPost, text: "Эй" }, answers: "POST_NOT_FOUND" },
  {
    call: "listComments",
    ...masha,
    send: { ...ofPost, include: ["people"] },
    with: { comments: [{ id: "$comment", reply_count: 1 }, { root_id: "$comment" }], people: size(2) },
  },
  { call: "listComments", ...masha, send: noPost, answers: "POST_NOT_FOUND" },
  {
    call: "updateComment",
    ...masha,
    send: { comment_id: "$comment", text: "А снег?" },
    with: { text: "А снег?", version: 2 },
  },
  { call: "updateComment", ...petya, send: { comment_id: "$comment", text: "Нет" }, answers: "PERMISSION_DENIED" },
  { call: "getComment", ...petya, send: { comment_id: "$comment" }, with: { text: "А снег?", edited_at: timestamp } },
  { call: "getComment", ...petya, send: { comment_id: 999_999_999 }, answers: "COMMENT_NOT_FOUND" },
  {
    call: "listCommentVersions",
    ...petya,
    send: { comment_id: "$comment" },
    with: { versions: [{ number: 1, text: "А если дождь?" }] },
  },
  { call: "listCommentVersions", ...petya, send: { comment_id: 999_999_999 }, answers: "COMMENT_NOT_FOUND" },
  { call: "reportComment", ...petya, send: { comment_id: "$comment", reason: "Спам" }, answers: 204 },
  { call: "reportComment", ...petya, send: { comment_id: "$comment", reason: "Спам" }, answers: "ALREADY_REPORTED" },
  { call: "reportPost", ...petya, send: { ...ofPost, reason: "Спам" }, answers: 204 },
  { call: "reportPost", ...petya, send: { ...ofPost, reason: "Спам" }, answers: "ALREADY_REPORTED" },
  {
    call: "listReports",
    ...admin,
    send: ofPost,
    with: { reports: [{ comment_id: "$comment", reason: "Спам", state: "REPORT_STATE_OPEN" }], open_count: 1 },
    capture: { report: "reports[0].id" },
  },
  { call: "listReports", ...masha, send: ofPost, answers: "PERMISSION_DENIED" },
  { call: "getReport", ...admin, send: { report_id: "$report" }, with: { reporter_id: "$petya", text: "А снег?" } },
  { call: "getReport", ...admin, send: { report_id: 999_999_999 }, answers: "REPORT_NOT_FOUND" },
  {
    call: "resolveReport",
    ...admin,
    send: { report_id: "$report", decision: "dismiss" },
    with: { state: "REPORT_STATE_DISMISSED", resolved_at: timestamp },
  },
  { call: "resolveReport", ...admin, send: { report_id: "$report", decision: "remove" }, answers: "REPORT_RESOLVED" },
  ...polls,
  { call: "deleteComment", ...petya, send: { comment_id: "$comment" }, answers: "PERMISSION_DENIED" },
  { call: "deleteComment", ...masha, send: { comment_id: "$comment" }, answers: 204 },
  { call: "deletePost", ...masha, send: ofPost, answers: "PERMISSION_DENIED" },
  { call: "deletePost", ...admin, send: ofPost, answers: 204 },
];

const announced = { type: "NOTIFICATION_TYPE_WARNING", text: "Завтра уроки с 9:00" };
const noNotification = { notification_id: 999_999_999 };

const notifications: readonly Step[] = [
  {
    call: "updateNotificationPreferences",
    ...masha,
    send: { muted: { types: ["NOTIFICATION_TYPE_INFO", "NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED"] } },
    with: { muted: { types: ["NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED", "NOTIFICATION_TYPE_INFO"] } },
  },
  {
    call: "updateNotificationPreferences",
    ...masha,
    send: { muted: { types: ["NOTIFICATION_TYPE_WARNING"] } },
    violates: { field: "muted.types[0]", rule: "enum.in" },
  },
  { call: "getNotificationPreferences", ...masha, with: { muted: { types: size(2) } } },
  { call: "getNotificationPreferences", answers: "UNAUTHENTICATED" },
  {
    call: "sendAnnouncement",
    ...admin,
    send: { ...announced, user_ids: ["$masha"] },
    answers: 201,
    with: { ...announced, recipient_count: 1, created_at: timestamp },
    capture: { announcement: "id" },
  },
  { call: "sendAnnouncement", ...petya, send: { ...announced, user_ids: ["$masha"] }, answers: "PERMISSION_DENIED" },
  {
    call: "getAnnouncement",
    ...admin,
    send: { announcement_id: "$announcement" },
    with: { id: "$announcement", ...announced },
  },
  { call: "getAnnouncement", ...admin, send: { announcement_id: 999_999_999 }, answers: "ANNOUNCEMENT_NOT_FOUND" },
  {
    call: "listAnnouncements",
    ...admin,
    send: { limit: 100 },
    with: { announcements: including({ id: "$announcement" }) },
  },
  { call: "listAnnouncements", ...petya, answers: "PERMISSION_DENIED" },
  {
    call: "listNotifications",
    ...masha,
    send: { types: ["NOTIFICATION_TYPE_WARNING"], unread: true },
    with: {
      notifications: [{ ...announced, read_at: absent, warning: { text: announced.text }, info: absent }],
      next_page_token: "",
    },
    capture: { notification: "notifications[0].id" },
  },
  { call: "listNotifications", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  { call: "getUnreadCount", ...masha, with: { unread_count: above(0) } },
  { call: "getUnreadCount", answers: "UNAUTHENTICATED" },
  {
    call: "getNotification",
    ...masha,
    send: { notification_id: "$notification" },
    with: { ...announced, read_at: absent, warning: { announcement_id: "$announcement" } },
  },
  { call: "getNotification", ...petya, send: { notification_id: "$notification" }, answers: "NOTIFICATION_NOT_FOUND" },
  {
    call: "readNotification",
    ...masha,
    send: { notification_id: "$notification" },
    with: { id: "$notification", read_at: timestamp },
  },
  { call: "readNotification", ...masha, send: noNotification, answers: "NOTIFICATION_NOT_FOUND" },
  { call: "readNotifications", ...masha, send: { all: true }, with: { unread_count: 0 } },
  {
    call: "readNotifications",
    ...masha,
    send: {},
    violates: { field: "notification_ids", rule: "read.choice" },
  },
];

const banner = { banner_id: "$banner" };
const banners: readonly Step[] = [
  {
    call: "createBanner",
    ...admin,
    send: { level: "BANNER_LEVEL_ERROR", text: "**Привет** ${run}", active_from: "2000-01-01T00:00:00.000Z" },
    answers: 201,
    with: { level: "BANNER_LEVEL_ERROR", html: absent, active_until: absent, version: 1 },
    capture: { banner: "id" },
  },
  { call: "createBanner", ...petya, send: { text: "Привет" }, answers: "PERMISSION_DENIED" },
  {
    call: "listActiveBanners",
    send: { limit: 100, html: true },
    with: { banners: including({ id: "$banner", html: "<p><strong>Привет</strong> ${run}</p>" }) },
  },
  { call: "listActiveBanners", send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  {
    call: "listBanners",
    ...admin,
    send: { limit: 100 },
    with: { banners: including({ id: "$banner", html: absent }) },
  },
  { call: "listBanners", ...petya, answers: "PERMISSION_DENIED" },
  { call: "getBanner", ...admin, send: banner, with: { id: "$banner", text: "**Привет** ${run}" } },
  { call: "getBanner", ...admin, send: { banner_id: 999_999_999 }, answers: "BANNER_NOT_FOUND" },
  { call: "updateBanner", ...admin, send: { ...banner, text: "Пока" }, with: { text: "Пока", version: 2 } },
  { call: "updateBanner", ...admin, send: { banner_id: 999_999_999 }, answers: "BANNER_NOT_FOUND" },
  { call: "deleteBanner", ...admin, send: banner, answers: 204 },
  { call: "deleteBanner", ...admin, send: banner, answers: "BANNER_NOT_FOUND" },
];

const row = "imported.${run}@example.org";
const csv = (...lines: readonly string[]): Fields => ({ content_type: "text/csv", data: bytesOf(lines.join("\r\n")) });
const firstLine = "Почта;Имя;Фамилия";

const imports: readonly Given[] = [
  {
    call: "importUsers",
    ...admin,
    send: { file: csv(firstLine, `${row};"Ан;на";Петрова`, "никто;;Петрова") },
    answers: 201,
    with: { state: "IMPORT_STATE_QUEUED", rows_total: 2, created_at: timestamp, ended_at: absent },
    capture: { import: "id" },
  },
  { call: "importUsers", ...admin, send: { file: csv("Имя") }, answers: "INVALID_CSV" },
  linkIn(row, "accept-invite"),
  {
    call: "getImport",
    ...admin,
    send: { import_id: "$import" },
    with: { state: "IMPORT_STATE_DONE", rows_created: 1, rows_refused: 1, errors: size(2), ended_at: timestamp },
  },
  { call: "getImport", ...admin, send: { import_id: 999_999_999 }, answers: "IMPORT_NOT_FOUND" },
  { call: "listImports", ...admin, send: { limit: 1 }, with: { imports: [{ id: "$import", errors: [] }] } },
  { call: "listImports", ...petya, answers: "PERMISSION_DENIED" },
  {
    call: "listImportErrors",
    ...admin,
    send: { import_id: "$import", limit: 1 },
    with: { errors: [{ line: 3, column: "email", rule: "string.email" }], next_page_token: matches(".") },
  },
  { call: "listImportErrors", ...admin, send: { import_id: 999_999_999 }, answers: "IMPORT_NOT_FOUND" },
  { call: "renewImportInvites", ...admin, send: { import_id: "$import" }, with: { content_type: "text/csv" } },
  { call: "renewImportInvites", ...petya, send: { import_id: "$import" }, answers: "PERMISSION_DENIED" },
  { call: "cancelImport", ...admin, send: { import_id: "$import" }, answers: "IMPORT_ENDED" },
  {
    call: "createFile",
    ...admin,
    send: { content: csv(firstLine, "ещё.${run}@example.org;Анна;Петрова") },
    answers: 201,
    capture: { people: "id" },
  },
  {
    call: "createImport",
    ...admin,
    send: { file_id: "$people", dry_run: true },
    answers: 201,
    with: { dry_run: true, rows_total: 1 },
  },
  { call: "createImport", ...admin, send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
  // Behind one with passwords, which take their time.
  {
    call: "importUsers",
    ...admin,
    send: {
      file: csv(
        `${firstLine};Пароль`,
        ...Array.from({ length: 400 }, (_, at) => `p${at}.\${run}@example.org;Анна;Петрова;${password}`),
      ),
    },
    answers: 201,
    capture: { long: "id" },
  },
  { call: "cancelImport", ...admin, send: { import_id: "$long" }, with: { state: "IMPORT_STATE_CANCELLED" } },
  { call: "exportUsers", ...admin, send: { role: "ROLE_SUPER_ADMIN" }, with: { content_type: "text/csv" } },
  { call: "exportUsers", ...petya, answers: "PERMISSION_DENIED" },
];

const achievement = { achievement_id: "$achievement" };
const diploma = (variable: string): Step => ({
  call: "createFile",
  ...masha,
  send: { purpose: "FILE_PURPOSE_DIPLOMA", content: { content_type: "image/png", data: png } },
  answers: 201,
  capture: { [variable]: "id" },
});
const handIn = (variable: string, file_id: string, title: string): Step => ({
  call: "createAchievement",
  ...masha,
  send: { kind: "ACHIEVEMENT_KIND_OLYMPIAD", title, description: "Второе место", file_id },
  answers: 201,
  with: { state: "ACHIEVEMENT_STATE_PENDING", file: { id: file_id }, points: absent, moderated_at: absent, version: 1 },
  capture: { [variable]: "id" },
});

const achievements: readonly Step[] = [
  diploma("diploma"),
  handIn("achievement", "$diploma", "Олимпиада ${run}"),
  {
    call: "createAchievement",
    ...masha,
    send: { title: " " },
    violates: [
      { field: "kind", rule: "enum.in" },
      { field: "title", rule: "string.min_len" },
      { field: "file_id", rule: "int64.gt" },
    ],
  },
  { call: "updateAchievement", ...masha, send: { ...achievement, title: "Физика ${run}" }, with: { version: 2 } },
  { call: "updateAchievement", ...petya, send: { ...achievement, title: "Моя" }, answers: "ACHIEVEMENT_NOT_FOUND" },
  {
    call: "listPendingAchievements",
    ...admin,
    send: { query: "физика ${run}", include: ["people"] },
    with: { achievements: [{ id: "$achievement" }], total_count: 1, people: [{ id: "$masha" }] },
  },
  { call: "listPendingAchievements", ...petya, answers: "PERMISSION_DENIED" },
  {
    call: "acceptAchievement",
    ...admin,
    send: { ...achievement, points: 1001 },
    violates: { field: "points", rule: "int32.lte" },
  },
  {
    call: "acceptAchievement",
    ...admin,
    send: { ...achievement, points: 40 },
    with: { state: "ACHIEVEMENT_STATE_ACCEPTED", points: 40, moderated_at: timestamp, version: 3 },
  },
  { call: "rejectAchievement", ...admin, send: { ...achievement, reason: "Поздно" }, answers: "ACHIEVEMENT_MODERATED" },
  { call: "getAchievement", ...petya, send: achievement, with: { points: 40, file: absent } },
  { call: "getAchievement", ...petya, send: { achievement_id: 999_999_999 }, answers: "ACHIEVEMENT_NOT_FOUND" },
  {
    call: "listUserAchievements",
    ...petya,
    send: { user_id: "$masha" },
    with: { achievements: [{ id: "$achievement" }], next_page_token: "" },
  },
  { call: "listUserAchievements", ...petya, send: { user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
  {
    call: "getUserAchievementStats",
    ...petya,
    send: { user_id: "$masha" },
    with: {
      counts: [{ state: "ACHIEVEMENT_STATE_ACCEPTED", kind: "ACHIEVEMENT_KIND_OLYMPIAD", count: 1, points: 40 }],
    },
  },
  { call: "getUserAchievementStats", ...petya, send: { user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
  { call: "exportAchievements", ...admin, send: { user_id: "$masha" }, with: { content_type: "application/zip" } },
  { call: "exportAchievements", ...petya, answers: "PERMISSION_DENIED" },
  {
    call: "revokeAchievement",
    ...admin,
    send: { ...achievement, reason: "Ошибка" },
    with: { state: "ACHIEVEMENT_STATE_REVOKED", reason: "Ошибка", revoked_at: timestamp },
  },
  { call: "revokeAchievement", ...admin, send: { ...achievement, reason: "Ошибка" }, answers: "ACHIEVEMENT_MODERATED" },
  diploma("next.diploma"),
  handIn("achievement", "$next.diploma", "Концерт ${run}"),
  {
    call: "rejectAchievement",
    ...admin,
    send: { ...achievement, reason: "Не та грамота" },
    with: { state: "ACHIEVEMENT_STATE_REJECTED", reason: "Не та грамота" },
  },
  { call: "withdrawAchievement", ...masha, send: achievement, answers: "ACHIEVEMENT_MODERATED" },
  diploma("last.diploma"),
  handIn("achievement", "$last.diploma", "Выставка ${run}"),
  { call: "withdrawAchievement", ...masha, send: achievement, answers: 204 },
  {
    call: "listMyAchievements",
    ...masha,
    send: { limit: 1 },
    with: { achievements: [{ state: "ACHIEVEMENT_STATE_REJECTED" }] },
  },
  { call: "listMyAchievements", ...masha, send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
  { call: "getAchievementStats", ...admin, send: { created_before: "2000-01-01T00:00:00Z" }, exactly: { counts: [] } },
  { call: "getAchievementStats", ...petya, answers: "PERMISSION_DENIED" },
];

const audit: readonly Step[] = [
  {
    call: "listAuditEvents",
    token: "$admin.token",
    send: { actor_id: "$masha", action: "chat_member.*", target_id: "${tea}/${dasha}", limit: 1 },
    with: {
      events: [
        { action: "chat_member.remove", means: "AUDIT_MEANS_BEARER", outcome: "AUDIT_OUTCOME_SUCCESS", count: 1 },
      ],
      next_page_token: matches("."),
    },
  },
  { call: "listAuditEvents", ...petya, answers: "PERMISSION_DENIED" },
];

const updates: readonly Step[] = [
  { call: "listFailedUpdates", ...admin, with: { failed_updates: [], count: 0 } },
  { call: "listFailedUpdates", ...petya, answers: "PERMISSION_DENIED" },
  { call: "retryFailedUpdates", ...admin, with: { count: 0 } },
  { call: "retryFailedUpdates", ...admin, send: { ids: [0] }, violates: { field: "ids[0]", rule: "int64.gt" } },
  { call: "discardFailedUpdates", ...admin, send: { ids: [1] }, with: { count: 0 } },
  { call: "discardFailedUpdates", ...admin, violates: { field: "ids", rule: "repeated.min_items" } },
];

const realtime: readonly Step[] = [
  { call: "createRealtimeTicket", ...masha, with: { ticket: matches("."), expires_at: timestamp } },
  { call: "createRealtimeTicket", answers: "UNAUTHENTICATED" },
  { call: "listUpdates", ...masha, send: { topics: ["school"] }, with: { updates: [], missing: [] } },
  { call: "listUpdates", ...masha, send: { cursor: "nonsense" }, answers: "CURSOR_INVALID" },
  { call: "streamUpdates", ...masha, send: { topics: ["school"] }, with: { missing: [] } },
  { call: "streamUpdates", ...masha, send: { cursor: "nonsense" }, answers: "CURSOR_INVALID" },
  { call: "updateRealtimeSettings", ...masha, send: { shows_typing: false }, with: { shows_typing: false } },
  { call: "updateRealtimeSettings", send: { shows_typing: true }, answers: "UNAUTHENTICATED" },
  { call: "getRealtimeSettings", ...masha, exactly: { shows_presence: true, shows_typing: false } },
  { call: "getRealtimeSettings", answers: "UNAUTHENTICATED" },
];

const jobs: readonly Step[] = [
  { call: "listJobs", ...admin, send: { state: "JOB_STATE_DEAD" }, with: { jobs: [], count: 0 } },
  { call: "listJobs", ...petya, answers: "PERMISSION_DENIED" },
  { call: "retryJobs", ...admin, send: { ids: [999_999_999] }, with: { count: 0 } },
  { call: "retryJobs", ...admin, send: { ids: [0] }, violates: { field: "ids[0]", rule: "int64.gt" } },
  { call: "cancelJobs", ...admin, send: { ids: [999_999_999] }, with: { count: 0 } },
  { call: "cancelJobs", ...admin, violates: { field: "ids", rule: "repeated.min_items" } },
];

const hook = { webhook_id: "$hook" };
const noHook = { webhook_id: 999_999_999 };
const hookUrl = "https://hooks.school.example/${run}";
const since = "2026-01-01T00:00:00Z";
const webhooks: readonly Step[] = [
  {
    call: "createWebhook",
    ...admin,
    send: { url: hookUrl, kinds: ["medal.*"], serialization: "WEBHOOK_SERIALIZATION_PROTOBUF" },
    answers: 201,
    with: { kinds: ["medal.*"], is_enabled: true, secret: matches("^whsec_"), created_at: timestamp },
    capture: { hook: "id" },
  },
  {
    call: "createWebhook",
    ...admin,
    send: { url: "https://127.0.0.1/", kinds: ["*"] },
    answers: "WEBHOOK_URL_REFUSED",
  },
  { call: "listWebhooks", ...admin, with: { webhooks: including({ id: "$hook", secret: absent }) } },
  { call: "listWebhooks", ...petya, answers: "PERMISSION_DENIED" },
  { call: "getWebhook", ...admin, send: hook, with: { url: hookUrl, serialization: "WEBHOOK_SERIALIZATION_PROTOBUF" } },
  { call: "getWebhook", ...admin, send: noHook, answers: "WEBHOOK_NOT_FOUND" },
  {
    call: "updateWebhook",
    ...admin,
    send: { ...hook, is_ordered: true },
    with: { is_ordered: true, is_enabled: true },
  },
  { call: "updateWebhook", ...admin, send: noHook, answers: "WEBHOOK_NOT_FOUND" },
  { call: "rotateWebhookSecret", ...admin, send: hook, with: { former_secret_until: timestamp } },
  { call: "rotateWebhookSecret", ...admin, send: noHook, answers: "WEBHOOK_NOT_FOUND" },
  { call: "testWebhook", ...admin, send: hook, with: { kind: "ping" }, capture: { delivery: "id" } },
  { call: "testWebhook", ...admin, send: noHook, answers: "WEBHOOK_NOT_FOUND" },
  { call: "listWebhookDeliveries", ...admin, send: hook, with: { deliveries: [{ id: "$delivery", kind: "ping" }] } },
  { call: "listWebhookDeliveries", ...admin, send: noHook, answers: "WEBHOOK_NOT_FOUND" },
  {
    call: "redeliverWebhookDelivery",
    ...admin,
    send: { ...hook, delivery_id: "$delivery" },
    with: { id: "$delivery" },
  },
  {
    call: "redeliverWebhookDelivery",
    ...admin,
    send: { ...hook, delivery_id: 999_999_999 },
    answers: "WEBHOOK_DELIVERY_NOT_FOUND",
  },
  { call: "replayWebhook", ...admin, send: { ...hook, since }, with: { count: 0 } },
  { call: "replayWebhook", ...admin, send: { ...noHook, since }, answers: "WEBHOOK_NOT_FOUND" },
  { call: "deleteWebhook", ...admin, send: hook, answers: 204 },
  { call: "deleteWebhook", ...admin, send: hook, answers: "WEBHOOK_NOT_FOUND" },
];

const farewell: readonly Step[] = [
  { call: "leaveChat", ...masha, send: tea, answers: "LAST_OWNER" },
  { call: "leaveChat", ...petya, send: tea, answers: 204 },
  { call: "deleteChat", ...masha, send: tea, answers: 204 },
  { call: "deleteChat", ...masha, send: tea, answers: "CHAT_NOT_FOUND" },
  {
    call: "listSessions",
    ...petya,
    send: { limit: 1 },
    with: { sessions: [{ current: true, created_at: timestamp }] },
    capture: { "petya.session": "sessions[0].id" },
  },
  { call: "listSessions", answers: "UNAUTHENTICATED" },
  { call: "revokeOtherSessions", ...petya, answers: 204 },
  { call: "revokeOtherSessions", answers: "UNAUTHENTICATED" },
  { call: "revokeSession", ...masha, send: { session_id: "$petya.session" }, answers: "SESSION_NOT_FOUND" },
  { call: "listSessions", token: "$dasha.token", capture: { "dasha.session": "sessions[0].id" } },
  { call: "revokeSession", token: "$dasha.token", send: { session_id: "$dasha.session" }, answers: 204 },
  { call: "logout", ...petya, answers: 204 },
  { call: "logout", ...petya, answers: "INVALID_TOKEN" },
  { call: "deleteMe", ...masha, send: { password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
  { call: "deleteMe", ...masha, send: { password }, answers: 204 },
];

const ofPetya = { user_id: "$petya" };
const points: readonly Given[] = [
  {
    call: "addPoints",
    ...admin,
    send: { ...ofPetya, amount: 120, note: "Олимпиада" },
    answers: 201,
    with: { amount: 120, reason: "POINTS_REASON_BY_HAND", note: "Олимпиада", source_id: absent, created_at: timestamp },
    capture: { entry: "id" },
  },
  { call: "addPoints", ...petya, send: { ...ofPetya, amount: 1, note: "A" }, answers: "PERMISSION_DENIED" },
  {
    call: "listPointsEntries",
    ...petya,
    send: { ...ofPetya, limit: 1 },
    with: { entries: [{ id: "$entry", amount: 120 }], people: [] },
  },
  { call: "listPointsEntries", ...masha, send: ofPetya, answers: "PERMISSION_DENIED" },
  { call: "getPointsEntry", ...petya, send: { ...ofPetya, entry_id: "$entry" }, with: { amount: 120 } },
  { call: "getPointsEntry", ...petya, send: { ...ofPetya, entry_id: 999_999_999 }, answers: "POINTS_ENTRY_NOT_FOUND" },
  { call: "listMedals", ...masha, with: { medals: size(11) } },
  { call: "listMedals", answers: "UNAUTHENTICATED" },
  {
    call: "awardMedal",
    ...admin,
    send: { ...ofPetya, medal_id: 9, reason: "Графы" },
    answers: 201,
    with: {
      ...ofPetya,
      medal: { id: 9, name: "Helping Hand", grade: "MEDAL_GRADE_BRONZE", rule: absent },
      reason: "Графы",
      awarded_at: timestamp,
    },
  },
  { call: "awardMedal", ...admin, send: { ...ofPetya, medal_id: 9, reason: "A" }, answers: "MEDAL_ALREADY_AWARDED" },
  { call: "getUserMedal", ...masha, send: { ...ofPetya, medal_id: 9 }, with: { reason: "Графы" } },
  { call: "getUserMedal", ...masha, send: { user_id: "$masha", medal_id: 9 }, answers: "MEDAL_NOT_FOUND" },
  { call: "listUserMedals", ...masha, send: { user_id: "$masha" }, with: { medals: [] } },
  { call: "listUserMedals", ...masha, send: { user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
  { call: "listMedalHolders", ...masha, send: { medal_id: 9, limit: 1 }, with: { holders: [{ medal: { id: 9 } }] } },
  { call: "listMedalHolders", ...masha, send: { medal_id: 12 }, answers: "MEDAL_NOT_FOUND" },
  { call: "revokeMedal", ...admin, send: { ...ofPetya, medal_id: 9 }, answers: 204 },
  { call: "revokeMedal", ...admin, send: { ...ofPetya, medal_id: 9 }, answers: "MEDAL_NOT_FOUND" },
];

export const session: readonly Given[] = [
  ...health,
  ...accounts,
  ...apiKeys,
  ...secondFactor,
  ...passkeys,
  ...passwords,
  ...administration,
  ...chats,
  ...files,
  ...members,
  ...messages,
  ...groups,
  ...events,
  ...posts,
  ...notifications,
  ...banners,
  ...imports,
  ...points,
  ...achievements,
  ...audit,
  ...updates,
  ...realtime,
  ...jobs,
  ...webhooks,
  ...farewell,
];
