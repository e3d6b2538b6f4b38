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

/** Whether a statement or a whole transaction had no effect and may succeed in a retry. */
export function isWorthRetrying(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01" || isStalePlan(error);
}

/** Statement and lock timeouts, too many connections, shutdown, and connections that broke. */
const UNAVAILABLE = /^(57014|55P03|53300|53400|57P0.|08...|25P03)$/;

/** Whether a running Postgres refused an attempt to connect: a wrong password, too many connections. */
export function isRefusal(error: unknown): boolean {
  const state = sqlState(error);
  return state !== "" && !state.startsWith("57P0");
}

/** The 503 of a database that cannot respond. Only the log shows the cause. */
export function unavailable(detail: string, cause?: unknown): ApiError {
  return new ApiError("DATABASE_UNAVAILABLE", detail, { retryAfterSeconds: 1, cause });
}

/** The error for the callers of the database: DATABASE_UNAVAILABLE, or the error itself. */
export function translated(error: unknown): unknown {
  if (error instanceof ConnectionLost) return unavailable("The database cannot be reached right now", error);
  const state = sqlState(error);
  if (state === "57014" || state === "55P03") return unavailable("The database took too long to answer", error);
  return UNAVAILABLE.test(state) ? unavailable("The database cannot answer right now", error) : error;
}

/** For `catch`: throws the translated error. */
export function rethrown(error: unknown): never {
  throw translated(error);
}
