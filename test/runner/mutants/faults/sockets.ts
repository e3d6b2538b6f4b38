// Mutants of calls over a web socket: over HTTP nothing of them shows.
import type { MutantGroup } from "../mutant.js";

const call = "contract/call-method";
const calls = "doors/socket/calls";

export const socketMutants: MutantGroup = {
  name: "calls over a web socket",
  mutants: [
    {
      name: "a call is not compared with the access of its method",
      file: call,
      find: "deps.admit(scope, caller, method);",
      replace: 'if (method.name !== "DiscardFailedUpdates") deps.admit(scope, caller, method);',
      tag: "cases",
      grep: "discardFailedUpdates is not for a teacher",
      reports: /discardFailedUpdates as teacher, \w+ over a socket\s+.*expected 403, got 200/,
    },
    {
      name: "the if_match of a call is ignored",
      file: calls,
      find: 'headers["if-match"] = ifMatch;',
      replace: 'headers["x-if-match"] = ifMatch;',
      tag: "cases",
      grep: "updateChat If-Match prevents",
      reports: /updateChat as alice, \w+ over a socket\s+status: expected 412, got 200/,
    },
    {
      name: "the idempotency_key of a call is ignored",
      file: calls,
      find: 'headers["idempotency-key"] = key;',
      replace: 'if (!key.startsWith("uploaded-")) headers["idempotency-key"] = key;',
      tag: "cases",
      grep: "createImport a retry with the same",
      reports: /id: expected the same in all answers, got/,
    },
    {
      name: "a call whose answer is a kept one does not say so",
      file: calls,
      find: 'context.headers.includes("Idempotency-Replayed")',
      replace: "false",
      tag: "cases",
      grep: "createAchievement sent again",
      reports: /createAchievement as alice, \w+ over a socket\s+idempotency-replayed: expected "true"/,
    },
    {
      name: "what a call creates has the status of what it reads",
      file: call,
      find: "method.created === undefined ? 200 : 201",
      replace: 'method.created === undefined || method.name === "CreateGroup" ? 200 : 201',
      tag: "cases",
      grep: "createGroup makes a group without members",
      reports: /createGroup answers 200, where its success is 201/,
    },
    {
      name: "the result of a call has no location",
      file: calls,
      find: 'location ?? ""',
      replace: '(method.name === "CreateBanner" ? undefined : location) ?? ""',
      tag: "cases",
      grep: "createBanner",
      reports: /createBanner.*over a socket[^]*The location is "", where "\/v1\/banners\/\d+" is due/,
    },
    {
      name: "the etag of a result has another version",
      file: call,
      find: '`"${version}.call"`',
      replace: '`"${method.name === "UpdateMessage" ? 0 : version}.call"`',
      tag: "cases",
      grep: "updateMessage an edit keeps the files",
      reports: /The etag is "\\"0\.call\\"", where version is 2/,
    },
    {
      name: "the rules of a request are not applied to a call",
      file: call,
      find: "validate(request);",
      replace: 'if (method.name !== "AddChatMember") validate(request);',
      tag: "cases",
      grep: "addChatMember",
      reports: /addChatMember as alice, \w+ over a socket\s+status: expected 422/,
    },
    {
      name: "a call is for another person than the one who opened the socket",
      file: "doors/socket/live-socket",
      find: "this.deps.runCall(this.opened.scope, this.caller, asked)",
      replace:
        'this.deps.runCall(this.opened.scope, asked.method === "ListChats" ? { ...this.caller, id: this.caller.id + 1 } : this.caller, asked)',
      tag: "cases",
      grep: "listChats ",
      reports: /listChats as \w+, \w+ over a socket/,
    },
  ],
};
