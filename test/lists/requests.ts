// Requests of every list that the contract has: each filter alone, and all of them together.
import type protobuf from "protobufjs";
import type { Contract } from "../../src/contract/model/load.js";
import type { Method } from "../../src/contract/model/method.js";
import { caller, chat } from "./full-school.js";

/** A request of a list. */
export type ListRequest = Readonly<Record<string, unknown>>;

/** What the path needs, by the name of the field. */
const places: Readonly<Record<string, unknown>> = {
  chat_id: chat,
  group_id: 33,
  import_id: 33,
  event_id: 33,
  medal_id: 1,
  user_id: caller,
  post_id: 33,
  comment_id: 33,
  poll_id: 33,
  webhook_id: 33,
};

/** What a list can be filtered or ordered by, by the name of the field, and with the method's name where a name has two meanings. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
  skip: [1, 11_000],
  include: [["people"]],
  "listUsers.query": ["иван", "я", "ъё", "иванов мария", "иавнов", "сооьев", "мария я", "я о"],
  "listChats.query": ["chat 77", "я"],
  "listGroups.query": ["group 77", "я"],
  "listMessages.query": ["контрольная 777", '"контрольная 777"', "777 -absent"],
  "listChats.sort": ["active_at", "-active_at", "created_at", "-created_at", "title", "-title"],
  "listMessages.sort": ["created_at", "-created_at"],
  "listEvents.query": ["вечер 77", "я"],
  "listEvents.sort": ["starts_at", "-starts_at"],
  time: ["EVENT_TIME_UPCOMING", "EVENT_TIME_PAST"],
  concern: ["EVENT_CONCERN_MINE", "EVENT_CONCERN_REGISTERED", "EVENT_CONCERN_WAITING"],
  starts_after: ["2026-01-01T01:00:00.000Z"],
  starts_before: ["2027-01-01T02:00:00.000Z"],
  "listEventParticipants.state": ["REGISTRATION_STATE_REGISTERED"],
  "listPendingAchievements.query": ["олимпиада 777", "77"],
  "listPendingAchievements.sort": ["created_at", "-created_at"],
  "listMyAchievements.sort": ["created_at", "-created_at"],
  "listUserAchievements.sort": ["created_at", "-created_at"],
  "listMyAchievements.state": ["ACHIEVEMENT_STATE_ACCEPTED"],
  "listUserAchievements.state": ["ACHIEVEMENT_STATE_ACCEPTED"],
  "listWebhookDeliveries.state": ["WEBHOOK_DELIVERY_STATE_DELIVERED"],
  kind: ["ACHIEVEMENT_KIND_EVENT"],
  user_id: [33],
  user_ids: [[1, 2, 3, 500, 70_000], Array.from({ length: 100 }, (_, at) => 1 + at * 900)],
  "listUsers.role": ["ROLE_STUDENT", "ROLE_TEACHER", "ROLE_SUPER_ADMIN"],
  school_class: [5],
  group_id: [33],
  types: [["NOTIFICATION_TYPE_INFO"], ["NOTIFICATION_TYPE_MENTION", "NOTIFICATION_TYPE_EVENT_ADDED"]],
  unread: [true, false],
  html: [true],
  suspended: [true, false],
  sender_id: [33],
  exclude_sender_id: [33],
  created_after: ["2026-01-01T01:00:00.000Z"],
  created_before: ["2026-01-01T02:00:00.000Z"],
  after_seq: [700],
  actor_id: [caller],
  action: ["user.suspend", "user.*"],
  target_type: ["user"],
  target_id: ["77"],
  outcome: ["AUDIT_OUTCOME_SUCCESS"],
  request_id: ["77"],
  search: ["поход 777", "я", "поход горы", "горы"],
  "listPosts.sort": ["new", "votes"],
  author_id: [33],
  drafts: [true],
  root_id: [1],
  "listReports.state": ["REPORT_STATE_DISMISSED"],
  post_id: [33],
};

/** The fields of paging; the number of a page is a number of rows to skip. */
const ofPaging: ReadonlySet<string> = new Set(["limit", "page", "page_token"]);

/** The lists of a contract: the methods with a page token. */
export function listsOf({ methods }: Pick<Contract, "methods">): Method[] {
  return methods.filter(({ request }) => request.fields["page_token"] !== undefined);
}

/** Requests that use every field of a list. Throws an Error that says what to add when there is a field without an example. */
export function requestsOf(
  method: Pick<Method, "handler" | "name" | "pathFields"> & { request: protobuf.Type },
): ListRequest[] {
  const { handler, request, pathFields } = method;
  const fields = request.fieldsArray.map(({ name }) => name).filter((name) => !ofPaging.has(name));
  const missing = (name: string, where: string): never => {
    throw new Error(`${method.name} has the field ${name}: add an example of it to ${where} in test/lists/requests.ts`);
  };
  const repeated = request.fieldsArray.filter((field) => field.repeated).map(({ name }) => [name, []]);
  const required = Object.fromEntries(
    repeated.concat(
      pathFields.map((name) => [name, name in places ? places[name]! : missing(name, "places")] as never),
    ),
  ) as ListRequest;
  const optional = fields
    .filter((name) => !pathFields.includes(name))
    .map((name) => [name, samples[`${handler}.${name}`] ?? samples[name] ?? missing(name, "samples")] as const);
  const requests = [required];
  for (const [at, [name, values]] of optional.entries()) {
    for (const value of values) requests.push({ ...required, [name]: value });
    if (name === "skip") continue;
    for (const [other, others] of optional.slice(at + 1))
      if (other !== "skip") requests.push({ ...required, [name]: values[0], [other]: others[0] });
  }
  const filters = optional.filter(([name]) => name !== "skip").map(([name, [value]]) => [name, value]);
  return [...requests, { ...required, ...Object.fromEntries(filters) }];
}
