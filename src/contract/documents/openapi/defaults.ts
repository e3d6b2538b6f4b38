// What a request means where a parameter is absent: the default in its schema. Fields of a body have none in the document:
// generators of clients take a field with a default for one that is always there.
import protobuf from "protobufjs";
import { hasPresence } from "../../model/well-known-types.js";
import { prose } from "./json-forms.js";

/**
 * The default of a parameter: the one that `configured` has under its full name, else the number or quoted text that
 * its comment has before "when absent", as in `20 when absent`; of an enum without presence, its zero. Undefined where there is
 * none.
 */
export function defaultOf(field: protobuf.Field, configured: Readonly<Record<string, unknown>>): unknown {
  const fullName = field.fullName.slice(1);
  if (fullName in configured) return configured[fullName];
  const [, number, text] = /(?:^|[\s(])(?:(\d+)|"([^"]+)") when absent\b/.exec(prose(field.comment)) ?? [];
  if (number !== undefined) return Number(number);
  if (text !== undefined) return text;
  const isSingle = !field.repeated && !field.map;
  const isZero = field.resolvedType instanceof protobuf.Enum && isSingle && !hasPresence(field);
  return isZero ? (field.resolvedType as protobuf.Enum).valuesById[0] : undefined;
}
