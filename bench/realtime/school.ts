// The data of the bench of sockets: people who are logged in, and chats that they are members of.
import pg from "pg";
import type { Subject } from "../servers.js";

export interface Member {
  readonly id: number;
  readonly token: string;
}

export interface SocketSchool {
  readonly members: readonly Member[];
  /** A chat of the first so many members. */
  chatOf(members: readonly Member[]): Promise<number>;
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const password = "correct horse";
const email = (at: number): string => `sockets${at}@example.org`;

export async function post<T>(subject: Pick<Subject, "port">, path: string, body: object, token?: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${subject.port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes so many people on an empty database of a server, all of one group, and logs them in. */
export async function makeSocketSchool(subject: Subject, url: string, count: number): Promise<SocketSchool> {
  await post(subject, "/v1/auth/register", { email: email(0), password, first_name: "Мария", last_name: "Иванова" });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `with person as (
       insert into users (email, first_name, last_name, role)
       select 'sockets' || n || '@example.org', 'Мария', 'Иванова', 'ROLE_STUDENT' from generate_series(1, $1::integer - 1) n order by n
       returning id
     )
     insert into credentials (user_id, password_hash)
     select person.id, c.password_hash from person cross join (select password_hash from credentials limit 1) c`,
    [count],
  );
  const members: Member[] = [];
  while (members.length < count) {
    const some = Array.from({ length: Math.min(8, count - members.length) }, async (_, at) => {
      const { access_token } = await post<{ access_token: string }>(subject, "/v1/auth/login", {
        email: email(members.length + at),
        password,
      });
      return access_token;
    });
    for (const token of await Promise.all(some)) members.push({ id: idOf(token), token });
  }
  const query = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(sql, [...values])).rows;
  return {
    members,
    query,
    async chatOf(some) {
      const [owner, ...others] = some;
      const { id } = await post<{ id: number }>(subject, "/v1/chats", { title: "Chat", member_ids: [] }, owner!.token);
      await query(
        "insert into chat_members (chat_id, user_id, role) select $1, id, 'CHAT_ROLE_MEMBER' from unnest($2::bigint[]) id",
        [id, others.map((each) => each.id)],
      );
      return id;
    },
    close: () => client.end(),
  };
}

function idOf(token: string): number {
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { sub: string };
  return Number(claims.sub);
}
