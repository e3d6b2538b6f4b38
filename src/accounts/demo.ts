// The demo school: its people, and the transaction that makes it. Other domains add steps to it, listed in services.ts.
// For development only: the passwords are public.
import { pino } from "pino";
import { type Call, callWithoutRequest } from "../call.js";
import type { Database, Queries } from "../platform/database/database.js";
import { hasUsers, lockUserCreation } from "../users/people.js";
import { createAccount, type NewAccount } from "./create-account.js";
import type { Passwords } from "./passwords/passwords.js";

/** A login of the demo school. */
export interface DemoLogin {
  readonly email: string;
  readonly password: string;
  readonly role: NewAccount["role"];
  readonly name: string;
}

export type DemoPerson = "teacher" | "petr" | "alyona" | "tom" | "grace";

/** Adds the part of one domain to the demo school, by calls of its handlers as any of the people. */
export type DemoStep = (as: (person: DemoPerson) => Call) => Promise<void>;

const password = "lyceum-demo";

const people: readonly (Omit<NewAccount, "password"> & { readonly person: DemoPerson })[] = [
  { person: "teacher", first_name: "Мария", last_name: "Иванова", role: "ROLE_TEACHER", email: "teacher@example.org" },
  { person: "petr", first_name: "Пётр", last_name: "Соколов", role: "ROLE_STUDENT", email: "petr@example.org" },
  { person: "alyona", first_name: "Алёна", last_name: "Кузнецова", role: "ROLE_STUDENT", email: "alyona@example.org" },
  { person: "tom", first_name: "Tom", last_name: "Baker", role: "ROLE_STUDENT", email: "tom@example.org" },
  { person: "grace", first_name: "Grace", last_name: "Miller", role: "ROLE_STUDENT", email: "grace@example.org" },
];

/** The people of the demo school, the teacher first. */
export const demoLogins: readonly DemoLogin[] = people.map(({ email, role, first_name, last_name }) => ({
  email,
  password,
  role,
  name: `${first_name} ${last_name}`,
}));

/** The request that logs in the first of them. */
export const demoLogin = { path: "/v1/auth/login", body: { email: people[0]!.email, password } } as const;

/** It takes far less than a second without bcrypt, but more on a busy machine. */
const timeoutMs = 60_000;

/**
 * Makes the demo school, unless there are users: all of it or nothing, and once, however many calls run at the same
 * time. Returns whether it was made. `progress` is called before it starts.
 */
export async function seedDemo(
  database: Database,
  passwords: Pick<Passwords, "hash">,
  steps: readonly DemoStep[],
  progress: (step: string) => void = () => {},
): Promise<boolean> {
  if (await hasUsers(database)) return false;
  progress("making a demo school");
  // All people have the same password. It is hashed before the transaction, so that no connection waits for bcrypt.
  const hash = await passwords.hash(password);
  return database.transaction(
    async (queries) => {
      await lockUserCreation(queries);
      if (await hasUsers(queries)) return false;
      await makeSchool(within(queries), { hash: async () => hash }, steps);
      return true;
    },
    { timeoutMs },
  );
}

async function makeSchool(
  database: Database,
  passwords: Pick<Passwords, "hash">,
  steps: readonly DemoStep[],
): Promise<void> {
  const shared = { log: pino({ enabled: false }), database };
  const calls = new Map<DemoPerson, Call>();
  // One after the other, so that their ids have the same order in every demo school.
  for (const { person, ...account } of people) {
    const { id, role } = await createAccount(database, passwords, { ...account, password });
    calls.set(person, callWithoutRequest({ id, role, sessionId: "", means: "none" }, shared));
  }
  for (const step of steps) await step((person) => calls.get(person)!);
}

/** A transaction in the form of a database: transactions that are begun on it are part of this one. */
function within(queries: Queries): Database {
  const inside: Database = {
    one: (statement, values) => queries.one(statement, values),
    many: (statement, values) => queries.many(statement, values),
    transaction: (work) => work(queries),
    ...(queries.last && { last: queries.last }),
    // Nobody of the demo school is told anything.
    afterCommit: () => undefined,
    with: () => inside,
  };
  return inside;
}
