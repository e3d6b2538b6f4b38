// Mutants of idempotency keys.
import type { MutantGroup } from "../mutant.js";

const file = "policy/idempotency/idempotency";

export const idempotencyMutants: MutantGroup = {
  name: "idempotency keys",
  mutants: [
    {
      name: "the key of a registration is ignored",
      file,
      find: "method.created === undefined ||",
      replace: 'method.created === undefined || method.name === "Register" ||',
      grep: "register a request is repeated",
      reports: /Idempotency-Key: : expected 400 MALFORMED_REQUEST, got 201/,
    },
    {
      name: "an answer is replayed whatever the message is",
      file,
      find: "if (!kept.fingerprint.equals(fingerprint))",
      replace: 'if (!kept.fingerprint.equals(fingerprint) && invocation.method.name !== "CreateChat")',
      grep: "createChat a request is repeated",
      reports: /another request with the key: expected 422 IDEMPOTENCY_KEY_REUSED, got 201/,
    },
    {
      name: "a key is of all callers together",
      file,
      find: ": `user ${id}`",
      replace: ': "user"',
      grep: "createChat a request is repeated",
      reports: /the same request of another caller: Idempotency-Replayed|the key of another caller/,
    },
    {
      name: "a key with its quotes is another key",
      file: "policy/idempotency/key-header",
      find: 'quoted.exec(value)?.[1]?.replaceAll(/\\\\(.)/g, "$1")',
      replace: "quoted.exec(value)?.[0]",
      grep: "sendMessage a request is repeated",
      reports: /with its key in quotes: Idempotency-Replayed: expected "true"/,
    },
    {
      name: "the fingerprint depends on the serialization",
      file,
      find: "secrets.fingerprint(textOf(invocation))",
      replace: 'secrets.fingerprint(textOf(invocation) + invocation.ctx.req.headers["content-type"])',
      grep: "batchSendMessages a request is repeated",
      reports: /the same request in \w+: (Idempotency-Replayed|status)/,
    },
    {
      name: "a key that is too long is taken",
      file: "policy/idempotency/key-header",
      find: "key.length > longestKey",
      replace: "key.length > 1000",
      grep: "addChatMember a request is repeated",
      reports: /Idempotency-Key: x+: expected 400 MALFORMED_REQUEST/,
    },
  ],
};
