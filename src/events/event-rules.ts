// What an event must be beyond the rules of the contract: its time zone exists, and it ends after its start.
import { ApiError } from "../errors.js";
import type { EventAudience } from "../gen/lyceum/v1/event.js";
import type { FieldViolation } from "../gen/lyceum/v1/problem.js";

/** The part of an event that the rules are about. */
interface Ruled {
  readonly starts_at: string;
  readonly ends_at: string;
  readonly time_zone: string;
}

/** Throws INVALID_FIELDS, with all violations: time_zone.known, event.ends_at. Times are in the one form of plain objects. */
export function requireSound({ starts_at, ends_at, time_zone }: Ruled): void {
  const violations: FieldViolation[] = [];
  if (!isTimeZone(time_zone)) violations.push(broken("time_zone", "time_zone.known", "is no time zone that is known"));
  if (Date.parse(ends_at) <= Date.parse(starts_at))
    violations.push(broken("ends_at", "event.ends_at", "must be after starts_at"));
  const [first] = violations;
  if (first) throw new ApiError("INVALID_FIELDS", `${first.field} ${first.message}`, { violations });
}

/** An audience in its one form: one of all has no groups. */
export function aimed({ is_for_all, group_ids }: EventAudience): EventAudience {
  return { is_for_all, group_ids: is_for_all ? [] : group_ids };
}

/** Whether there is a time zone of this name. Newer versions of Intl know offsets such as "+03:00" too, which are none. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

function broken(field: string, rule: string, message: string): FieldViolation {
  return { field, pointer: `/${field}`, rule, message };
}
