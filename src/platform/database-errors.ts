// What goes wrong between us and Postgres, sorted: away for now (503), worth another try, or the statement's own fault.
import { ApiError } from "../errors.js";

/** What Postgres says about a failed statement, as far as anyone here looks at it. */
interface SqlError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly routine?: unknown;
}

function sqlError(error: unknown): SqlError {
  return typeof error === "object" && error !== null ? error : {};
}

/** Whether a statement failed because the named unique constraint or index would have been broken. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  const { code, constraint: broken } = sqlError(error);
  return code === "23505" && broken === constraint;
}

/** Whether a statement failed because the named foreign key would have been broken. */
export function isForeignKeyViolation(error: unknown, constraint: string): boolean {
  const { code, constraint: broken } = sqlError(error);
  return code === "23503" && broken === constraint;
}

/** The 503 that callers see while the database cannot answer. The cause is for the log alone. */
export function unavailable(detail: string, cause?: unknown): ApiError {
  return new ApiError("DATABASE_UNAVAILABLE", detail, { retryAfterSeconds: 1, cause });
}
