// The script that starts Swagger UI. It shows the document of all serializations, and examines each answer: a login gives the
// token of later requests, the end of a session takes it away, and protobuf is shown in hexadecimal.

/** An answer after which the token of the request is no longer good. */
export interface EndOfSession {
  /** A path without parameters. */
  readonly path: string;
  readonly status: number;
}

/**
 * The script. It uses the access token of each answer that has one for all later requests, and keeps it for the next visit,
 * until an answer is one of `ends` or says that the token is not valid.
 */
export function swaggerStart(ends: readonly EndOfSession[]): string {
  return `\
const ends = ${JSON.stringify(ends).replaceAll("<", "\\u003c")};
${script}`;
}

const script = `\
const ui = SwaggerUIBundle({
  url: "/openapi.json?serialization=all",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  async responseInterceptor(response) {
    keepToken(response);
    if (response.data instanceof Blob && /\\bproto/.test(response.headers["content-type"]))
      response.data = response.text = inHex(new Uint8Array(await response.data.arrayBuffer()));
    return response;
  },
});

function keepToken({ ok, status, text, url, headers }) {
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON: no token.
  }
  const token = answer?.access_token ?? answer?.accessToken;
  const { pathname } = new URL(url);
  const isEnded = ends.some((end) => end.status === status && end.path === pathname);
  const isRefused = /invalid_token/.test(headers["www-authenticate"]);
  if (isEnded || isRefused) ui.authActions.logoutWithPersistOption(["bearer"]);
  else if (ok && token) {
    const schema = { type: "http", scheme: "bearer" };
    ui.authActions.authorizeWithPersistOption({ bearer: { name: "bearer", schema, value: token } });
  }
}

function inHex(bytes) {
  const lines = [bytes.length + " bytes of Protocol Buffers in hexadecimal. Choose application/json to read the message.", ""];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(at.toString(16).padStart(8, "0") + "  " + hex.padEnd(47) + "  " + text);
  }
  return lines.join("\\n");
}
`;
