// The list of all method options. A new option is one new file, and one line here.
import type protobuf from "protobufjs";
import { optionValues } from "../declared-options.js";
import { access } from "./access.js";
import { beforeSecondFactor } from "./before-second-factor.js";
import { consumes, oauthForm } from "./consumes.js";
import { created } from "./created.js";
import { etag } from "./etag.js";
import { failureLimit } from "./failure-limit.js";
import { ifMatch } from "./if-match.js";
import { maxBody } from "./max-body.js";
import type { Declaration, MethodOption, OpenApiPart, OtherOptions } from "./method-option.js";
import { produces, streamed } from "./produces.js";
import { rate } from "./rate.js";
import { reason } from "./reason.js";
import { resumedBy } from "./resumed-by.js";
import { scope } from "./scope.js";

const methodOptions = {
  access,
  scopes: scope,
  beforeSecondFactor,
  reasons: reason,
  created,
  maxBody,
  etag,
  ifMatch,
  rate,
  failureLimit,
  consumes,
  produces,
  streamed,
  oauthForm,
  resumedBy,
} as const;

type Options = typeof methodOptions;

/** The value of each option of one method, by its name in the list. */
export type MethodOptions = { readonly [Name in keyof Options]: ReturnType<Options[Name]["read"]> };

const entries = Object.entries(methodOptions) as [keyof Options, MethodOption<unknown>][];

/** The full names of all method options. */
export const methodOptionNames: readonly string[] = entries.map(([, { name }]) => `lyceum.v1.${name}`);

/** Reads and checks every option of a method. Refuses the first one that is wrong. */
export function readOptions(rpc: protobuf.Method, declaration: Declaration): MethodOptions {
  return Object.fromEntries(
    entries.map(([key, option]) => [key, option.read(optionValues(rpc, `lyceum.v1.${option.name}`), declaration)]),
  ) as MethodOptions;
}

/** The reasons that the options of a method add, including those that it declares with `reason`. */
export function reasonsOfOptions(method: MethodOptions & OtherOptions): string[] {
  return entries.flatMap(([key, option]) => [...(option.reasons?.(method[key], method) ?? [])]);
}

/** The parts that the options of a method add to its OpenAPI operation, in the order of the list. */
export function openApiParts(method: MethodOptions & OtherOptions, root: protobuf.Root): OpenApiPart[] {
  return entries.flatMap(([key, option]) => (option.openApi ? [option.openApi(method[key], root, method)] : []));
}
