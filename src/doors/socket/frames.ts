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
  write(frame: Partial<ServerFrame>): Buffer;
}

/** The frames in each serialization, by the name of its subprotocol. */
export function framesOf({ root }: Pick<Contract, "root">): ReadonlyMap<string, Frames> {
  const client = root.lookupType("lyceum.v1.ClientFrame");
  const server = root.lookupType("lyceum.v1.ServerFrame");
  const validate = validator(client) as (frame: object) => void;
  return new Map(
    Object.entries(subprotocols).map(([name, codec]) => {
      const [read, write] = [codecs[codec].reader(client), codecs[codec].writer(server)];
      return [
        name,
        {
          codec,
          isBinary: codec === "protobuf",
          read: (data) => read(data) as Plain & ClientFrame,
          validate,
          write,
        } satisfies Frames,
      ];
    }),
  );
}
