// What the runner has to know of one contract, as data.
import type { CaseFile, Enrolment, Fields, Given, Step } from "./cases/case.js";
import type { CodecName } from "./client/encoding.js";
import type { SocketNames } from "./client/socket/socket-names.js";

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

/** A list with rows of its own. */
export interface ListOfRows {
  readonly actors: readonly string[];
  /** Creates the rows. */
  readonly given: readonly Given[];
  /** The actor who reads the list. */
  readonly as: string;
  /** In place of the actor: the token of a person whom `given` makes, such as "$token". */
  readonly token?: string;
  /**
   * Requests for the same list with other filters and orders, or for another list of the same kind; each has at least two
   * rows, and the first has more than a page without a limit shows, many of them equal in what they are ordered by.
   */
  readonly requests: readonly Fields[];
  /** A request without filters, whose rows are also those of others; it begins with the rows of the first list. */
  readonly shared?: Fields;
  /** Steps of which each adds a row to the first list; none for a list that never grows. */
  readonly more: readonly Step[];
  /**
   * Steps of which each changes something that the rows of the first list are ordered by, and leaves them in all lists. They can be
   * taken in any order and again.
   */
  readonly moves?: readonly Step[];
}

/** The paging of lists: the fields by their names, and a list of each method that has them. */
export interface Paging {
  readonly limit: string;
  readonly skip: string;
  readonly token: string;
  readonly next: string;
  /** The rows of a page when the request has no limit. */
  readonly usual: number;
  /** The reason for which a page token of another request is refused. */
  readonly refused: string;
  /** By method. */
  readonly lists: Readonly<Record<string, ListOfRows>>;
}

/** A scene in which things exist, and are hidden from some actors: to these, they do not exist. */
export interface HiddenThings {
  /** A part of a sentence: "a former member". */
  readonly name: string;
  readonly actors: readonly string[];
  readonly given: readonly Step[];
  /** From whom the things are hidden. */
  readonly from: readonly string[];
  /** The values of path fields: of the hidden things, and of others that a path names behind them. */
  readonly things: Fields;
  /** The access of the methods; those of others refuse whoever calls, before they look. All methods when absent. */
  readonly access?: string;
  /** The path fields that name hidden things, each with an id that nothing has. */
  readonly missing: Fields;
  /** Fields of requests beside the path, by method; any valid values when absent. */
  readonly requests?: Readonly<Record<string, Fields>>;
}

export interface Suite {
  /** The file with the contract's serialized FileDescriptorSet. */
  readonly descriptorSet: URL;
  readonly files: readonly CaseFile[];
  readonly enrolment: Enrolment;
  readonly negotiation: readonly NegotiationVector[];
  /** When absent, lists have no checks of their pages. */
  readonly paging?: Paging;
  readonly hidden?: readonly HiddenThings[];
  /** The folder of the golden files. */
  readonly golden: URL;
  /** The clients of each serialization, for sentences about what a change would break. */
  readonly clients: Readonly<Record<CodecName, string>>;
  /** The largest body in bytes, for methods that declare none. */
  readonly bodyLimit: number;
  /** The same of bodies of any media type; absent where that is not known. */
  readonly uploadLimit?: number;
  /** Web sockets over which methods can be called; absent where there are none. */
  readonly socket?: SocketNames;
  /** The paths of the documents that the server serves. */
  readonly documents: {
    /** The OpenAPI document of all serializations. */
    readonly openApi: string;
    /** The one of JSON alone, which is a part of the other. */
    readonly openApiOfJson: string;
    readonly descriptorSet: string;
  };
}
