// The frames of a socket in its serialization: the subprotocol chooses the codec, the contract has the messages and their rules.
import { codecs, type CodecName, type Plain } from "../../contract/codecs/codec.js";
import type { Contract } from "../../contract/model/load.js";
import { validator } from "../../contract/validation/validate.js";
import type { ClientFrame, ServerFrame } from "../../gen/lyceum/v1/realtime.js";

/** The codec of each subprotocol. */
export const subprotocols: Readonly<Record<string, CodecName>> = {
  "lyceum.v1.json": "json",
  "lyceum.v1.protojson": "protojson",
  "lyceum.v1.protobuf": "protobuf",
};

/** The frames in one serialization. */
export interface Frames {
  readonly codec: CodecName;
  readonly isBinary: boolean;
  /** Throws MALFORMED_REQUEST. */
  read(data: Buffer): ClientFrame;
  /** Trims, then throws INVALID_FIELDS. */
  validate(frame: ClientFrame): void;
  /** The whole frame, with its head. */
  write(frame: Partial<ServerFrame>): Buffer;
}

/**
 * A frame of RFC 6455, section 5.2, as a server sends it: whole and without a mask, so that the same bytes go to all who read the same. ws
 * would make the head anew for each, and write two parts.
 */
export function framed(payload: Buffer, isBinary: boolean): Buffer {
  const { length } = payload;
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headLength + length);
  frame[0] = isBinary ? 0x82 : 0x81;
  if (headLength === 2) frame[1] = length;
  else if (headLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(frame, headLength);
  return frame;
}

/** The frames in each serialization, by the name of its subprotocol. */
export function framesOf({ root }: Pick<Contract, "root">): ReadonlyMap<string, Frames> {
  const client = root.lookupType("lyceum.v1.ClientFrame");
  const server = root.lookupType("lyceum.v1.ServerFrame");
  const validate = validator(client) as (frame: object) => void;
  return new Map(
    Object.entries(subprotocols).map(([name, codec]) => {
      const [read, write] = [codecs[codec].reader(client), codecs[codec].writer(server)];
      const isBinary = codec === "protobuf";
      return [
        name,
        {
          codec,
          isBinary,
          read: (data) => read(data) as Plain & ClientFrame,
          validate,
          write: (frame) => framed(write(frame), isBinary),
        } satisfies Frames,
      ];
    }),
  );
}
