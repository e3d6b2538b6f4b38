// A person who imports on a server, as the tests of imports need one.
import { setTimeout as delay } from "node:timers/promises";
import type { UserImport } from "../../src/gen/lyceum/v1/import.js";

/** Somebody who has logged in. */
export interface Importer {
  /** Begins an import of a file; `query` has its options. */
  begin(csv: string | Uint8Array, query?: string): Promise<UserImport>;
  /** The import, once it has ended, or once `until` holds. */
  watch(id: number, until?: (one: UserImport) => boolean): Promise<UserImport>;
  call(verb: string, path: string, init?: RequestInit): Promise<Response>;
}

export const firstLine = "email,first_name,last_name,password\n";

/** Lines of people with an address of each number, with a password or invited. */
export const lines = (name: string, numbers: readonly number[], password = ""): string =>
  numbers.map((number) => `${name}${number}@example.org,Ann,Row,${password}\n`).join("");

/** Logs in. */
export async function importer(url: string, account: { email: string; password: string }): Promise<Importer> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  const login = await fetch(`${url}/v1/auth/login`, { method: "POST", headers, body: JSON.stringify(account) });
  const { access_token } = (await login.json()) as { access_token: string };
  const call: Importer["call"] = (verb, path, init = {}) =>
    fetch(`${url}${path}`, {
      method: verb,
      ...init,
      headers: { authorization: `Bearer ${access_token}`, ...init.headers },
    });
  return {
    call,
    async begin(csv, query = "") {
      const answer = await call("POST", `/v1/users/import?${query}`, {
        headers: { "content-type": "text/csv" },
        body: csv,
      });
      const body = (await answer.json()) as UserImport;
      if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
      return body;
    },
    async watch(id, until = ({ ended_at }) => ended_at !== undefined) {
      for (;;) {
        const answer = await call("GET", `/v1/imports/${id}`);
        const one = (await answer.json()) as UserImport;
        if (until(one)) return one;
        await delay(20);
      }
    },
  };
}
