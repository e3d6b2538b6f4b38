// A query on a connection of its own, for tests of the server that it goes to.
import { Client } from "pg";

/** The rows of a query. Fails when the server cannot be reached. */
export async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
