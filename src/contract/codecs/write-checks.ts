// The writers trust the schema of what a handler answers, and look at each value once: a wrong type would otherwise leave
// as broken JSON or as other bytes than JSON says. It is a bug of ours, so what is thrown is a TypeError.
import type { Plain, FieldSchema } from "../model/message-schema.js";

export function checkString(field: FieldSchema, value: unknown): string {
  return typeof value === "string" ? value : refuse(field, value);
}

export function checkBoolean(field: FieldSchema, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(field, value);
}

/** A whole number that the field can hold. */
export function checkInteger(field: FieldSchema, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= field.min && (value as number) <= field.max)
    return value as number;
  return refuse(field, value);
}

export function checkNumber(field: FieldSchema, value: unknown): number {
  return typeof value === "number" ? value : refuse(field, value);
}

/** An enum by its name, or by a number that has none. */
export function checkEnum(field: FieldSchema, value: unknown): string | number {
  if (typeof value === "string" ? field.values!.numbers.has(value) : Number.isInteger(value)) return value as string;
  return refuse(field, value);
}

export function checkObject(field: FieldSchema, value: unknown): Plain {
  return typeof value === "object" && value !== null ? (value as Plain) : refuse(field, value);
}

/** Absent counts as empty. */
export function checkList(field: FieldSchema, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value == null ? [] : refuse(field, value);
}

function refuse(field: FieldSchema, value: unknown): never {
  throw new TypeError(
    `${field.fullName} cannot be written from a value of type ${value === null ? "null" : typeof value}`,
  );
}
