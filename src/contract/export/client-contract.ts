// The contract for programs that call this server: the same packages, messages, services and comments as in the annotated
// files, without custom options. Nothing but google/protobuf/* is needed to compile it.
import type protobuf from "protobufjs";
import { isHttpBody } from "../model/http-body.js";
import type { Contract } from "../model/load.js";
import type { Method } from "../model/method.js";
import { methodComment } from "./method-comment.js";
import { statementsOf } from "./statements.js";
import { isExtensionsAlone, withoutOptions, type Changes } from "./without-options.js";

/** Files that others publish; the copies here have the parts that this contract uses, and must not reach clients. */
export function isPublishedElsewhere(path: string): boolean {
  return path.startsWith("google/") || path.startsWith("buf/");
}

const httpBodyFile = "google/api/httpbody.proto";

/**
 * The .proto files for clients by their import paths, sorted. Throws an Error that names the file or the element which cannot
 * be written without the files of others.
 */
export function clientContract(contract: Contract): Map<string, string> {
  const own = [...contract.files].filter(([path]) => !isPublishedElsewhere(path));
  const exported = new Map(own.filter(([path, text]) => !isExtensionsAlone(path, text)));
  refuseForeignTypes(contract);
  const methods = new Map(contract.methods.map((method) => [`${method.service}.${method.name}`, method]));
  const files = new Map<string, string>();
  for (const [path, text] of exported) {
    const packageName = packageOf(path, text);
    const httpBody = `${packageName.replaceAll(".", "/")}/http_body.proto`;
    if (text.includes(`"${httpBodyFile}"`)) {
      if (contract.files.has(httpBody) || contract.root.lookup(`.${packageName}.HttpBody`))
        throw new Error(`${path}: ${packageName}.HttpBody and ${httpBody} are names of the export`);
      files.set(httpBody, httpBodyText(text));
    }
    files.set(path, withoutOptions(text, changesOf(contract, { packageName, exported, httpBody, methods })));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface File {
  readonly packageName: string;
  readonly exported: ReadonlyMap<string, string>;
  /** The file that takes the place of google/api/httpbody.proto. */
  readonly httpBody: string;
  readonly methods: ReadonlyMap<string, Method>;
}

function changesOf(contract: Contract, { packageName, exported, httpBody, methods }: File): Changes {
  return {
    importOf(path) {
      if (path === httpBodyFile) return httpBody;
      if (path === "google/protobuf/descriptor.proto") return undefined;
      return path.startsWith("google/protobuf/") || exported.has(path) ? path : undefined;
    },
    typeOf: (name) => (/^\.?google\.api\.HttpBody$/.test(name) ? "HttpBody" : name),
    commentOf(service, rpc) {
      const method = methods.get(`${packageName}.${service}.${rpc}`);
      return method ? methodComment(contract, method) : [];
    },
  };
}

function packageOf(path: string, text: string): string {
  const [, name] = statementsOf(text).find(({ tokens: [first] }) => first?.text === "package")?.tokens ?? [];
  if (!name) throw new Error(`${path} has no package`);
  return name.text;
}

/**
 * google.api.HttpBody under a name of the contract: a client may have the real one too, and no program can have two files or
 * messages of one name. It has the package and the options of a file that uses it.
 */
function httpBodyText(user: string): string {
  const written = (word: string): string[] =>
    statementsOf(user)
      .filter(({ tokens: [first, second] }) => first?.text === word && second?.kind === "word")
      .map(({ start, end }) => user.slice(start, end));
  const options = written("option").map((option) =>
    option.replace(/(?<=^option java_outer_classname\b.*)"\w*"/, '"HttpBodyProto"'),
  );
  return [
    "// A body that is no message: bytes as they are, with their media type.",
    'syntax = "proto3";',
    "",
    ...written("package"),
    "",
    ...(options.length > 0 ? [...options, ""] : []),
    "// Bytes and their media type, in a request or an answer: the same as google.api.HttpBody. Over HTTP it is no message: the",
    "// body is `data`, and Content-Type is `content_type`.",
    "message HttpBody {",
    '  // The media type, such as "image/png".',
    "  string content_type = 1;",
    "  // The body.",
    "  bytes data = 2;",
    "}",
    "",
  ].join("\n");
}

/** Refuses a field or an rpc with a type of others that a client would have to get elsewhere. */
function refuseForeignTypes(contract: Contract): void {
  const seen = new Set<protobuf.Type>();
  const visit = (type: protobuf.Type): void => {
    if (seen.has(type)) return;
    seen.add(type);
    for (const field of type.fieldsArray) {
      const used = field.resolve().resolvedType;
      if (!used) continue;
      if (isForeign(used)) throw new Error(`${field.fullName.slice(1)}: clients would need ${used.fullName.slice(1)}`);
      if ("fieldsArray" in used) visit(used);
    }
  };
  for (const { request, response } of contract.methods) for (const type of [request, response]) visit(type);
}

function isForeign(type: protobuf.ReflectionObject): boolean {
  return !isHttpBody(type) && /^\.(?:google\.(?!protobuf\.)|buf\.)/.test(type.fullName);
}
