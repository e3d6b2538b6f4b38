// The form of a contract case: data alone. What the words of a case mean stands here; run-cases.ts makes tests of them.
//
// A text that is "$name" stands for the variable of that name, with its type; "$name.path" looks inside it; inside a
// longer text, "${name}" is replaced. An actor's name is a variable too: "$alice" is her id, "$alice.email" what else her
// enrolment captured. $run is unique to a run of a file, $case to a play of a case; $turn counts the calls of a step that
// is sent several times, from 1.

/** A value of a request or of an expectation: JSON, with variables, and with the matchers below. */
export type Value = unknown;

/** The fields of a message. */
export type Fields = Readonly<Record<string, Value>>;

/** A broken rule, as a Problem names it. */
export interface Violation {
  readonly field: string;
  readonly rule: string;
}

/** One call of one method, and what must come of it. */
export interface Step {
  /** The method; that of the case's group when absent. */
  readonly call?: string;
  /** The actor who calls; nobody when absent. */
  readonly as?: string;
  /** The token to call with, when it is not an actor's own. */
  readonly token?: string;
  readonly send?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
  /** In the place of the route's path, and of the query that `send` gives. */
  readonly path?: string;
  readonly query?: string;
  /**
   * The status, or the reason of a Problem; 200 when absent. For a step that is sent several times also how many of
   * each must come, `{ "201": 1, EMAIL_TAKEN: 19 }`, or "*" for whatever is no fault of the server.
   */
  readonly answers?: number | string | Readonly<Record<string, number>>;
  /** The rules that are broken, all of them; the answer is 422. */
  readonly violates?: Violation | readonly Violation[];
  /** What the answer must hold among other things; lists must be as long as here. */
  readonly with?: Fields;
  /** What the answer must hold, and nothing else. */
  readonly exactly?: Fields;
  /** Headers of the answer, by their names in lower case. */
  readonly answerHeaders?: Fields;
  /** Variables to take from the answer: a path such as "messages[0].id", or "@etag" for a header. */
  readonly capture?: Readonly<Record<string, string>>;
  /** Sent once more, it must answer the same to the last field. */
  readonly again?: boolean;
  /** A race: so many at once. */
  readonly times?: number;
  /** So many, one after the other. */
  readonly turns?: number;
  /** Of a step that is sent several times: paths whose value is one and the same in all good answers ... */
  readonly same?: readonly string[];
  /** ... or never twice. */
  readonly distinct?: readonly string[];
}

/** Steps that run at the same time, each as often as it says. */
export interface Together {
  readonly together: readonly Step[];
  /** Paths whose value is the same in all good answers of all steps. */
  readonly same?: readonly string[];
  readonly distinct?: readonly string[];
}

/** One promise: a step, or several. */
export type Case = Setting & (Step | Together | { readonly steps: readonly (Step | Together)[] });

/** Where a case plays. */
export interface Setting {
  /** Steps of its own before it begins; each must succeed as it says. */
  readonly given?: readonly Step[];
  /** A server that is set up differently, by the name that the runner knows it by. */
  readonly server?: string;
  /** The answers hold what others do on the server too: two plays are not compared. */
  readonly noisy?: boolean;
}

/** The cases of one subject. */
export interface CaseFile {
  readonly subject: string;
  /** Words by which its cases can be chosen, beside "cases". */
  readonly tags?: readonly string[];
  /** Who plays in it. Each is enrolled once for the file, and only when a case names them. */
  readonly actors: readonly string[];
  /** Played before each case, so that each has data of its own. */
  readonly given?: readonly Step[];
  /** By method, then by a sentence that is true. */
  readonly cases: Readonly<Record<string, Readonly<Record<string, Case>>>>;
}

/** How actors come to be, and what differs from run to run. Data of a contract, not of the runner. */
export interface Enrolment {
  /** Makes an actor; $name is the name. Captures at least `id` and `token`. */
  readonly enrol: readonly Step[];
  /** Logs in an actor whom only the operator of a server can make; what is known of them ($email ...) is a variable. */
  readonly admit: readonly Step[];
  /** Whom only the operator can make. Where they are not known, cases that name them are skipped. */
  readonly appointed: readonly string[];
  /**
   * What takes away what a method has made, by method; played after the run. Variables are the fields of the request and
   * of the answer, and $token, with which it was called. Actors who were there before are left as they are.
   */
  readonly undo?: Readonly<Record<string, readonly Step[]>>;
  /** Who may call, from those who may least to those who may most: an actor for each access that the contract names. */
  readonly ranks?: readonly { readonly access: string; readonly actor: string }[];
  /** Fields whose values are new with every call: two runs are compared without them. */
  readonly volatile: readonly string[];
}

/** The field is not there. */
export const absent = { $absent: true } as const;
/** A text that matches this regular expression. */
export const matches = (pattern: string): Fields => ({ $matches: pattern });
/** A number above this one. */
export const above = (bound: number): Fields => ({ $above: bound });
/** A list or text of this length. */
export const size = (length: number): Fields => ({ $size: length });
/** A list with such an item. */
export const including = (item: Value): Fields => ({ $including: item });
/** A list without such an item. */
export const excluding = (item: Value): Fields => ({ $excluding: item });
/** An RFC 3339 moment in UTC with milliseconds. */
export const moment = matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$");
