// A small demo school: a teacher, four students, and what they talk about. For the embedded database alone; the
// passwords are known to everybody.
import { pino } from "pino";
import { createAccount, type NewAccount } from "./accounts/create-account.js";
import type { Passwords } from "./accounts/passwords.js";
import { anonymous, type Call, type Caller } from "./call.js";
import { chatHandlers } from "./chats/handlers.js";
import { messageHandlers } from "./chats/messages/handlers.js";
import type { Database, Queries } from "./platform/database/database.js";
import { listLimits } from "./platform/page.js";
import { userHandlers } from "./users/handlers.js";

/** Who may log in to the demo school. */
export interface DemoLogin {
  readonly email: string;
  readonly password: string;
  readonly role: NewAccount["role"];
  readonly name: string;
}

const password = "lyceum-demo";

const people = [
  { first_name: "Мария", last_name: "Иванова", role: "ROLE_TEACHER", email: "teacher@example.org" },
  { first_name: "Пётр", last_name: "Соколов", role: "ROLE_STUDENT", email: "petr@example.org" },
  { first_name: "Алёна", last_name: "Кузнецова", role: "ROLE_STUDENT", email: "alyona@example.org" },
  { first_name: "Tom", last_name: "Baker", role: "ROLE_STUDENT", email: "tom@example.org" },
  { first_name: "Grace", last_name: "Miller", role: "ROLE_STUDENT", email: "grace@example.org" },
] as const;

/** The people of the demo school, the teacher first. */
export const demoLogins: readonly DemoLogin[] = people.map(({ email, role, first_name, last_name }) => ({
  email,
  password,
  role,
  name: `${first_name} ${last_name}`,
}));

type Person = 0 | 1 | 2 | 3 | 4;
const [teacher, petr, alyona, tom, grace] = [0, 1, 2, 3, 4] as const;

/** The first of the members owns the chat; two and no title are a direct chat. */
interface Conversation {
  readonly title?: string;
  readonly members: readonly Person[];
  readonly lines: readonly (readonly [Person, string])[];
}

const conversations: readonly Conversation[] = [
  {
    title: "10-А: математика",
    members: [teacher, petr, alyona, tom, grace],
    lines: [
      [teacher, "Добрый день! В пятницу контрольная: производная и её применение."],
      [petr, "А таблицу производных можно взять с собой?"],
      [teacher, "Нет, таблицу учим наизусть. Зато задач будет всего пять."],
      [alyona, "Мария Сергеевна, разберём завтра задачу 412?"],
      [teacher, "Конечно, начнём урок с неё. Приносите свои решения."],
      [tom, "Sorry, my Russian is slow: is the test on Friday or on Monday?"],
      [grace, "On Friday, five problems, no notes. I can explain the rest after class."],
      [tom, "Thank you! You are saving me again."],
      [petr, "Кто хочет готовиться вместе в четверг? Библиотека открыта до семи."],
      [alyona, "Я приду. И возьму чай."],
      [teacher, "Отличная мысль. Если застрянете на какой-нибудь задаче, пишите сюда."],
    ],
  },
  {
    title: "School newspaper",
    members: [grace, tom, alyona, petr],
    lines: [
      [grace, "Welcome to the newsroom. The first issue comes out in two weeks."],
      [tom, "I'll write about the robotics club. They have built something that walks."],
      [alyona, "Я нарисую обложку. Какой формат?"],
      [grace, "A4, two colours. Sketches by Wednesday, please."],
      [petr, "Возьму интервью у нового учителя физики."],
      [tom, "Photos: who has a decent camera?"],
      [alyona, "У меня есть. Сниму и роботов, и учителя."],
      [grace, "Perfect. Remember: every article needs a headline that makes people curious."],
    ],
  },
  {
    title: "Чаепитие в субботу",
    members: [alyona, petr, grace],
    lines: [
      [alyona, "В субботу в четыре, как всегда. Кто что приносит?"],
      [petr, "С меня печенье и настольная игра."],
      [grace, "I am baking scones. Is anybody allergic to nuts?"],
      [alyona, "Никто. Ждём с нетерпением!"],
    ],
  },
  {
    members: [teacher, petr],
    lines: [
      [petr, "Мария Сергеевна, можно пересдать прошлую самостоятельную?"],
      [teacher, "Можно, в среду после шестого урока. Повтори сложные функции."],
      [petr, "Спасибо! Приду."],
    ],
  },
];

/** The whole of it, bcrypt aside, takes far less than a second; but a machine may be busy. */
const timeoutMs = 60_000;

/**
 * Makes the demo school, unless there are users: all of it, or nothing when it is broken off. Answers whether it was made.
 * `progress` is told each step.
 */
export async function seedDemo(
  database: Database,
  passwords: Pick<Passwords, "hash">,
  progress: (step: string) => void = () => {},
): Promise<boolean> {
  if (await hasUsers(database)) return false;
  progress("making a demo school");
  // Everybody has the one password: hashed once, and before the transaction, so that no connection waits for bcrypt.
  const hash = await passwords.hash(password);
  await database.transaction((queries) => makeSchool(within(queries), { hash: async () => hash }), { timeoutMs });
  return true;
}

/** The database as its transaction sees it: what begins another one there is part of this one. */
function within(queries: Queries): Database {
  const inside: Database = {
    one: (statement, values) => queries.one(statement, values),
    many: (statement, values) => queries.many(statement, values),
    transaction: (work) => work(queries),
    with: () => inside,
  };
  return inside;
}

function callAs(database: Database, user: Caller): Call {
  return { user, database, log: pino({ enabled: false }), now: new Date(), ifMatch: undefined };
}

async function hasUsers(database: Database): Promise<boolean> {
  return (await userHandlers().listUsers({ limit: 1 }, callAs(database, anonymous))).users.length > 0;
}

async function makeSchool(database: Database, passwords: Pick<Passwords, "hash">): Promise<void> {
  const calls: Call[] = [];
  // One after the other, so that they have the same ids in every demo school.
  for (const person of people) {
    const { id, role } = await createAccount(database, passwords, { ...person, password });
    calls.push(callAs(database, { id, role, sessionId: "" }));
  }
  for (const conversation of conversations) await hold(conversation, (person) => calls[person]!);
}

/** Makes the chat and says each line in its turn. */
async function hold({ title, members, lines }: Conversation, as: (person: Person) => Call): Promise<void> {
  const chats = chatHandlers(listLimits);
  const messages = messageHandlers(listLimits);
  const [first, ...others] = members;
  const ids = others.map((person) => as(person).user.id);
  const { id } =
    title === undefined
      ? await chats.openDirectChat({ user_id: ids[0]! }, as(first!))
      : await chats.createChat({ title, member_ids: ids }, as(first!));
  for (const [person, text] of lines) await messages.sendMessage({ chat_id: id, text }, as(person));
}
