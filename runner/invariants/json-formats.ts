// The formats of JSON Schema that an OpenAPI document of a contract uses: those of protobuf scalars, and some of strings.
import type { Format } from "ajv";

const integer = (least: number, most: number): Format => ({
  type: "number",
  validate: (value: number) => Number.isInteger(value) && value >= least && value <= most,
});
const [int32, uint32] = [integer(-(2 ** 31), 2 ** 31 - 1), integer(0, 2 ** 32 - 1)];
const [int64, uint64] = [
  integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  integer(0, Number.MAX_SAFE_INTEGER),
];
const text = (pattern: RegExp): Format => ({ type: "string", validate: pattern });

/** By name. A 64-bit integer is a safe integer as a number; as a string it has a pattern. */
export const jsonFormats: Readonly<Record<string, Format>> = {
  int32,
  sint32: int32,
  sfixed32: int32,
  uint32,
  fixed32: uint32,
  int64,
  sint64: int64,
  sfixed64: int64,
  uint64,
  fixed64: uint64,
  float: true,
  double: true,
  binary: true,
  byte: true,
  password: true,
  "date-time": text(
    /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
  ),
  email: text(/^[^\s@]+@[^\s@]+$/),
  uri: text(/^[A-Za-z][A-Za-z0-9+.-]*:[\w:/?#[\]@!$&'()*+,;=.~%-]*$/),
  "uri-reference": text(/^[\w:/?#[\]@!$&'()*+,;=.~%-]*$/),
  uuid: text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
};
