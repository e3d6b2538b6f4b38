// Mutants of absent bodies, of Accept where nothing is returned, of tags, of moments and of the ids of events.
import type { MutantGroup } from "../mutant.js";

export const wireMutants: MutantGroup = {
  name: "absent bodies, Accept and tags",
  mutants: [
    {
      name: "an Accept for errors alone refuses a change that returns nothing",
      file: "contract/http/negotiate",
      find: "type !== undefined || !hasAnswer",
      replace: "type !== undefined",
      grep: "deleteMessage the media type of errors in Accept",
      reports: /Accept: application\/problem\+json: .*406, where Accept allows/,
    },
    {
      name: "an error is in the serialization of a success where Accept names problem+json",
      file: "contract/http/negotiate",
      find: 'namesProblems(input, type) ? "json" : response',
      replace: "response",
      grep: "getUser the media type of errors in Accept",
      reports:
        /Content-Type is application\/protobuf\+json; charset=utf-8, where the negotiation gives application\/problem\+json/,
    },
    {
      name: "a body in chunks has a byte at least",
      file: "contract/serve",
      find: "body.length === 0",
      replace: "false",
      grep: "updateMessage a body without bytes",
      reports: /no bytes in chunks, Content-Type application\/json: \[0\]\.status: expected 200, got 400/,
    },
    {
      name: "the path overrules a query that contradicts it",
      file: "contract/bind",
      find: "!isDeepStrictEqual(other, value)",
      replace: "method.hasBody && !isDeepStrictEqual(other, value)",
      grep: "getChat fields of the path, elsewhere too",
      reports: /another chatId in the query: expected 400 MALFORMED_REQUEST, got/,
    },
    {
      name: "the tag of a list is that of its first bytes",
      file: "contract/http/etag",
      find: 'hash("sha256", body,',
      replace: 'hash("sha256", body.subarray(0, 100),',
      grep: "listChatMembers its tag, which changes with its rows",
      reports: /status, with another row: expected 200, got 304|stood for other bytes/,
    },
    {
      name: "the answer to a change has the tag of the version alone",
      file: "contract/http/answer-message",
      find: "versionOf(response, version), body,",
      replace: 'versionOf(response, version), isRead ? body : Buffer.from(""),',
      grep: "sendMessage the tag of what was changed",
      reports: /ETag beside that of a read: expected|stood for other bytes/,
    },
    {
      name: "a change with If-Unmodified-Since is refused",
      file: "contract/serve",
      find: "const precondition = Precondition.of(req.headers);",
      replace:
        'if (req.headers["if-unmodified-since"]) throw unproven(method); const precondition = Precondition.of(req.headers);',
      grep: "updateChat preconditions that are malformed",
      reports: /if-unmodified-since: \S+ .*: expected 200, got 412/,
    },
    {
      name: "the tag of an account is not compared when it ends",
      file: "accounts/end-account",
      find: "!precondition.permitsVersion(version)",
      replace: "false",
      grep: "deleteMe a tag from an answer",
      reports: /another version: expected 412 PRECONDITION_FAILED, got 204/,
    },
    {
      name: "a bound is cut to milliseconds",
      file: "platform/milliseconds",
      find: "until.length === moment.length",
      replace: "true",
      grep: "listMessages its pages, page tokens and bounds",
      reports: /created_before \S+\.\d{6,}Z in .*: expected \d+ rows, got \d+/,
    },
    {
      name: "the refusal of an offset does not say how to write it",
      file: "contract/codecs/timestamp",
      find: "hints.find(([form]) => form.test(text))",
      replace: "hints.find(() => false)",
      grep: "listMessages misspelt moments",
      reports: /created_after=2000-01-01T00:00:00\+03:00: the detail does not say what is wrong/,
    },
    {
      name: "Last-Event-ID does not win over the query",
      file: "contract/serve",
      find: 'request[field] = Buffer.from(last, "latin1")',
      replace: 'request[field] = request[field] || Buffer.from(last, "latin1")',
      grep: "streamUpdates the ids of its events",
      reports: /Last-Event-ID beside another cursor: expected 200, got 400/,
    },
  ],
};
