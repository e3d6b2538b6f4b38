// The whole answers to what node:http cannot parse as a request. Each is a Problem in JSON: no other serialization was negotiated.
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Contract } from "../contract/model/load.js";
import { anyOrigin } from "../platform/http/cors.js";
import type { WriteRefusal } from "../platform/http/parser-refusal.js";
import { securityHeaders } from "../platform/http/security-headers.js";
import { loggedPath } from "./logged-path.js";
import { rawAnswer } from "./raw-answer.js";

/** The longest instance, in characters: a target may be as long as what makes a head too large. */
const longestInstance = 1024;

/** Writes these answers, and a line into the log for each of them. */
export function parserRefusals(contract: Contract, log: Logger): WriteRefusal {
  // Pages of every origin may read them: they hold nothing of a person, and their own origin is not known.
  const common = [...anyOrigin, ...securityHeaders(0).all];
  return (error, target) => {
    const id = randomUUID();
    const instance = target.split("?", 1)[0]!.slice(0, longestInstance);
    const status = contract.reasons.get(error.reason)?.status;
    log.info({ request_id: id, route: loggedPath(instance), status, reason: error.reason }, "request");
    return rawAnswer(contract, error, { path: instance, requestId: id, headers: common });
  };
}
