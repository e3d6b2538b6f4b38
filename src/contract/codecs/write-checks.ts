// The writers trust the shape of what a handler answers, and look at each value once: a wrong type would otherwise leave
// as broken JSON or as other bytes than JSON says. It is a bug of ours, so what is thrown is a TypeError.
import type { Plain, Slot } from "../model/message-schema.js";

export function checkString(slot: Slot, value: unknown): string {
  return typeof value === "string" ? value : refuse(slot, value);
}

export function checkBoolean(slot: Slot, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(slot, value);
}

/** A whole number that the slot can hold. */
export function checkInteger(slot: Slot, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= slot.min && (value as number) <= slot.max) return value as number;
  return refuse(slot, value);
}

export function checkNumber(slot: Slot, value: unknown): number {
  return typeof value === "number" ? value : refuse(slot, value);
}

/** An enum by its name, or by a number that has none. */
export function checkEnum(slot: Slot, value: unknown): string | number {
  if (typeof value === "string" ? slot.values!.numbers.has(value) : Number.isInteger(value)) return value as string;
  return refuse(slot, value);
}

export function checkObject(slot: Slot, value: unknown): Plain {
  return typeof value === "object" && value !== null ? (value as Plain) : refuse(slot, value);
}

/** Absent counts as empty. */
export function checkList(slot: Slot, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value == null ? [] : refuse(slot, value);
}

function refuse(slot: Slot, value: unknown): never {
  throw new TypeError(
    `${slot.fullName} cannot be written from a value of type ${value === null ? "null" : typeof value}`,
  );
}
