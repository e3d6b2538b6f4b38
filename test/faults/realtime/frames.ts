// The frames of a web socket as a client writes and reads them, in each subprotocol.
import { fileURLToPath } from "node:url";
import { codecs, type CodecName } from "../../../src/contract/codecs/codec.js";
import { loadContract } from "../../../src/contract/model/load.js";
import type { Update } from "../../../src/gen/lyceum/v1/realtime.js";
import type { ClientFrame, ServerFrame } from "../../../src/gen/lyceum/v1/realtime.js";

const { root } = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
const [clientFrame, serverFrame] = [root.lookupType("lyceum.v1.ClientFrame"), root.lookupType("lyceum.v1.ServerFrame")];
const answer = root.lookupType("lyceum.v1.ListUpdatesResponse");

export interface ClientFrames {
  readonly protocol: string;
  write(frame: Partial<ClientFrame>): Buffer;
  read(bytes: Buffer): ServerFrame;
}

/** The subprotocols, by their codec. */
export const frames: readonly ClientFrames[] = (["json", "protojson", "protobuf"] satisfies CodecName[]).map(
  (codec) => {
    const [write, read] = [codecs[codec].writer(clientFrame), codecs[codec].reader(serverFrame)];
    return {
      protocol: `lyceum.v1.${codec}`,
      write: (frame) => write(frame),
      read: (bytes) => read(bytes) as unknown as ServerFrame,
    };
  },
);

/** What a long poll and an event of a stream say, as JSON. */
export interface Answer {
  readonly updates: readonly Update[];
  readonly topics: readonly { topic: string; pts: number; is_too_long: boolean }[];
  readonly missing: readonly string[];
  readonly cursor: string;
}

const readJson = codecs.json.reader(answer);

/** Reads an answer in JSON. */
export function readAnswer(text: string | Buffer): Answer {
  return readJson(Buffer.from(text)) as unknown as Answer;
}
