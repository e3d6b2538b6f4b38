// What a google.protobuf.Any may hold: each message of the contract, found by the name in its type URL. The schema of a message
// in an Any is made when the first is read or written.
import protobuf from "protobufjs";
import {
  messageSchema,
  singleSchema,
  typeNameSchema,
  type FieldSchema,
  type MessageSchema,
} from "../model/message-schema.js";
import { isHeldByAny, nestedMessageOf } from "../model/well-known-types.js";

/** A message that an Any holds. */
export interface AnyContent {
  readonly type: protobuf.Type;
  /** `type.googleapis.com/lyceum.v1.Message`, as it is written. */
  readonly url: string;
  /** The object in JSON: "@type" first, then the fields of the message, or `value` for one that stands for a value. */
  readonly object: MessageSchema;
  /** The message alone, unless it stands for a value. */
  readonly message: MessageSchema | undefined;
  /** The value that a Timestamp, a Duration, a wrapper or another Any stands for. */
  readonly value: FieldSchema | undefined;
}

/** What the name of a message must be, to complete "request.@type ...". */
export const typeUrlWanted =
  "must name a message of the contract behind a slash, as in type.googleapis.com/google.protobuf.Empty";

const prefix = "type.googleapis.com/";
const typeName = typeNameSchema();
const contents = new WeakMap<protobuf.Root, Map<string, protobuf.Type | AnyContent>>();

/** The message that a type URL names, whatever is before its last slash; undefined when the contract has none of the name. */
export function contentOf(root: protobuf.Root, url: string): AnyContent | undefined {
  const slash = url.lastIndexOf("/");
  if (slash === -1) return undefined;
  let known = contents.get(root);
  if (!known) contents.set(root, (known = new Map(messagesIn(root).map((type) => [type.fullName.slice(1), type]))));
  const name = url.slice(slash + 1);
  const found = known.get(name);
  if (!(found instanceof protobuf.Type)) return found;
  const content = describe(found, prefix + name);
  if (content) known.set(name, content);
  else known.delete(name);
  return content;
}

function messagesIn(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => [
    ...(nested instanceof protobuf.Type && isHeldByAny(nested) ? [nested] : []),
    ...(nested instanceof protobuf.Namespace ? messagesIn(nested) : []),
  ]);
}

function describe(type: protobuf.Type, url: string): AnyContent | undefined {
  const isMessage = nestedMessageOf({ resolvedType: type }) !== undefined;
  const [message, value] = isMessage ? [served(type), undefined] : [undefined, singleSchema(type)];
  if (!message && !value) return undefined;
  const fields = [typeName, ...(value ? [value] : message!.fields)].map((field, index) =>
    Object.assign({}, field, { index }),
  );
  const byKey = new Map(fields.flatMap((field) => [field.name, field.jsonName].map((key) => [key, field] as const)));
  const blank = (): Record<string, unknown> => ({ "@type": url, ...message?.blank() });
  if (isEmpty(type)) byKey.set("value", { ...singleSchema(type), index: 1 });
  // Only JSON has the object as a message.
  const object = { name: type.fullName.slice(1), fields, byKey, byNumber: new Map(), blank };
  return { type, url, object, message, value };
}

/** Whether the message is google.protobuf.Empty, which some write with an empty object under `value`. */
export function isEmpty(type: protobuf.Type): boolean {
  return type.fullName === ".google.protobuf.Empty";
}

/** The schema of a message; undefined when it has a field that cannot be served, so that no method has it either. */
function served(type: protobuf.Type): MessageSchema | undefined {
  try {
    return messageSchema(type);
  } catch {
    return undefined;
  }
}
