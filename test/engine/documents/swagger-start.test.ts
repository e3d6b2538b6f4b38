// The script that starts Swagger UI, run without a browser: what it does with the answers that the page receives.
import { createContext, runInContext } from "node:vm";
import { expect } from "chai";
import { swaggerStart } from "../../../src/contract/documents/swagger-start.js";

interface Answer {
  readonly url: string;
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
  text: unknown;
}
interface Config {
  readonly url: string;
  readonly responseInterceptor: (answer: Answer) => Promise<Answer>;
}

describe("the script of Swagger UI", () => {
  let config: Config;
  let tokens: (string | undefined)[];

  beforeEach(() => {
    tokens = [];
    const authActions = {
      authorizeWithPersistOption: ({ bearer }: { bearer: { value: string } }) => tokens.push(bearer.value),
      logoutWithPersistOption: (names: string[]) => tokens.push(names[0] === "bearer" ? undefined : "other"),
    };
    const SwaggerUIBundle = (given: Config): object => {
      config = given;
      return { authActions };
    };
    const script = swaggerStart([{ path: "/v1/auth/logout", status: 204 }]);
    runInContext(script, createContext({ SwaggerUIBundle, URL, Blob, Uint8Array }));
  });

  const answer = (path: string, status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
    const data = body instanceof Blob ? body : JSON.stringify(body);
    return { url: `http://school.example${path}`, ok: status < 300, status, headers, data, text: data };
  };

  it("shows the document of all serializations", () => {
    expect(config.url).to.equal("/openapi.json?serialization=all");
  });

  it("keeps the token of a login in either form of JSON, and forgets it when its session ends", async () => {
    await config.responseInterceptor(answer("/v1/auth/login", 200, { access_token: "a" }));
    await config.responseInterceptor(answer("/v1/auth/refresh", 200, { accessToken: "b" }));
    await config.responseInterceptor(answer("/v1/auth/logout", 401, { reason: "UNAUTHENTICATED" }));
    await config.responseInterceptor(answer("/v1/chats", 204, ""));
    expect(tokens).to.deep.equal(["a", "b"]);
    await config.responseInterceptor(answer("/v1/auth/logout", 204, ""));
    expect(tokens).to.deep.equal(["a", "b", undefined]);
  });

  it("forgets a token that a server no longer takes", async () => {
    await config.responseInterceptor(
      answer("/v1/chats", 401, {}, { "www-authenticate": 'Bearer error="invalid_token"' }),
    );
    expect(tokens).to.deep.equal([undefined]);
  });
});
