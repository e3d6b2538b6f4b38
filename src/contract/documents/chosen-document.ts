// Documents at one path, of which the query chooses one: /descriptor.binpb?annotated=true.
import { ApiError } from "../../errors.js";
import type { Document } from "./document.js";

export interface Choice {
  /** The parameter of the query. */
  readonly parameter: string;
  /** By the value of the parameter. The first one is also sent without a query. */
  readonly documents: Readonly<Record<string, Document>>;
}

/** The document that a raw query chooses. Throws MALFORMED_REQUEST for another parameter, another value, and two of them. */
export function chosenDocument({ parameter, documents }: Choice, query: string): Document {
  const given = [...new URLSearchParams(query)];
  const [value] = given.length === 0 ? Object.keys(documents) : given.map(([, text]) => text);
  const isKnown = given.length <= 1 && given.every(([key]) => key === parameter) && Object.hasOwn(documents, value!);
  if (isKnown) return documents[value!]!;
  const values = Object.keys(documents).join(" or ");
  throw new ApiError("MALFORMED_REQUEST", `The query may have ${parameter} once, which is ${values}, and nothing else`);
}
