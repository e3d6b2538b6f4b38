// Ways to break the server on purpose: one line of its source is replaced while it starts. The runner finds each of them,
// and says what is wrong.

export interface Mutant {
  /** What is broken, for people. */
  readonly name: string;
  /** The module below src/, without its ending. */
  readonly file: string;
  /** What stands there exactly once, in TypeScript and in what it is compiled to. */
  readonly find: string;
  readonly replace: string;
  /** Among which checks it is looked for, by tag and by what their names contain, so that it takes less time: all of them
   * when absent. */
  readonly tag?: string;
  readonly grep?: string;
  /** What the runner must say. */
  readonly says: RegExp;
}

export const mutants: readonly Mutant[] = [
  {
    name: "Vary is missing",
    file: "contract/http/answer",
    find: '["Vary", ',
    replace: '["X-Vary", ',
    says: /Vary/,
  },
  {
    name: "Vary forgets Accept",
    file: "contract/http/answer",
    find: "`Accept, Accept-Encoding$",
    replace: "`Accept-Encoding$",
    says: /Vary/,
  },
  {
    name: "the type of an answer may be guessed",
    file: "platform/http/security-headers",
    find: "helmet({ contentSecurityPolicy })",
    replace: "helmet({ contentSecurityPolicy, noSniff: false })",
    says: /nosniff/i,
  },
  {
    name: "a request id that was sent is not kept",
    file: "doors/request-middleware",
    find: '"X-Request-Id", id,',
    replace: '"X-Request-Id", "another",',
    says: /request.id/i,
  },
  {
    name: "a default is dropped in JSON",
    file: "contract/codecs/write-json",
    find: "const fallback = field.default;",
    replace: `const fallback = field.default;
      if (field.kind === "integer") return (message) => {
        if (!message[name]) return;
        writer.comma(); writer.ascii(key); write(message[name]);
      };`,
    says: /should be/,
  },
  {
    name: "a field is renamed in JSON alone",
    file: "contract/codecs/write-json",
    find: 'const key = `"${name}":`;',
    replace: 'const key = `"${name === "version" ? "revision" : name}":`;',
    says: /revision/,
  },
  {
    name: "an integer is written with a fraction",
    file: "contract/codecs/write-json",
    find: "writer.decimal(checkInteger(field, value))",
    replace: "writer.ascii(`${checkInteger(field, value)}.0`)",
    says: /\.0/,
  },
  {
    name: "a 64-bit integer is written as text in json",
    file: "contract/codecs/write-json",
    find: "writer.decimal(checkInteger(field, value))",
    replace: 'field.type === "int64" ? writer.quoted(String(value)) : writer.decimal(checkInteger(field, value))',
    says: /should be/,
  },
  {
    name: "what was made is answered with 200",
    file: "contract/serve",
    find: "method.created === undefined ? 200 : 201",
    replace: "200",
    says: /where its success is 201/,
  },
  {
    name: "Location is missing",
    file: "contract/serve",
    find: 'headers.push("Location", ',
    replace: 'headers.push("X-Location", ',
    says: /location/i,
  },
  {
    name: "what Accept excludes is sent all the same",
    file: "contract/http/negotiate",
    find: "const type = answerType(input, sent, input.responseName);",
    replace: 'const type = answerType(input, sent, input.responseName) ?? "application/json";',
    tag: "negotiation",
    says: /expected 406 NOT_ACCEPTABLE, got 2\d\d/,
  },
  {
    name: "a quality of zero does not exclude",
    file: "contract/http/accept",
    find: "match.q > 0 && ",
    replace: "",
    tag: "negotiation",
    says: /q=0.*not 406/,
  },
  {
    name: "errors come in JSON to a client of protobuf",
    file: "contract/serve",
    find: "await writeProblem(ctx, problem, negotiated, isBodyRead);",
    replace:
      'await writeProblem(ctx, problem, { ...negotiated, response: "json", problemType: "application/problem+json" }, isBodyRead);',
    says: /asked for proto\w+ and got json/,
  },
  {
    name: "errors where there is no method come in JSON",
    file: "contract/http/negotiate",
    find: "type ?? sent?.type ?? mediaTypes.json[0]);",
    replace: "mediaTypes.json[0]);",
    tag: "verbs",
    says: /asked for proto\w+ and got json/,
  },
  {
    name: "json says no charset",
    file: "contract/http/negotiate",
    find: 'codec === "protobuf" ? type : `${type}; charset=utf-8`',
    replace: "type",
    says: /Content-Type is not one that the contract writes/,
  },
  {
    name: "a rule is loosened in protobuf alone",
    file: "contract/codecs/read-protobuf",
    find: "return enumByNumber(field, scanner.low | 0);",
    replace: "return enumByNumber(field, (scanner.low | 0) > 1 ? 0 : scanner.low | 0);",
    tag: "rules",
    grep: "rules of role",
    says: /in protobuf: expected 422/,
  },
  {
    name: "a length is one too long",
    file: "contract/validation/validate",
    find: "Buffer.byteLength(text) <= most",
    replace: "Buffer.byteLength(text) <= most + 1",
    tag: "rules",
    says: /73 bytes/,
  },
  {
    name: "NUL gets through to the database",
    file: "contract/validation/validate",
    find: '.includes("\\\\u0000")',
    replace: '.includes("\\\\u0001")',
    tag: "rules",
    says: /no_nul|NUL|expected 422|500/,
  },
  {
    name: "an unknown key passes in silence",
    file: "contract/codecs/read-json",
    find: "throw unknownKey(json, schema, key);",
    replace:
      '{ json.path.pop(); json.peek() === 0x22 ? json.string() : json.peek() === 0x6e ? json.literal("null") : json.number(); continue; }',
    tag: "encodings",
    grep: "sendMessage",
    says: /key.*expected 400/,
  },
  {
    name: "of a field that comes twice the first wins",
    file: "contract/codecs/read-protobuf",
    find: "const before = field.hasPresence ? message[field.name] : undefined;",
    replace: `const before = field.hasPresence ? message[field.name] : undefined;
      if (field.kind === "string" && message[field.name]) { scanner.string(end); return; }`,
    tag: "encodings",
    says: /twice, the last counts/,
  },
  {
    name: "blanks at the end are not cut off",
    file: "contract/validation/trim",
    find: ".trim();",
    replace: ".trimStart();",
    says: /expected/,
  },
  {
    name: "reading asks for no login",
    file: "policy/authenticate",
    find: 'if (access === "ACCESS_PUBLIC")',
    replace: 'if (access === "ACCESS_PUBLIC" || ctx.method === "GET")',
    tag: "access",
    says: /without a login: expected 401 UNAUTHENTICATED/,
  },
  {
    name: "a body is read before it is known whose it is",
    file: "contract/serve",
    find: "const authenticated = world.authenticate(ctx, method);",
    replace:
      "if (hasBody && !req.headers.authorization && !req.url.includes('/auth/')) codecs[negotiated.request].reader(method.request)(await readBody(req, res, compiled.bodyLimit, false)); const authenticated = world.authenticate(ctx, method);",
    tag: "access",
    says: /body that cannot be read: expected 401/,
  },
  {
    name: "401 names no way to log in",
    file: "accounts/challenge",
    find: `"Log in, and send the access token as Authorization: Bearer ...", {`,
    replace: `"Log in, and send the access token as Authorization: Bearer ...", { headers: {} }, {`,
    tag: "access",
    says: /WWW-Authenticate/i,
  },
  {
    name: "what is known is sent again",
    file: "contract/http/etag",
    find: 'return header.trim() === "*" || tagsIn(header).includes(tag);',
    replace: "return false;",
    tag: "preconditions",
    says: /304/,
  },
  {
    name: "a change is made whatever If-Match says",
    file: "contract/serve",
    find: "method.ifMatch ? versionsIn(",
    replace: "false ? versionsIn(",
    tag: "preconditions",
    says: /PRECONDITION_FAILED/,
  },
  {
    name: "a tag that was got over protobuf protects nothing",
    file: "contract/http/etag",
    find: "/^(\\d{1,15})\\./",
    replace: "/^(\\d{1,15})\\..*-json/",
    tag: "preconditions",
    says: /PRECONDITION_FAILED|412/,
  },
  {
    name: "small answers are compressed too",
    file: "contract/http/content-coding",
    find: "bytes < worthwhileBytes",
    replace: "bytes < 1",
    tag: "compression",
    says: /A body of \d+ bytes is coded/,
  },
  {
    name: "an inflated body may be of any size",
    file: "contract/http/body",
    find: "maxOutputLength: limit",
    replace: "maxOutputLength: limit * 100",
    tag: "limits",
    says: /when inflated: expected 413/,
  },
  {
    name: "a body without an announced length may be of any size",
    file: "contract/http/body",
    find: "if (length <= limit)",
    replace: "if (length <= limit * 10)",
    tag: "limits",
    says: /in chunks: expected 413/,
  },
  {
    name: "HEAD is not known",
    file: "contract/serve",
    find: 'ctx.method === "HEAD" ? "GET" : ctx.method',
    replace: "ctx.method",
    tag: "verbs",
    says: /HEAD/,
  },
  {
    name: "a slash at the end leads nowhere",
    file: "contract/route",
    find: 'path.endsWith("/")',
    replace: 'path.endsWith("//")',
    tag: "verbs",
    says: /slash at the end/,
  },
  {
    name: "a problem has the code of another",
    file: "contract/problems",
    find: 'code: meaning?.code ?? "INTERNAL"',
    replace: 'code: "UNKNOWN"',
    says: /code/,
  },
  {
    name: "an outsider may read a chat's messages",
    file: "chats/members/membership",
    find: "if (!(await store.findRole(queries, chatId, userId)))",
    replace: "if (chatId > 1e9)",
    grep: "listMessages",
    says: /CHAT_NOT_FOUND/,
  },
  {
    name: "a retry is not recognized",
    file: "chats/messages/sending",
    find: '`${reply_to_id ?? ""} ${text}`',
    replace: "String(Math.random())",
    grep: "sendMessage",
    says: /CLIENT_MESSAGE_ID_REUSED/,
  },
  {
    name: "the document declares a status less than there is",
    file: "contract/model/outcomes",
    find: 'reasons.push("INVALID_FIELDS");',
    replace: "void 0;",
    says: /422/,
  },
];
