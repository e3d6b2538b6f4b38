// The messages of google.protobuf that are not read field by field: those that represent one value (Timestamp, Duration and
// the wrappers), and Any. Also the types that are not supported, each with the reason.
import protobuf from "protobufjs";

const wrappers: ReadonlySet<string> = new Set(
  ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map(
    (scalar) => `.google.protobuf.${scalar}Value`,
  ),
);

const unbounded = "it can hold any value, which no rule bounds and no document describes";
const refused: Readonly<Record<string, string>> = {
  ".google.protobuf.Struct": unbounded,
  ".google.protobuf.Value": unbounded,
  ".google.protobuf.ListValue": unbounded,
  ".google.protobuf.NullValue": "null in JSON is the absent field, and no value",
  ".google.protobuf.FieldMask":
    "its JSON names fields in lowerCamelCase alone, and the fields of the contract are in snake_case",
};

export function isTimestamp(type: protobuf.ReflectionObject | null): boolean {
  return type?.fullName === ".google.protobuf.Timestamp";
}

export function isDuration(type: protobuf.ReflectionObject | null): boolean {
  return type?.fullName === ".google.protobuf.Duration";
}

export function isAny(type: protobuf.ReflectionObject | null): boolean {
  return type?.fullName === ".google.protobuf.Any";
}

/** Whether an Any may hold the message: one that the contract declares, or a well-known one. */
export function isHeldByAny(type: protobuf.Type): boolean {
  if (!/^[.](?:google|buf)[.]/.test(type.fullName)) return true;
  const isSingle = isTimestamp(type) || isDuration(type) || wrappers.has(type.fullName);
  return isSingle || isAny(type) || type.fullName === ".google.protobuf.Empty";
}

/** The one field of a wrapper such as google.protobuf.Int32Value; undefined for any other type. */
export function wrappedField(type: protobuf.ReflectionObject | null): protobuf.Field | undefined {
  return type instanceof protobuf.Type && wrappers.has(type.fullName) ? type.fields["value"] : undefined;
}

/** The scalar type of a field's values, `string` for a StringValue too; undefined for other messages and for enums. */
export function scalarTypeOf(field: protobuf.Field): string | undefined {
  const { resolvedType } = field.resolve();
  return resolvedType ? wrappedField(resolvedType)?.type : field.type;
}

/** The message type of a field's values; undefined for scalars, enums, Any and messages that represent one value. */
export function nestedMessageOf({ resolvedType }: Pick<protobuf.Field, "resolvedType">): protobuf.Type | undefined {
  if (!(resolvedType instanceof protobuf.Type)) return undefined;
  const { fullName } = resolvedType;
  return isTimestamp(resolvedType) || isDuration(resolvedType) || isAny(resolvedType) || wrappers.has(fullName)
    ? undefined
    : resolvedType;
}

/** Whether a field can be absent from the plain object. */
export function hasPresence(field: protobuf.Field): boolean {
  if (field.repeated || field.map) return false;
  return field.resolvedType instanceof protobuf.Type || !!field.hasPresence;
}

/** The field of a message; undefined when it has none of the name, also where every object of JavaScript has a property of it. */
export function fieldNamed(type: protobuf.Type, name: string): protobuf.Field | undefined {
  return Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** Why a message or an enum cannot be part of the contract; undefined when it can. */
export function refusalOf(type: protobuf.ReflectionObject): string | undefined {
  return refused[type.fullName];
}
