// Whole answers on the bare connection, where there is no response of node:http. Each is a Problem in JSON: no serialization was negotiated.
import { STATUS_CODES } from "node:http";
import { codecs } from "../contract/codecs/codec.js";
import type { Contract } from "../contract/model/load.js";
import { toProblem } from "../contract/problems.js";
import type { ApiError } from "../errors.js";

/** An error as the text of an answer that closes the connection. `headers` are name, value, name, value ... */
export function rawAnswer(
  contract: Contract,
  error: ApiError,
  {
    path,
    requestId,
    headers,
  }: { readonly path: string; readonly requestId: string; readonly headers: readonly string[] },
): string {
  const problem = toProblem(contract, error, path, requestId);
  const body = codecs.json.writer(contract.problem)(problem);
  const own = Object.entries(error.more.headers ?? {}).flat();
  if (problem.retry_after_seconds > 0) own.push("Retry-After", String(problem.retry_after_seconds));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`,
    ...lines([...headers, ...own]),
    `X-Request-Id: ${requestId}`,
    "Content-Type: application/problem+json; charset=utf-8",
    "Cache-Control: no-store",
    "Vary: Accept, Accept-Encoding",
    `Content-Length: ${body.length}`,
    `Date: ${new Date().toUTCString()}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body.toString("utf8")}`;
}

function lines(list: readonly string[]): string[] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${list[index + 1]}`] : []));
}
