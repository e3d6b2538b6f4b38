// What an import costs others: the time of their requests while one is worked on, beside the time when there is none.
import { setTimeout as delay } from "node:timers/promises";
import type { Subject } from "./servers.js";

const rows = 5_000;
const withPasswords = 200;
const everyMs = 10;
const idleMs = 6_000;

/** Prints the p99 of a list of users during imports, as a multiple of that without one. `token` is a teacher's. */
export async function measureImports({ port }: Subject, token: string): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${token}` };
  const call = async <Answer>(path: string, init: RequestInit = {}): Promise<Answer> => {
    const answer = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };

  /** Lists users at a steady pace until `isOver`; the times in milliseconds. */
  async function times(isOver: () => boolean): Promise<number[]> {
    const all: Promise<number>[] = [];
    while (!isOver()) {
      const sentAt = performance.now();
      all.push(call("/v1/users").then(() => performance.now() - sentAt));
      await delay(everyMs);
    }
    return Promise.all(all);
  }

  async function during(name: string, count: number, password: string): Promise<number[]> {
    const lines = Array.from({ length: count }, (_, at) => `${name}${at}@example.org,Ann,Row,${password}\n`);
    let isEnded = false;
    const measured = times(() => isEnded);
    const { id } = await call<{ id: number }>("/v1/users/import", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: `email,first_name,last_name,password\n${lines.join("")}`,
    });
    for (;;) {
      const { ended_at } = await call<{ ended_at?: string }>(`/v1/imports/${id}`);
      if (ended_at !== undefined) break;
      await delay(100);
    }
    isEnded = true;
    return measured;
  }

  const idle = async (): Promise<number[]> => {
    const end = performance.now() + idleMs;
    return times(() => performance.now() >= end);
  };
  await idle();
  const [before, invited, passwords, after] = [
    await idle(),
    await during("invited", rows, ""),
    await during("hashed", withPasswords, "a password of many"),
    await idle(),
  ];
  const quiet = p99([...before, ...after]);
  for (const [what, measured] of [
    [`${rows} invited rows`, invited],
    [`${withPasswords} rows with passwords`, passwords],
  ] as const)
    console.log(
      `list of users during an import of ${what}: p99 ${p99(measured).toFixed(1)} ms, ${(p99(measured) / quiet).toFixed(2)} times that without one (wanted < 2), in ${((measured.length * everyMs) / 1000).toFixed(0)} s`,
    );
}

function p99(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)]!;
}
