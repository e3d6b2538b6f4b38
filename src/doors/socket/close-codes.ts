// The codes with which a socket is closed: those of RFC 6455, section 7.4.1, and some of the range for applications (4000 to 4999).

export const closeCodes = {
  /** The server stops: connect again after the wait that GoAway tells. */
  serviceRestart: 1012,
  /** Text in a protobuf socket, or bytes in one of JSON. */
  unsupportedData: 1003,
  /** What is in a frame is not a ClientFrame. */
  invalidPayload: 1007,
  /** Too many frames. */
  policyViolation: 1008,
  /** The client reads more slowly than things happen: connect again, and go on where you were. */
  resume: 4000,
  /** The session has ended, the key was revoked, or the role has changed: log in or refresh, then connect again. */
  unauthenticated: 4401,
  /** Nothing was heard from the client, not even the answer to a ping. */
  idle: 4408,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
