// What carries signals between processes: REDIS_URL or NATS_URL, read and checked. For config.ts alone.

export interface SignalServer {
  readonly kind: "redis" | "nats";
  readonly url: string;
}

/** Reads both; undefined without any. Adds to `faults`, without repeating any value, when one cannot be used, or when both are set. */
export function readSignalServer(
  text: (name: string) => string | undefined,
  faults: string[],
): SignalServer | undefined {
  const [redis, nats] = [text("REDIS_URL"), text("NATS_URL")];
  if (redis !== undefined && !isUrl(redis, /^rediss?:$/, /^(\/\d{0,4})?$/))
    faults.push("REDIS_URL must look like redis://user:password@host:6379, or rediss:// for TLS");
  if (nats !== undefined && !isUrl(nats, /^(nats|tls):$/, /^\/?$/))
    faults.push("NATS_URL must look like nats://user:password@host:4222, or tls:// for TLS");
  else if (redis !== undefined && nats !== undefined) faults.push("REDIS_URL and NATS_URL cannot both be set");
  if (redis !== undefined) return { kind: "redis", url: redis };
  return nats === undefined ? undefined : { kind: "nats", url: nats };
}

/** Without options after the path: they could change how the client connects. */
function isUrl(value: string, protocols: RegExp, paths: RegExp): boolean {
  if (!/^[a-z]+:\/\/[^/]/.test(value) || !URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(value);
  const isDecodable = !/%(?![0-9A-Fa-f]{2})/.test(username + password);
  return (
    protocols.test(protocol) &&
    /^(\[[0-9a-f:.]+\]|[\w.-]+)$/i.test(hostname) &&
    paths.test(pathname) &&
    search + hash === "" &&
    isDecodable
  );
}
