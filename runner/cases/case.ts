// The form of a contract case: data alone. case-checks.ts makes checks of cases.
//
// A text that is "$name" is replaced by the variable of that name, with its type; "$name.path" is a value inside it. Inside
// a longer text, "${name}" is replaced. The name of an actor is a variable too: "$alice" is her id, "$alice.email" another
// variable that her enrolment captured. $run is unique to the actors of a file, $case to a run of a case; $turn counts the
// calls of a step that is sent several times, from 1.

/** A value of a request or of an expectation: JSON, with variables, and with the matchers below. */
export type Value = unknown;

/** The fields of a message. */
export type Fields = Readonly<Record<string, Value>>;

/** A broken rule, as a Problem names it. */
export interface Violation {
  readonly field: string;
  readonly rule: string;
}

/** One call of one method, and the expected answer. */
export interface Step {
  /** The method; when absent, the method under which the case is listed. */
  readonly call?: string;
  /** The actor who calls; when absent, the call has no credentials. */
  readonly as?: string;
  /** The token of the call, when it is not the token of an actor. */
  readonly token?: string;
  readonly send?: Fields;
  readonly headers?: Readonly<Record<string, string | Fields>>;
  /** Replaces the path of the route, and the query that `send` gives. */
  readonly path?: string;
  readonly query?: string;
  /**
   * The status, or the reason of a Problem; 200 when absent. For a step that is sent several times also the number of
   * answers by status or reason, `{ "201": 1, EMAIL_TAKEN: 19 }`, or "*" for any answer below 500.
   */
  readonly answers?: number | string | Readonly<Record<string, number>>;
  /** All broken rules; the answer is 422. */
  readonly violates?: Violation | readonly Violation[];
  /** A part of the answer; lists must be as long as here. */
  readonly with?: Fields;
  /** The whole answer. */
  readonly exactly?: Fields;
  /** Headers of the answer, by their names in lower case. */
  readonly answerHeaders?: Fields;
  /**
   * Variables taken from the answer: a path such as "messages[0].id", or "@etag" for a header. "totp(secret)" is the code of RFC 6238 of
   * the base32 secret at a path, good for half a minute at least; "totp(secret, 1)" is that of the step after, which servers take early.
   * "webauthn.create(options_json, origin)" is the registration of a new passkey, made of the JSON of its options at one path, for a page
   * of the origin at the other; "segment(url)" is the last segment of the path of a URL; "webauthn.get(options_json, origin)" is a login with the newest passkey of the case.
   */
  readonly capture?: Readonly<Record<string, string>>;
  /** The step is sent a second time, and the second answer must equal the first. */
  readonly again?: boolean;
  /** A race: the number of concurrent calls. */
  readonly times?: number;
  /** The number of calls, one after the other. */
  readonly turns?: number;
  /** Of a step that is sent several times: paths whose value is the same in all successful answers ... */
  readonly same?: readonly string[];
  /** ... or different in each of them. */
  readonly distinct?: readonly string[];
}

/** Steps that run at the same time. */
export interface Together {
  readonly together: readonly Step[];
  /** Paths whose value is the same in all successful answers of all steps. */
  readonly same?: readonly string[];
  readonly distinct?: readonly string[];
}

/**
 * A mail that the server has sent, which the step waits for: the oldest that the case has not read. So each case needs an address of its
 * own. A case with such a step is skipped where the run has no mailbox.
 */
export interface MailStep {
  /** The address that it is for. */
  readonly mailTo: string;
  /** A regular expression for its subject, a line break and its text; its named groups become variables. */
  readonly matching: string;
}

/** What prepares a case: a call, or a mail that one has caused. */
export type Given = Step | MailStep;

/** One promise: a step, or several. */
export type Case = Setting & (Step | Together | { readonly steps: readonly (Given | Together)[] });

/** The steps of a case, in order. */
export function stepsOf(tested: Case): readonly (Given | Together)[] {
  return "steps" in tested ? tested.steps : [tested];
}

/** The setting of a case. */
export interface Setting {
  /** Steps before the case; each must get the answer that it expects. */
  readonly given?: readonly Given[];
  /** A server with another configuration, by its name. */
  readonly server?: string;
  /** The answers depend on what others do on the server: two runs are not compared. */
  readonly noisy?: boolean;
}

/** The cases of one subject. */
export interface CaseFile {
  readonly subject: string;
  /** Further tags by which the cases can be chosen, beside "cases". */
  readonly tags?: readonly string[];
  /** The actors of the cases. Each is enrolled once, when a case first names it. */
  readonly actors: readonly string[];
  /** Steps before each case, so that each case has data of its own. */
  readonly given?: readonly Step[];
  /** By method, then by a true sentence. */
  readonly cases: Readonly<Record<string, Readonly<Record<string, Case>>>>;
}

/** A step that undoes a call, or a part of what it made. */
export interface UndoStep extends Step {
  /** The field of the request or of the answer without which there is nothing to do. */
  readonly where?: string;
}

/** How actors are enrolled, and what differs between two runs. Data of a contract, not of the runner. */
export interface Enrolment {
  /** Creates an actor; $name is its name. Captures at least `id` and `token`. */
  readonly enrol: readonly Step[];
  /** Logs in an actor with an existing account; what is known of the account ($email ...) are variables. */
  readonly logIn: readonly Step[];
  /** Actors that only an operator can create. Cases that name one are skipped where no account is given for it. */
  readonly appointed: readonly string[];
  /** The names under which a browser may hold the access token of an actor in a cookie; absent where tokens are in no cookie. */
  readonly cookies?: readonly string[];
  /** Ends the session of an actor, who sends the steps; the token is then refused everywhere. */
  readonly end?: readonly Step[];
  /**
   * The steps that undo a successful call, by method; they run after the checks. Variables are the fields of the request
   * and of the answer, and $token, the token of the call. Existing accounts are not removed.
   */
  readonly undo?: Readonly<Record<string, readonly UndoStep[]>>;
  /** An appointed actor who may undo more, and the steps, as in `undo`. They come first where the account is given. */
  readonly remover?: { readonly actor: string; readonly undo: Readonly<Record<string, readonly UndoStep[]>> };
  /** API keys of a contract whose methods have scopes, made and ended by the person of $token. */
  readonly keys?: {
    /** Makes a key with the scopes $scopes, and captures it as `key`. */
    readonly make: readonly Step[];
    /** Ends it. */
    readonly end: readonly Step[];
  };
  /** An actor for each access that the contract names, in the order from the lowest rank to the highest. */
  readonly ranks?: readonly { readonly access: string; readonly actor: string }[];
  /** Paths of fields, such as "profile.nick", of which each value can be one person's alone; of one method alone with its name before, as "method.field". */
  readonly claimed?: readonly string[];
  /** Fields whose values are new in every answer: two runs are compared without them. */
  readonly volatile: readonly string[];
}

/** The field is absent. */
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
/** In a request or an expectation: the day of a timestamp in a time zone, as in "2026-09-01", `plus` days later. */
export const dayOf = (timestamp: string, timeZone: string, plus = 0): Fields => ({ $day: [timestamp, timeZone, plus] });
/** In a header: the credentials of HTTP Basic. */
export const basic = (user: string, password: string): Fields => ({ $basic: [user, password] });
/** In a request: the bytes of a text, in base64. */
export const bytesOf = (text: string): Fields => ({ $base64: text });
/** An RFC 3339 timestamp in UTC with milliseconds. */
export const timestamp = matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$");
