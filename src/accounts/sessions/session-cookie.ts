// The cookie in which a browser holds the tokens of its session, so that no script of a page ever does (RFC 6265bis). It is one cookie
// for both tokens: a browser that takes it has both of one generation.
import type { Call } from "../../call.js";
import type { Tokens } from "../../gen/lyceum/v1/auth.js";

/** What is in the cookie of a session. */
export interface HeldTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface SessionCookie {
  /**
   * The tokens in a Cookie header; undefined when it has no cookie of this name. They are empty when it has several, one of which
   * something other than this server has set. Never throws.
   */
  read(header: string): HeldTokens | undefined;
  /** Sets the cookie on the answer, for as long as the session may last unused. */
  set(headers: Pick<Call["headers"], "setCookie">, tokens: Tokens): void;
  /** Removes the cookie from the browser. */
  clear(headers: Pick<Call["headers"], "setCookie">): void;
}

export interface SessionCookieOptions {
  /** The origin of the server for people. With https the cookie is Secure, and its name begins with `__Host-`. */
  readonly publicUrl: string;
  /** How long a session lasts that is not used, in days. */
  readonly refreshTokenDays: number;
}

/** Between the two tokens, which have no such character. */
const separator = "~";

/** The cookie of the sessions of a server. */
export function createSessionCookie({ publicUrl, refreshTokenDays }: SessionCookieOptions): SessionCookie {
  const secure = isSecureOrigin(publicUrl);
  const name = `${secure ? "__Host-" : ""}lyceum_session`;
  const cookie = { name, path: "/", httpOnly: true, sameSite: "lax", secure } as const;
  const maxAge = refreshTokenDays * 24 * 3600;
  return {
    read(header) {
      const values = valuesOf(header, name);
      if (values.length === 0) return undefined;
      const [accessToken = "", refreshToken = ""] = values.length === 1 ? values[0]!.split(separator, 2) : [];
      return { accessToken, refreshToken };
    },
    set(headers, { access_token, refresh_token }) {
      headers.setCookie({ ...cookie, value: `${access_token}${separator}${refresh_token}`, maxAge });
    },
    clear(headers) {
      headers.setCookie({ ...cookie, value: "", maxAge: 0 });
    },
  };
}

/** Whether browsers reach the server over https, so that its cookies can be Secure. */
export function isSecureOrigin(publicUrl: string): boolean {
  return publicUrl.startsWith("https:");
}

/** Every value that a Cookie header has for a name, in order. */
function valuesOf(header: string, name: string): string[] {
  if (!header.includes(name)) return [];
  return header.split(";").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals >= 0 && pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : [];
  });
}
