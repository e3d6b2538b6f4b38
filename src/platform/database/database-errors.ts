// Errors of Postgres and of connections by what follows from them: unavailable for now (503), worth a retry, or an error of
// the statement itself.
import { ApiError } from "../../errors.js";
import { ConnectionLost, isStalePlan, sqlState } from "./protocol/connection.js";

/** Whether a statement violated the unique constraint or index of that name. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return sqlState(error) === "23505" && (error as { constraint?: unknown }).constraint === constraint;
}

/** Whether a statement violated the foreign key of that name. */
export function isForeignKeyViolation(error: unknown, constraint: string): boolean {
  return sqlState(error) === "23503" && (error as { constraint?: unknown }).constraint === constraint;
}

/** Whether Postgres ended a statement because it took too long. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlState(error) === "57014";
}

/** Whether a statement or a whole transaction had no effect and may succeed in a retry. */
export function isWorthRetrying(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01" || isStalePlan(error);
}

/**
 * The SQLSTATEs of what is no fault of a statement and may pass, by class: 08 the connection, 25 a server that only reads or a
 * transaction that took too long, 40 other transactions, 53 resources such as the disk, 55 locks, 57 an operator or a timeout,
 * 58 the system below, 72 an old snapshot. Within 40, a constraint is the fault of the transaction.
 */
const UNAVAILABLE = /^(08...|25006|25P0[34]|40(?!002)...|53...|55006|55P03|57...|58...|72000)$/;

/** The SQLSTATEs that say that the server may not take writes at all: a read-only one, a full disk, a failing one. */
const WRITES_FAIL = /^(25006|53[01]00|58...)$/;

/** Whether the error makes it doubtful that the server takes any write. */
export function isAgainstWrites(error: unknown): boolean {
  return WRITES_FAIL.test(sqlState(error));
}

/** Whether a statement failed because the disk of the server is full; the error may be the translated one. */
export function isDiskFull(error: unknown): boolean {
  return sqlState(error instanceof ApiError ? error.more.cause : error) === "53100";
}

/** Whether a running Postgres refused an attempt to connect: a wrong password, too many connections. */
export function isRefusal(error: unknown): boolean {
  const state = sqlState(error);
  return state !== "" && !state.startsWith("57P0");
}

/** The 503 of a database that cannot respond. Only the log shows the cause. */
export function unavailable(detail: string, cause?: unknown): ApiError {
  return new ApiError("DATABASE_UNAVAILABLE", detail, { retryAfterSeconds: 1, cause });
}

/** The 400 of a search that took too long. */
export function searchTooBroad(cause: unknown): ApiError {
  return new ApiError("SEARCH_TOO_BROAD", "What matches cannot be read in time: name more words, or rarer ones", {
    cause,
  });
}

/** The error for the callers of the database: DATABASE_UNAVAILABLE, or the error itself. */
export function translated(error: unknown): unknown {
  if (error instanceof ConnectionLost) return unavailable("The database cannot be reached right now", error);
  const state = sqlState(error);
  if (state === "57014" || state === "55P03") return unavailable("The database took too long to answer", error);
  if (isAgainstWrites(error)) return unavailable("The database cannot store anything right now", error);
  if (UNAVAILABLE.test(state) || isStalePlan(error)) return unavailable("The database cannot answer right now", error);
  return error;
}

/** For `catch`: throws the translated error. */
export function rethrown(error: unknown): never {
  throw translated(error);
}
