// The frames of a socket in one serialization: a call as bytes, and what the server sends as a message.
import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import type { Descriptors } from "../descriptors.js";
import { decode, encode, type CodecName, type Plain } from "../encoding.js";
import type { SocketNames } from "./socket-names.js";

export class SocketFrames {
  private readonly registry: FileRegistry;
  private readonly sent: DescMessage;
  private readonly received: DescMessage;

  /** Throws an Error when the contract has no such frames. */
  constructor(
    { registry }: Pick<Descriptors, "registry">,
    readonly names: SocketNames,
    readonly codec: CodecName,
  ) {
    const find = (name: string): DescMessage => {
      const type = registry.getMessage(name);
      if (!type) throw new Error(`The contract has no message ${name}`);
      return type;
    };
    this.registry = registry;
    this.sent = find(names.sent.message);
    this.received = find(names.received.message);
  }

  /** Whether frames are bytes; else they are text. */
  get isBinary(): boolean {
    return this.codec === "protobuf";
  }

  /** A frame. Throws when it is not one of the contract. */
  write(frame: Plain): Buffer {
    return encode(this.registry, this.sent, frame, this.codec);
  }

  /** Throws an Error when the bytes are not a frame in its canonical form. */
  read(bytes: Buffer): Plain {
    return decode(this.registry, this.received, bytes, this.codec);
  }
}

/** Whether a contract has the frames. */
export function hasFrames({ registry }: Pick<Descriptors, "registry">, { sent, received }: SocketNames): boolean {
  return [sent, received].every(({ message }) => registry.getMessage(message) !== undefined);
}
