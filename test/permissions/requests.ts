// The request of each row of permissions.txt, and the scene that it needs. Variables are those of scene.ts.
import { bytesOf, type Fields, type Given, type Step } from "../../runner/cases/case.js";
import { password } from "../../suite/people.js";

/** A request that a permitted caller's call succeeds with. */
export interface Request {
  readonly send?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
  /** Steps before it, in addition to the scene, by those who may. */
  readonly given?: readonly Given[];
  /** Whether the call changes the person who calls, who is then made anew. */
  readonly endsCaller?: boolean;
}

/** A JPEG's first bytes. */
const picture = { content_type: "image/jpeg", data: "/9j/4AAQSkZJRgABAQ==" };
const chat: Fields = { chat_id: "$tea" };
const message: Fields = { message_id: "$message" };
const withPicture: Step = { call: "updateChatPicture", token: "$owner", send: { ...chat, picture } };

const file: Fields = { content: { content_type: "text/plain", data: "aGVsbG8=" } };
/** A file of self that nothing uses. */
const upload: Step = { call: "createFile", token: "$self", send: file, answers: 201, capture: { "own.file": "id" } };
const link: Step = {
  call: "createFileLink",
  token: "$self",
  send: { file_id: "$own.file" },
  capture: { "own.link": "segment(url)" },
};

const apiKey: Fields = { name: "Script", scopes: ["SCOPE_USERS_READ"] };
const makeKey: Step = {
  call: "createApiKey",
  token: "$self",
  send: apiKey,
  answers: 201,
  capture: { "own.key": "id" },
};
/** A person with a second factor, whose login waits for a code. */
const factorEmail = "factor.${unique}@example.org";
const waitingLogin: readonly Step[] = [
  {
    call: "register",
    send: { email: factorEmail, password, first_name: "New", last_name: "Person" },
    answers: 201,
  },
  { call: "login", send: { email: factorEmail, password }, capture: { enrolling: "access_token" } },
  {
    call: "beginTotp",
    token: "$enrolling",
    send: { password },
    capture: { code: "totp(secret)", next: "totp(secret, 1)" },
  },
  { call: "confirmTotp", token: "$enrolling", send: { code: "$code" } },
  { call: "login", send: { email: factorEmail, password }, capture: { challenge: "mfa_challenge" } },
];
/** A person who is mailed a link. */
const linkedEmail = "linked.${unique}@example.org";
const linked: Step = {
  call: "register",
  send: { email: linkedEmail, password, first_name: "New", last_name: "Person" },
  answers: 201,
};
const linkIn = (mailTo: string): Given => ({ mailTo, matching: "#token=(?<token>[\\w-]+)" });

/** A student who is invited. */
const invited = { email: "invited.${unique}@example.org", first_name: "New", last_name: "Person" };
const invite: Step = { call: "createUser", token: "$admin", send: invited, answers: 201, capture: { invited: "id" } };

/** A group without members, and one with self in it. */
const group: Fields = { group_id: "$group" };
const makeGroup: Step = {
  call: "createGroup",
  token: "$admin",
  send: { name: "Group ${unique}" },
  answers: 201,
  capture: { group: "id" },
};
const groupOfSelf: readonly Step[] = [
  makeGroup,
  { call: "addGroupMembers", token: "$admin", send: { ...group, user_ids: ["$self.id"] } },
];

/** A post of self for the staff alone, a comment of self on it, and a report of both. */
const draft: Fields = { title: "Post ${unique}", text: "Words" };
const makeDraft: Step = { call: "createPost", token: "$self", send: draft, answers: 201, capture: { post: "id" } };
const makePost: Step = { ...makeDraft, send: { ...draft, publish: true } };
const ofPost: Fields = { post_id: "$post" };
const makeComment: Step = {
  call: "createComment",
  token: "$self",
  send: { ...ofPost, text: "Words" },
  answers: 201,
  capture: { comment: "id" },
};
const ofComment: Fields = { comment_id: "$comment" };
const reason: Fields = { reason: "rude" };
const reported: readonly Step[] = [
  makePost,
  { call: "reportPost", token: "$admin", send: { ...ofPost, ...reason }, answers: 204 },
  { call: "listReports", token: "$admin", send: ofPost, capture: { report: "reports[0].id" } },
];

/** A poll in that post. */
const question: Fields = { question: "Where to?", options: ["wood", "lake"] };
const makePoll: readonly Step[] = [
  makePost,
  { call: "createPoll", token: "$self", send: { ...ofPost, ...question }, answers: 201, capture: { poll: "id" } },
];
const makeOpenPoll: readonly Step[] = [
  makePost,
  { ...makePoll[1]!, send: { ...ofPost, question: "Why?", kind: "POLL_KIND_OPEN" } },
];
const ofPoll: Fields = { poll_id: "$poll" };

/** A passkey of self that is not registered. */
const madePasskey: Step = {
  call: "beginPasskey",
  token: "$self",
  send: { password },
  capture: { made: "webauthn.create(options_json, origin)" },
};
/** A login with the passkey that was made last: the one of self. */
const signedLogin: readonly Step[] = [
  { call: "beginPasskeyLogin", capture: { signed: "webauthn.get(options_json, origin)" } },
];

/** A file that makes nobody, and the import that the admin has begun with it. */
const csv = {
  content_type: "text/csv",
  data: bytesOf("email,first_name,last_name\nperson@example.org,New,Person\n"),
};
const begunImport: Step = {
  call: "importUsers",
  token: "$admin",
  send: { file: csv, dry_run: true },
  answers: 201,
  capture: { import: "id" },
};
/** It has ended for certain: of two calls one finds it so. */
const endedImport: Step = {
  call: "cancelImport",
  token: "$admin",
  send: { import_id: "$import" },
  times: 2,
  answers: "*",
};

/** Points that self was given, and a medal. */
const givenPoints: Step = {
  call: "addPoints",
  token: "$admin",
  send: { user_id: "$self.id", amount: 1, note: "Help" },
  answers: 201,
  capture: { entry: "id" },
};
const award: Fields = { user_id: "$invited", medal_id: 9, reason: "Help" };
const awarded: readonly Step[] = [invite, { call: "awardMedal", token: "$admin", send: award, answers: 201 }];
/** An event for the group of self, who comes to it, and the one that began long ago, with self on it. */
const event: Fields = { event_id: "$event" };
const eventDraft: Fields = {
  title: "Event",
  starts_at: "2031-03-30T00:30:00Z",
  ends_at: "2031-03-30T02:00:00Z",
  time_zone: "Europe/Moscow",
  audience: { is_for_all: true },
};
const eventOfSelf: readonly Step[] = [
  ...groupOfSelf,
  {
    call: "createEvent",
    token: "$admin",
    send: { ...eventDraft, audience: { group_ids: ["$group"] } },
    answers: 201,
    capture: { event: "id" },
  },
];
const withSelf: readonly Step[] = [...eventOfSelf, { call: "registerForEvent", token: "$self", send: event }];
const begun: Step = {
  call: "updateEvent",
  token: "$admin",
  send: { ...event, starts_at: "2021-03-30T00:30:00Z" },
};
const calendarLink: Step = { call: "renewCalendarLink", token: "$self", capture: { "own.calendar": "segment(url)" } };
/** A diploma of self that nothing uses, and an achievement of self that waits, or is accepted. */
const diploma: Step = {
  call: "createFile",
  token: "$self",
  send: { content: { content_type: "application/pdf", data: bytesOf("%PDF-1.4\n") }, purpose: "FILE_PURPOSE_DIPLOMA" },
  answers: 201,
  capture: { "own.diploma": "id" },
};
const achievement: Fields = { achievement_id: "$achievement" };
const handIn: Fields = { kind: "ACHIEVEMENT_KIND_EVENT", title: "Conference", file_id: "$own.diploma" };
const handedIn: readonly Step[] = [
  diploma,
  { call: "createAchievement", token: "$self", send: handIn, answers: 201, capture: { achievement: "id" } },
];
const acceptedOne: readonly Step[] = [
  ...handedIn,
  { call: "acceptAchievement", token: "$admin", send: { ...achievement, points: 1 } },
];
/** A notification of self. */
const warning: Fields = { type: "NOTIFICATION_TYPE_WARNING", text: "Hello" };
const warn: readonly Step[] = [
  {
    call: "sendAnnouncement",
    token: "$admin",
    send: { ...warning, user_ids: ["$self.id"] },
    answers: 201,
    capture: { announcement: "id" },
  },
  { call: "listNotifications", token: "$self", capture: { notification: "notifications[0].id" } },
];
const makeBanner: Step = {
  call: "createBanner",
  token: "$admin",
  send: { text: "Hello" },
  answers: 201,
  capture: { banner: "id" },
};
/** An endpoint that nothing comes to by itself. */
export const webhook: Fields = { url: "https://hooks.school.example/lyceum", kinds: ["medal.*"] };
const ofAdmin: Fields = { webhook_id: "$admin.webhook" };
const makeWebhook: Step = {
  call: "createWebhook",
  token: "$admin",
  send: webhook,
  answers: 201,
  capture: { webhook: "id" },
};
const testOfWebhook: Step = { call: "testWebhook", token: "$admin", send: ofAdmin, capture: { delivery: "id" } };

/** By the handler's name of the method. */
export const requests: Readonly<Record<string, Request>> = {
  getHealth: {},
  getDatabaseHealth: {},
  watchDatabaseHealth: {},
  getVersion: {},
  register: {
    send: { email: "new.${unique}@example.org", password, first_name: "New", last_name: "Person" },
  },
  login: { send: { email: "$self.email", password } },
  refresh: { send: { refresh_token: "$spare.refresh" } },
  logout: { endsCaller: true },
  getMe: {},
  deleteMe: { send: { password }, endsCaller: true },
  getTotp: {},
  beginTotp: { send: { password } },
  confirmTotp: { send: { code: "123456" } },
  renewRecoveryCodes: { send: { password } },
  disableTotp: { send: { password } },
  completeLogin: { send: { mfa_challenge: "$challenge", code: "$next" }, given: waitingLogin },
  resetTotp: { send: { user_id: "$guest.id" } },
  beginPasskey: { send: { password } },
  registerPasskey: { send: { credential_json: "$made", name: "Phone" }, given: [madePasskey] },
  listPasskeys: {},
  getPasskey: { send: { passkey_id: "$spare.passkey" } },
  renamePasskey: { send: { passkey_id: "$spare.passkey", name: "Key" } },
  removePasskey: { send: { passkey_id: "$spare.passkey", password } },
  beginPasskeyLogin: {},
  loginWithPasskey: { send: { credential_json: "$signed" }, given: signedLogin },
  listSessions: {},
  revokeSession: { send: { session_id: "$spare.session" } },
  revokeOtherSessions: {},
  createApiKey: { send: apiKey },
  listApiKeys: {},
  getApiKey: { send: { api_key_id: "$own.key" }, given: [makeKey] },
  revokeApiKey: { send: { api_key_id: "$own.key" }, given: [makeKey] },
  issueToken: { send: { grant_type: "password", username: "$self.email", password } },
  changePassword: { send: { current_password: password, new_password: password } },
  requestPasswordReset: { send: { email: "$self.email" } },
  resetPassword: {
    send: { token: "$token", new_password: password },
    given: [linked, { call: "requestPasswordReset", send: { email: linkedEmail }, answers: 204 }, linkIn(linkedEmail)],
  },
  createPasswordResetLink: { send: { user_id: "$self.id" } },
  requestEmailChange: { send: { email: "next.${unique}@example.org", current_password: password } },
  confirmEmailChange: {
    send: { token: "$token" },
    given: [
      linked,
      { call: "login", send: { email: linkedEmail, password }, capture: { linked: "access_token" } },
      {
        call: "requestEmailChange",
        token: "$linked",
        send: { email: `next.${linkedEmail}`, current_password: password },
        answers: 204,
      },
      linkIn(`next.${linkedEmail}`),
    ],
  },
  createUser: { send: invited },
  resendInvite: { send: { user_id: "$invited" }, given: [invite] },
  cancelInvite: { send: { user_id: "$invited" }, given: [invite] },
  acceptInvite: { send: { token: "$token", password }, given: [invite, linkIn(invited.email)] },
  updateUser: { send: { user_id: "$self.id", first_name: "Self" } },
  deleteUser: { send: { user_id: "$invited" }, given: [invite] },
  suspendUser: { send: { user_id: "$invited" }, given: [invite] },
  restoreUser: { send: { user_id: "$invited" }, given: [invite] },
  listUsers: {},
  getLeaderboard: {},
  getUser: { send: { user_id: "$self.id" } },
  createGroup: { send: { name: "Another ${unique}" } },
  listGroups: {},
  getGroup: { send: group, given: [makeGroup] },
  updateGroup: { send: { ...group, colour: "#00ff00" }, given: [makeGroup] },
  deleteGroup: { send: group, given: [makeGroup] },
  listGroupMembers: { send: group, given: groupOfSelf },
  addGroupMembers: { send: { ...group, user_ids: ["$self.id"] }, given: [makeGroup] },
  removeGroupMember: { send: { ...group, user_id: "$self.id" }, given: groupOfSelf },
  getUserByNick: {
    send: { nick: "self${unique}" },
    given: [{ call: "updateUser", token: "$self", send: { user_id: "$self.id", nick: "self${unique}" } }],
  },
  createChat: { send: { title: "Another" } },
  listChats: {},
  getChat: { send: chat },
  updateChat: { send: { ...chat, title: "Changed" } },
  deleteChat: { send: chat },
  openDirectChat: { send: { user_id: "$member.id" } },
  readChat: { send: { ...chat, seq: 1 } },
  getChatStats: { send: chat },
  leaveChat: { send: chat },
  listChatMembers: { send: chat },
  addChatMember: { send: { ...chat, user_id: "$guest.id" } },
  updateChatMember: { send: { ...chat, user_id: "$self.id", role: "CHAT_ROLE_OWNER" } },
  removeChatMember: { send: { ...chat, user_id: "$self.id" } },
  getChatPicture: { send: chat, given: [withPicture] },
  updateChatPicture: { send: { ...chat, picture } },
  deleteChatPicture: { send: chat, given: [withPicture] },
  listMessages: { send: chat },
  sendMessage: { send: { ...chat, text: "Hello" } },
  batchSendMessages: { send: { ...chat, messages: [{ text: "Hello" }] } },
  getMessage: { send: message },
  updateMessage: { send: { ...message, text: "Changed" } },
  deleteMessage: { send: message },
  createPost: { send: draft },
  listPosts: {
    send: { include: ["people"] },
    given: [{ ...makePost, token: "$admin", send: { ...draft, is_for_all: true, publish: true } }],
  },
  getPost: { send: ofPost, given: [makePost] },
  updatePost: { send: { ...ofPost, text: "Changed" }, given: [makePost] },
  publishPost: { send: ofPost, given: [makeDraft] },
  deletePost: { send: ofPost, given: [makePost] },
  pinPost: { send: ofPost, given: [makePost] },
  unpinPost: { send: ofPost, given: [makePost] },
  voteForPost: { send: ofPost, given: [makePost] },
  takeBackPostVote: { send: ofPost, given: [makePost] },
  listPostVersions: { send: ofPost, given: [makePost] },
  createPoll: { send: { ...ofPost, ...question }, given: [makePost] },
  getPoll: { send: ofPoll, given: makePoll },
  updatePoll: { send: { ...ofPoll, never_closes: true }, given: makePoll },
  closePoll: { send: ofPoll, given: makePoll },
  deletePoll: { send: ofPoll, given: makePoll },
  voteInPoll: { send: { ...ofPoll, options: [1] }, given: makePoll },
  takeBackPollVote: { send: ofPoll, given: makePoll },
  listPollAnswers: {
    send: ofPoll,
    given: [...makeOpenPoll, { call: "voteInPoll", token: "$self", send: { ...ofPoll, answer: "So" } }],
  },
  exportPollVotes: { send: ofPoll, given: makePoll },
  createComment: { send: { ...ofPost, text: "Words" }, given: [makePost] },
  listComments: { send: { ...ofPost, include: ["people"] }, given: [makePost, makeComment] },
  getComment: { send: ofComment, given: [makePost, makeComment] },
  updateComment: { send: { ...ofComment, text: "Changed" }, given: [makePost, makeComment] },
  deleteComment: { send: ofComment, given: [makePost, makeComment] },
  listCommentVersions: { send: ofComment, given: [makePost, makeComment] },
  reportPost: { send: { ...ofPost, ...reason }, given: [makePost] },
  reportComment: { send: { ...ofComment, ...reason }, given: [makePost, makeComment] },
  listReports: {},
  getReport: { send: { report_id: "$report" }, given: reported },
  resolveReport: { send: { report_id: "$report", decision: "dismiss" }, given: reported },
  createFile: { send: file },
  getFile: { send: { file_id: "$own.file" }, given: [upload] },
  getFileContent: { send: { file_id: "$own.file" }, given: [upload] },
  deleteFile: { send: { file_id: "$own.file" }, given: [upload] },
  createFileLink: { send: { file_id: "$own.file" }, given: [upload] },
  getLinkedFileContent: { send: { token: "$own.link" }, given: [upload, link] },
  createEvent: { send: eventDraft },
  listEvents: {},
  getEvent: { send: event, given: eventOfSelf },
  updateEvent: { send: { ...event, title: "Changed" }, given: eventOfSelf },
  cancelEvent: { send: { ...event, reason: "No time." }, given: eventOfSelf },
  registerForEvent: { send: event, given: eventOfSelf },
  cancelRegistration: { send: event, given: withSelf },
  listEventParticipants: { send: event, given: withSelf },
  addEventParticipant: { send: { ...event, user_id: "$self.id" }, given: eventOfSelf },
  removeEventParticipant: { send: { ...event, user_id: "$self.id" }, given: withSelf },
  markAttendance: {
    send: { ...event, marks: [{ user_id: "$self.id", attendance: "ATTENDANCE_PRESENT" }] },
    given: [...withSelf, begun],
  },
  renewCalendarLink: {},
  getCalendarLink: { given: [calendarLink] },
  revokeCalendarLink: { given: [calendarLink] },
  getCalendar: { send: { token: "$own.calendar" }, given: [calendarLink] },
  listAuditEvents: {},
  createWebhook: { send: webhook },
  listWebhooks: {},
  getWebhook: { send: ofAdmin },
  updateWebhook: { send: { ...ofAdmin, is_ordered: true } },
  deleteWebhook: { send: { webhook_id: "$webhook" }, given: [makeWebhook] },
  rotateWebhookSecret: { send: ofAdmin },
  testWebhook: { send: ofAdmin },
  listWebhookDeliveries: { send: ofAdmin },
  redeliverWebhookDelivery: { send: { ...ofAdmin, delivery_id: "$delivery" }, given: [testOfWebhook] },
  replayWebhook: { send: { ...ofAdmin, since: "2026-01-01T00:00:00Z" } },
  listFailedUpdates: {},
  createRealtimeTicket: {},
  listUpdates: {},
  streamUpdates: {},
  getRealtimeSettings: {},
  updateRealtimeSettings: { send: { shows_typing: true } },
  retryFailedUpdates: {},
  discardFailedUpdates: { send: { ids: [1] } },
  listJobs: {},
  retryJobs: { send: { ids: [999_999_999] } },
  cancelJobs: { send: { ids: [999_999_999] } },
  importUsers: { send: { file: csv, dry_run: true } },
  createImport: { send: { file_id: "$own.file" }, given: [upload] },
  listImports: {},
  getImport: { send: { import_id: "$import" }, given: [begunImport] },
  listImportErrors: { send: { import_id: "$import" }, given: [begunImport] },
  cancelImport: { send: { import_id: "$import" }, given: [begunImport, endedImport] },
  renewImportInvites: { send: { import_id: "$import" }, given: [begunImport] },
  exportUsers: {},
  addPoints: { send: { user_id: "$self.id", amount: 1, note: "Help" } },
  listPointsEntries: { send: { user_id: "$self.id" }, given: [givenPoints] },
  getPointsEntry: { send: { user_id: "$self.id", entry_id: "$entry" }, given: [givenPoints] },
  listMedals: {},
  listMedalHolders: { send: { medal_id: 9 }, given: awarded },
  listUserMedals: { send: { user_id: "$invited" }, given: awarded },
  getUserMedal: { send: { user_id: "$invited", medal_id: 9 }, given: awarded },
  awardMedal: { send: award, given: [invite] },
  revokeMedal: { send: { user_id: "$invited", medal_id: 9 }, given: awarded },
  createAchievement: { send: handIn, given: [diploma] },
  listMyAchievements: {},
  listPendingAchievements: { given: handedIn },
  listUserAchievements: { send: { user_id: "$self.id" } },
  getUserAchievementStats: { send: { user_id: "$self.id" } },
  getAchievementStats: {},
  exportAchievements: { send: { user_id: "$self.id" } },
  getAchievement: { send: achievement, given: handedIn },
  updateAchievement: { send: { ...achievement, title: "Changed" }, given: handedIn },
  withdrawAchievement: { send: achievement, given: handedIn },
  acceptAchievement: { send: { ...achievement, points: 1 }, given: handedIn },
  rejectAchievement: { send: { ...achievement, reason: "No" }, given: handedIn },
  revokeAchievement: { send: { ...achievement, reason: "No" }, given: acceptedOne },
  listNotifications: {},
  getUnreadCount: {},
  getNotification: { send: { notification_id: "$notification" }, given: warn },
  readNotification: { send: { notification_id: "$notification" }, given: warn },
  readNotifications: { send: { all: true } },
  getNotificationPreferences: {},
  updateNotificationPreferences: { send: { muted: { types: ["NOTIFICATION_TYPE_MENTION"] } } },
  sendAnnouncement: { send: { ...warning, user_ids: ["$guest.id"] } },
  listAnnouncements: {},
  getAnnouncement: { send: { announcement_id: "$announcement" }, given: warn },
  listActiveBanners: {},
  listBanners: {},
  getBanner: { send: { banner_id: "$banner" }, given: [makeBanner] },
  createBanner: { send: { text: "Hello" } },
  updateBanner: { send: { banner_id: "$banner", text: "Changed" }, given: [makeBanner] },
  deleteBanner: { send: { banner_id: "$banner" }, given: [makeBanner] },
};
