// The mutants of the server: each in a server of its own, or in a group that shares one.
import { answerMutants } from "./faults/answers.js";
import { chatMutants } from "./faults/chats.js";
import { credentialMutants } from "./faults/credentials.js";
import { fileMutants } from "./faults/files.js";
import { httpMutants } from "./faults/http.js";
import { idempotencyMutants } from "./faults/idempotency.js";
import { listMutants, momentMutants, moveMutants } from "./faults/lists.js";
import { messageMutants } from "./faults/messages.js";
import { preconditionMutants } from "./faults/preconditions.js";
import { requestMutants } from "./faults/requests.js";
import { socketMutants } from "./faults/sockets.js";
import { wireMutants } from "./faults/wire.js";
import type { Mutant, MutantGroup } from "./mutant.js";

export const mutants: readonly Mutant[] = answerMutants;

export const groups: readonly MutantGroup[] = [
  requestMutants,
  messageMutants,
  chatMutants,
  credentialMutants,
  httpMutants,
  listMutants,
  momentMutants,
  moveMutants,
  preconditionMutants,
  idempotencyMutants,
  fileMutants,
  wireMutants,
  socketMutants,
];
