// The messages of google.protobuf whose JSON is not an object of their fields, beside Timestamp: Duration, the wrappers, Any.
import type { DescField, DescMessage } from "@bufbuild/protobuf";

const wrappers: ReadonlySet<string> = new Set(
  ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map(
    (scalar) => `google.protobuf.${scalar}Value`,
  ),
);

/** Whether a message is a Duration, whose JSON is text such as "1.500s". */
export function isDuration(message: DescMessage | undefined): boolean {
  return message?.typeName === "google.protobuf.Duration";
}

/** Whether a message is an Any, whose JSON is the message that it holds, with its name under "@type". */
export function isAny(message: DescMessage | undefined): boolean {
  return message?.typeName === "google.protobuf.Any";
}

/** The field inside of a wrapper such as Int32Value, whose JSON is the value of that field; undefined for others. */
export function wrappedFieldOf(message: DescMessage | undefined): DescField | undefined {
  return message && wrappers.has(message.typeName) ? message.fields[0] : undefined;
}
