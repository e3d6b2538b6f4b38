// Signature version 4 of Amazon, worked out from its specification, to compare with what a client sends.
import { createHash, createHmac } from "node:crypto";

export interface SignedRequest {
  readonly method: string;
  /** As it is sent: path and query. */
  readonly target: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The header Authorization that a request must have, with the scope and the signed headers that it names itself. */
export function authorizationOf({ method, target, headers }: SignedRequest, id: string, secret: string): string {
  const given = String(headers["authorization"]);
  const [, scope = "", signed = ""] = /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+),/.exec(given) ?? [];
  const [date = "", region = "", service = "", last = ""] = scope.split("/");
  const [path = "", query = ""] = target.split("?");
  const canonical = [
    method,
    path,
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
      .sort()
      .join("&"),
    ...signed.split(";").map((name) => `${name}:${String(headers[name]).trim()}`),
    "",
    signed,
    headers["x-amz-content-sha256"],
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date, region, service, last].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, text).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}
