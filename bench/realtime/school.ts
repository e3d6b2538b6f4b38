// The data of the bench of sockets: people who are logged in, and chats that they are members of.
import { createHmac, randomUUID } from "node:crypto";
import pg from "pg";
import { deriveKey } from "../../src/platform/secrets/derived-key.js";
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

/** Makes so many people on an empty database of a server, with an access token each. */
export async function makeSocketSchool(
  subject: Subject,
  { url, secret, count }: { url: string; secret: string; count: number },
): Promise<SocketSchool> {
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
  const { access_token } = await post<{ access_token: string }>(subject, "/v1/auth/login", {
    email: email(0),
    password,
  });
  const { rows } = await client.query<{ id: string }>("select id from users where email like 'sockets%' order by id");
  const members = rows.map(({ id }) => ({ id: Number(id), token: tokenOf(access_token, Number(id), secret) }));
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

/** The access token of somebody else: to log in hundreds would take longer than what is measured. */
function tokenOf(token: string, id: number, secret: string): string {
  const [head, body] = token.split(".") as [string, string];
  const claims = {
    ...(JSON.parse(Buffer.from(body, "base64url").toString()) as object),
    sub: String(id),
    sid: randomUUID(),
  };
  const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", deriveKey(secret, "access token")).update(signed).digest("base64url")}`;
}
