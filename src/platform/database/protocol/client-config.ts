// The settings of a connection as pg's configuration, and pg's errors in connecting as those of a Connection.
import pg from "pg";
import { type ConnectionSettings, NotPostgres, sqlState } from "./connection.js";

/** The configuration of a pg.Client. */
export function clientConfig(settings: ConnectionSettings): pg.ClientConfig {
  return {
    connectionString: settings.url,
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** The cause of a failed attempt to connect: NotPostgres where pg reports a message that it does not know. */
export function connectCause(error: unknown): unknown {
  const isUnknownMessage = error instanceof pg.DatabaseError && sqlState(error) === "";
  return isUnknownMessage ? new NotPostgres("the first message is not one of Postgres", { cause: error }) : error;
}
