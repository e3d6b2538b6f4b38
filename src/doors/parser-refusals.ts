// The whole answers to what node:http cannot parse as a request. Each is a Problem in JSON: no other serialization was negotiated.
import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Logger } from "pino";
import { codecs } from "../contract/codecs/codec.js";
import type { Contract } from "../contract/model/load.js";
import { toProblem } from "../contract/problems.js";
import { anyOrigin } from "../platform/http/cors.js";
import type { WriteRefusal } from "../platform/http/parser-refusal.js";
import { securityHeaders } from "../platform/http/security-headers.js";
import { loggedPath } from "./logged-path.js";

/** The longest instance, in characters: a target may be as long as what makes a head too large. */
const longestInstance = 1024;

/** Writes these answers, and a line into the log for each of them. */
export function parserRefusals(contract: Contract, log: Logger): WriteRefusal {
  // Pages of every origin may read them: they hold nothing of a person, and their own origin is not known.
  const common = pairs([...anyOrigin, ...securityHeaders(0).all]);
  return (error, target) => {
    const id = randomUUID();
    const instance = target.split("?", 1)[0]!.slice(0, longestInstance);
    const problem = toProblem(contract, error, instance, id);
    const body = codecs.json.writer(contract.problem)(problem);
    log.info({ request_id: id, route: loggedPath(instance), status: problem.status, reason: error.reason }, "request");
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      ...common,
      `X-Request-Id: ${id}`,
      "Content-Type: application/problem+json; charset=utf-8",
      "Cache-Control: no-store",
      "Vary: Accept, Accept-Encoding",
      `Content-Length: ${body.length}`,
      `Date: ${new Date().toUTCString()}`,
      "Connection: close",
    ];
    return `${head.join("\r\n")}\r\n\r\n${body.toString("utf8")}`;
  };
}

function pairs(list: readonly string[]): string[] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${list[index + 1]}`] : []));
}
