// The contract as a file of requests, in the form that editors send: the REST Client of VS Code, the HTTP Client of JetBrains.
import type { Contract } from "../../model/load.js";
import type { Method } from "../../model/method.js";
import { oauthFormType } from "../../http/oauth-form.js";
import { openApiExamples, type Examples } from "../openapi/examples.js";
import { prose } from "../openapi/json-forms.js";
import { isNeeded } from "../openapi/schemas.js";

/** The variables of every request. */
const common = new Set(["host", "token", "refresh_token"]);

/** The variable of a field of a path, which is none of those of every request. */
const variableOf = (field: string): string => (common.has(field) ? `path_${field}` : field);

/**
 * A request in JSON for each method, with an example of its body, by service. What a person fills in stands in variables at its
 * beginning: the host, the tokens of a login, and the ids of the paths.
 */
export function httpFile(contract: Contract, title: string, host: string): string {
  const examples = openApiExamples(contract);
  const services = [...new Set(contract.methods.map(({ service }) => service))].sort();
  const requests = services.flatMap((service) =>
    contract.methods.filter((method) => method.service === service).map((method) => request(method, examples)),
  );
  return [heading(contract, title, examples, host), ...requests].join("\n");
}

function heading({ methods }: Contract, title: string, examples: Examples, host: string): string {
  const ids = new Map<string, unknown>();
  for (const { request, pathFields } of methods)
    for (const name of pathFields) if (!ids.has(name)) ids.set(name, examples.parameter(request.fields[name]!) ?? 1);
  const lines = [
    `# ${title}: a request for each method. Send the login first, and put the tokens of its answer here.`,
    `@host = ${host}`,
    "@token = the access_token of a login",
    "@refresh_token = the refresh_token of a login",
    ...Array.from(ids, ([name, value]) => `@${variableOf(name)} = ${String(value)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function request(method: Method, examples: Examples): string {
  const { name, verb, path, access, comment, hasBody, bodyField, consumes, produces, pathFields } = method;
  const fields = method.request.fieldsArray.filter(
    (field) => !pathFields.includes(field.name) && field.name !== bodyField,
  );
  const needed = hasBody ? [] : fields.filter(isNeeded);
  const query = needed.map((field) => `${field.name}=${encodeURIComponent(String(examples.parameter(field)))}`);
  const optional = hasBody ? [] : fields.filter((field) => !needed.includes(field)).map((field) => field.name);
  const head = [
    `### ${name}`,
    ...commented(prose(comment)),
    ...(optional.length > 0 ? [`# The query may have ${optional.join(", ")}.`] : []),
    `# @name ${name}`,
    `${verb} {{host}}${path.replaceAll(/\{(\w+)\}/g, (_, field: string) => `{{${variableOf(field)}}}`)}${query.length > 0 ? `?${query.join("&")}` : ""}`,
    ...(produces.length > 0 ? [`Accept: ${produces.join(", ")}`] : []),
    ...(access === "ACCESS_PUBLIC" ? [] : ["Authorization: Bearer {{token}}"]),
  ];
  if (bodyField !== undefined) {
    const [first = "*/*"] = consumes;
    const [type, suffix] = first === "*/*" ? ["application/octet-stream", "bin"] : [first, first.split("/")[1]!];
    return `${[...head, `Content-Type: ${type}`, "", `< ./${bodyField}.${suffix}`].join("\n")}\n`;
  }
  if (!hasBody || fields.length === 0) return `${head.join("\n")}\n`;
  const example = examples.message(method.request, "json", "request", pathFields);
  // A token of the caller cannot be an example.
  const body = Object.entries(example).map(([key, value]) => [key, key.endsWith("_token") ? `{{${key}}}` : value]);
  if (method.oauthForm) {
    const pairs = body.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
    const form = pairs.map(([key, value]) => `${key}=${value}`).join("&");
    return `${[...head, `Content-Type: ${oauthFormType}`, "", form].join("\n")}\n`;
  }
  const json = JSON.stringify(Object.fromEntries(body), null, 2);
  return `${[...head, "Content-Type: application/json", "", json].join("\n")}\n`;
}

/** A comment in lines of at most 120 characters. */
function commented(text: string): string[] {
  return (text.match(/\S.{0,116}(?!\S)/g) ?? []).map((line) => `# ${line}`);
}
