// What an outsider is: a client, or only the generated types, that a team with its own tools would build from what we publish.

/** A reason for which an outsider cannot be tried here, as the end of a sentence. It is skipped, and has not failed. */
export class Absent extends Error {}

/** What an outsider is built from, and where. */
export interface Workshop {
  /**
   * A folder of its own, kept from one run to the next: what was fetched and compiled before need not be again. It has an
   * empty folder "gen" for what is generated.
   */
  readonly folder: string;
  /** The folder of the exported .proto files. */
  readonly contract: string;
  /** The names of those files in it. */
  readonly protos: readonly string[];
  /** The address of a running server, which serves the documents too. */
  readonly url: string;
  /** Runs a command in the folder to its end, and returns its output. Throws an Error with that output when it fails. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** The same for a command that fetches packages. Throws Absent where their registry cannot be reached. */
  fetch(command: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Does the work that makes a file or folder of the workshop, unless the one that is there was made for the same `wanted`. */
  once(target: string, wanted: string, work: () => Promise<unknown>): Promise<void>;
  /** Runs a generator. Throws an Error when it fails, and when it prints anything: a warning. */
  generate(command: string, args: readonly string[]): Promise<void>;
  /** Copies the files of clients/<name>/ into the folder. */
  place(name: string): Promise<void>;
}

export interface RunOptions {
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its working directory; the folder of the workshop when absent. */
  readonly cwd?: string;
}

export interface Outsider {
  readonly name: string;
  /** The commands that must be on PATH. */
  readonly needs: readonly string[];
  /**
   * Fetches, generates and compiles. Returns the command that starts the client, which then plays the session; or, where there is
   * no client, what was shown, as in "compiles". Throws an Error when something fails, and Absent when it cannot be tried here.
   */
  build(workshop: Workshop): Promise<readonly string[] | string>;
}

/** A call, as a client reads it: one line of JSON on its standard input. */
export interface CallLine {
  readonly id: number;
  /** The method, in lower camel case: "sendMessage". Its operationId is the same with an upper-case letter. */
  readonly rpc: string;
  readonly verb: string;
  /** The address of the server, without a slash at its end. */
  readonly base: string;
  /** The path and the query, filled in. */
  readonly target: string;
  readonly token?: string | undefined;
  /** Headers beside those that the client sends by itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** The full names of the messages: "lyceum.v1.Message". */
  readonly requestType: string;
  readonly responseType: string;
  /** The request in protobuf, in base64, without the fields of the path. A client reads it with its generated class. */
  readonly message: string;
  /** Whether that message is the body of the request. Where it is not, its fields are in `target`, or `content` is the body. */
  readonly hasBody: boolean;
  /** A body that is no message, in base64. */
  readonly content?: { readonly type: string; readonly data: string } | undefined;
  /** What a success is: a message, nothing (204), content as it is, or a stream of events. */
  readonly answer: "message" | "nothing" | "content" | "stream";
  /** The media types that the answer may have, where it is content or a stream. */
  readonly produces: readonly string[];
  /** The fields of the path, those of the query, and the others, in JSON: for clients that are made from OpenAPI. */
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The answer to a call, as a client writes it: one line of JSON on its standard output. */
export interface AnswerLine {
  readonly id: number;
  readonly status?: number;
  /** The Content-Type of the answer, where the answer is content or a stream. */
  readonly contentType?: string;
  /**
   * In base64: the message that the generated class read, written anew by it; or the content; or the bytes of the stream up to
   * the end of its first event.
   */
  readonly body?: string;
  /** The message of a client that reads JSON. */
  readonly json?: unknown;
  /** Of an error: the reason, as the generated class of Problem has it. */
  readonly reason?: string;
  /** Why the client could not make the call. */
  readonly error?: string;
}
