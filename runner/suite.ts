// What the runner is told about one contract, as data.
import type { CaseFile, Enrolment } from "./cases/case.js";
import type { CodecName } from "./client/encoding.js";

/** One line of test vectors for negotiation: what is sent, and what must come of it. */
export interface NegotiationVector {
  readonly method: "GET" | "POST";
  /** Absent: no body is sent. */
  readonly content_type?: string;
  /** null: no Accept is sent. */
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
  /** Who speaks each serialization, for sentences about what a change would break. */
  readonly clients: Readonly<Record<CodecName, string>>;
  /** The largest body in bytes, for methods that do not say. */
  readonly bodyLimit: number;
  /** Where the server shows its own documents. */
  readonly documents: { readonly openApi: string; readonly descriptorSet: string };
}
