// What the runner has to know of one contract, as data.
import type { CaseFile, Enrolment } from "./cases/case.js";
import type { CodecName } from "./client/encoding.js";

/** One line of the test vectors for negotiation: the request headers, and the expected result. */
export interface NegotiationVector {
  readonly method: "GET" | "POST";
  /** When absent, the request has no body. */
  readonly content_type?: string;
  /** null: the request has no Accept. */
  readonly accept: string | null;
  /** The media type of the answer, without parameters, or the status of the refusal. */
  readonly expect: string | number;
}

export interface Suite {
  /** The file with the contract's serialized FileDescriptorSet. */
  readonly descriptorSet: URL;
  readonly files: readonly CaseFile[];
  readonly enrolment: Enrolment;
  readonly negotiation: readonly NegotiationVector[];
  /** The folder of the golden files. */
  readonly golden: URL;
  /** The clients of each serialization, for sentences about what a change would break. */
  readonly clients: Readonly<Record<CodecName, string>>;
  /** The largest body in bytes, for methods that declare none. */
  readonly bodyLimit: number;
  /** The paths of the documents that the server serves. */
  readonly documents: { readonly openApi: string; readonly descriptorSet: string };
}
