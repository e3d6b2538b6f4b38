// The reasons of problem.proto, each with its code, status and title.
import type protobuf from "protobufjs";
import { optionOf, valueElementOf } from "./declared-options.js";

/** The meaning of a reason for a client. */
export interface ReasonMeaning {
  /** Without prefix: `CHAT_NOT_FOUND`. */
  readonly reason: string;
  /** The google.rpc.Code by name. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** The comment above the value. */
  readonly comment: string;
}

/** The options of a value of lyceum.v1.Reason. */
export const reasonOptionNames = ["lyceum.v1.code", "lyceum.v1.status", "lyceum.v1.title"] as const;

/** Reads the enum lyceum.v1.Reason. Throws an Error that names a reason without code, status or title. */
export function readReasons(root: protobuf.Root): ReadonlyMap<string, ReasonMeaning> {
  const values = root.lookupEnum("lyceum.v1.Reason");
  const meanings = new Map<string, ReasonMeaning>();
  for (const name of Object.keys(values.values)) {
    if (name === "REASON_UNSPECIFIED") continue;
    const element = valueElementOf(values, name);
    const [code, status, title] = reasonOptionNames.map((option) => optionOf(element, option)[0]);
    if (typeof code !== "string" || typeof status !== "number" || typeof title !== "string")
      throw new Error(`${name} needs the options code, status and title`);
    const reason = reasonOf(name);
    meanings.set(reason, { reason, code, status, title, comment: values.comments[name] ?? "" });
  }
  return meanings;
}

/** `REASON_CHAT_NOT_FOUND` as `CHAT_NOT_FOUND`. */
export function reasonOf(valueName: string): string {
  return valueName.replace(/^REASON_/, "");
}
