// What goes wrong between us and Postgres, sorted: away for now (503), worth another try, or the statement's own fault.
import { ApiError } from "../../errors.js";

/** A connection that was lost, given up or never made; what was under way on it may or may not have happened. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** The SQLSTATE that Postgres gave an error, or "". */
export function sqlState(error: unknown): string {
  const code = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" && /^([0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code) ? code : "";
}

/** Whether a statement failed because the named unique constraint or index would have been broken. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return sqlState(error) === "23505" && (error as { constraint?: unknown }).constraint === constraint;
}

/** Whether a statement failed because the named foreign key would have been broken. */
export function isForeignKeyViolation(error: unknown, constraint: string): boolean {
  return sqlState(error) === "23503" && (error as { constraint?: unknown }).constraint === constraint;
}

/** Whether a statement, or a transaction as a whole, has done nothing and may well succeed when it is tried again. */
export function isWorthRetrying(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01" || isStalePlan(error);
}

/** Whether a prepared statement has outlived the table or the session that it was prepared for. */
export function isStalePlan(error: unknown): boolean {
  const state = sqlState(error);
  return (
    state === "26000" || (state === "0A000" && (error as { routine?: unknown }).routine === "RevalidateCachedQuery")
  );
}

/** Statement and lock timeouts, too many connections, shutdown, and connections that broke. */
const AWAY = /^(57014|55P03|53300|53400|57P0.|08...|25P03)$/;

/** Whether an attempt to connect was refused by a Postgres that runs: wrong password, no place left. */
export function isLiving(error: unknown): boolean {
  const state = sqlState(error);
  return state !== "" && !state.startsWith("57P0");
}

/** The 503 that callers see while the database cannot answer. The cause is for the log alone. */
export function unavailable(detail: string, cause?: unknown): ApiError {
  return new ApiError("DATABASE_UNAVAILABLE", detail, { retryAfterSeconds: 1, cause });
}

/** The error as the callers of the database see it: DATABASE_UNAVAILABLE, or what it was. */
export function translated(error: unknown): unknown {
  if (error instanceof ConnectionLost) return unavailable("The database cannot be reached right now", error);
  const state = sqlState(error);
  if (state === "57014" || state === "55P03") return unavailable("The database took too long to answer", error);
  return AWAY.test(state) ? unavailable("The database cannot answer right now", error) : error;
}

/** For `catch`: throws the error as the callers of the database see it. */
export function rethrown(error: unknown): never {
  throw translated(error);
}
