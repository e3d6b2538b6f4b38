// Enums that may grow: in an answer of a newer server, a client meets names that it does not know.
import type protobuf from "protobufjs";
import type { Contract } from "../../model/load.js";
import { prose, type Json } from "./json-forms.js";

/** A schema with a name of its own that is no message or enum of the contract. */
export interface NamedSchema {
  readonly name: string;
  readonly fullName: string;
  readonly schema: Json;
}

/**
 * The schema of an enum in an answer, from that in a request. Generators of clients make a text of it; of a choice between the
 * names and any text (`anyOf`), some make types that hold nothing.
 */
export function openEnum({ enum: names, description = "" }: Json): Json {
  const explained = `${String(description)}\n\nMore names may follow.`.trim();
  return { type: "string", "x-extensible-enum": names, description: explained };
}

/** The texts of a Problem that are names of a list: its reason and its code. */
export function namedValues({ problem, reasons }: Contract): ReadonlyMap<protobuf.Field, NamedSchema> {
  const meanings = [...reasons.values()];
  const listed = meanings.map(({ reason, comment }) => `- \`${reason}\`: ${prose(comment)}`);
  const fields: [protobuf.Field | undefined, string, string[], string][] = [
    [
      problem.fields["reason"],
      "Reason",
      meanings.map(({ reason }) => reason),
      ["Why a request was refused.", "", ...listed].join("\n"),
    ],
    [
      problem.fields["code"],
      "Code",
      [...new Set(meanings.map(({ code }) => code))],
      "A google.rpc.Code: what kind of failure a reason is.",
    ],
  ];
  return new Map(
    fields.flatMap(([field, name, names, description]) => {
      const schema = openEnum({ type: "string", description, enum: names });
      return field ? [[field, { name, fullName: `.problem.${name}`, schema }]] : [];
    }),
  );
}
