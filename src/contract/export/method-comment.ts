// What the options of an rpc say, as lines of its comment: its route, who may call it, and the reasons of its refusals.
import { oauthFormType } from "../http/oauth-form.js";
import type { Contract } from "../model/load.js";
import type { Method } from "../model/method.js";
import { statusesOf, successOf } from "../model/outcomes.js";

/** In characters, with the separator at the end. */
const width = 115;

/** The lines without `//`. The same contract gives the same lines. */
export function methodComment(contract: Contract, method: Method): string[] {
  const access = contract.root.lookupEnum("lyceum.v1.Access").comments[method.access] ?? "";
  const statuses = [...statusesOf(contract, method)].map(
    ([status, meanings]) => `${status} ${meanings.map(({ reason }) => reason).join(", ")}`,
  );
  return [
    `${method.verb} ${method.path}`,
    ...wrapped(`Request: ${requestOf(method)}`, " "),
    ...wrapped(`Success: ${successText(method)}`, " "),
    ...wrapped(`Access: ${method.access}. ${access.split("\n").join(" ").trim()}`, " "),
    ...(method.scopes.length > 0 ? wrapped(`API keys: ${method.scopes.join(" and ")}.`, " ") : []),
    // A status stands before its reasons.
    ...wrapped(`Reasons: ${statuses.join("; ")}.`, "; "),
  ];
}

function requestOf({ request, pathFields, hasBody, bodyField, consumes, maxBody, ifMatch, oauthForm }: Method): string {
  const others = request.fieldsArray.filter(({ name }) => !pathFields.includes(name) && name !== bodyField);
  const most = maxBody === undefined ? "" : ` At most ${maxBody} bytes.`;
  const condition = ifMatch ? " If-Match is understood." : "";
  if (bodyField !== undefined) return `\`${bodyField}\` is the body: ${consumes.join(", ")}.${most}${condition}`;
  if (oauthForm) return `the fields are the parameters of a form: ${oauthFormType}.${most}`;
  const where = hasBody ? "the body" : "the query";
  if (others.length === 0) return `no ${hasBody ? "field in the body" : "body"}.${condition}`;
  const what = pathFields.length > 0 ? "the fields that are not in the path" : "the fields";
  return `${what} are ${where}.${most}${condition}`;
}

function successText(method: Method): string {
  const status = successOf(method);
  if (status === 204) return "204, without a body.";
  if (method.produces.length > 0)
    return `${status}, ${method.produces.join(", ")}${method.isStream ? ": an event for each message" : ""}.`;
  const etag = method.etag === undefined ? "" : " With an ETag.";
  return method.created === undefined ? `${status}.${etag}` : `${status}, Location: ${method.created}.${etag}`;
}

/** A text as lines, which end at separators, and of which all but the first are indented. */
function wrapped(text: string, separator: " " | "; "): string[] {
  const lines: string[] = [];
  for (const piece of text.split(separator)) {
    const longer = lines.length > 0 ? `${lines.at(-1)}${separator}${piece}` : piece;
    if (longer.length < width || lines.length === 0) lines.splice(-1, 1, longer);
    else lines.splice(-1, 1, `${lines.at(-1)}${separator.trimEnd()}`, `  ${piece}`);
  }
  return lines;
}
