// Opens connections to Postgres: the one place that names the implementation. What it returns is known as a Connection.
import pg from "pg";
import { clientConfig, connectCause } from "./client-config.js";
import { type Address, type Connection, ConnectionLost, type ConnectionSettings } from "./connection.js";
import { PipelinedClient } from "./pipelined-client.js";

/**
 * Connects and authenticates. Rejects with ConnectionLost, whose cause is the system's error, Postgres's error or NotPostgres;
 * with another error when the URL cannot be read.
 */
export async function openConnection(settings: ConnectionSettings): Promise<Connection> {
  const client = new PipelinedClient(clientConfig(settings));
  try {
    await client.connect();
    return client;
  } catch (error) {
    // Read before `destroy`: of a peer that is not Postgres the client knows more than pg.
    const cause = connectCause(client.lost?.cause ?? error);
    client.destroy(error);
    throw new ConnectionLost("no connection to Postgres could be made", { cause });
  }
}

/** Where a URL leads, with pg's defaults. Throws when it cannot be read; the error may quote the password. */
export function addressOf(url: string): Address {
  const { host, port, user = "", database = "" } = new pg.Client({ connectionString: url });
  return { host, port, user, database };
}
