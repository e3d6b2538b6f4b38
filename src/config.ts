// The environment, read once into one frozen typed object. Nothing else reads process.env.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import { mebi, readBytes } from "./byte-sizes.js";
import {
  isPostgresUrl,
  isPublicUrl,
  isSmtpUrl,
  readMfaRoles,
  readOrigins,
  readProxies,
  readSender,
} from "./config-values.js";
import { type FilesLocation, readFilesUrl } from "./files-url.js";
import type { Role } from "./gen/lyceum/v1/user.js";
import { readSignalServer, type SignalServer } from "./signals-url.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  /** Development has convenient defaults, production has safe ones, and test is development without its files. */
  readonly environment: "development" | "production" | "test";
  readonly appName: string;
  /** Who answers for the server: an e-mail address, or an http or https URL. */
  readonly contact: string | undefined;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Undefined: the embedded server. */
  readonly databaseUrl: string | undefined;
  /** Whether a database may lose what it has acknowledged. False in production, unless it is allowed there. */
  readonly isUnsafeDatabaseAllowed: boolean;
  /** An absolute path, for the data of the embedded server and the key of a development server. */
  readonly dataDir: string;
  /** What carries signals between processes; undefined: the database. */
  readonly signalServer: SignalServer | undefined;
  /** Where uploaded files are kept. */
  readonly files: FilesLocation;
  /** Undefined in development: a key is made and kept in dataDir. */
  readonly secretKey: string | undefined;
  readonly accessTokenMinutes: number;
  /** How long a session lives without a refresh. */
  readonly refreshTokenDays: number;
  /** How long it lives at most, from its login on. */
  readonly sessionDays: number;
  readonly registration: "open" | "closed";
  /** The roles that need a second factor. */
  readonly mfaRoles: readonly Role[];
  /** How many days people with such a role may log in without one, to set it up. */
  readonly mfaGraceDays: number;
  readonly corsOrigins: readonly string[];
  /** The address under which people reach the server, without a path: https://lyceum.school.example. In links, and for passkeys. */
  readonly publicUrl: string;
  /** The mail server; undefined for none. */
  readonly smtpUrl: string | undefined;
  /** Whom mail is from: the name is APP_NAME unless MAIL_FROM has one. Not undefined where there is a mail server. */
  readonly mailFrom: { readonly name: string; readonly address: string } | undefined;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  readonly logFormat: "text" | "json";
  /** Undefined: standard output. */
  readonly logFile: string | undefined;
  readonly messagesLimit: { readonly defaultLimit: number; readonly maxLimit: number };
  /** Bounds of one caller, and where they are counted. */
  readonly rates: RateSettings;
  /** In bytes. */
  readonly bodyLimit: number;
  /** Whether people can see of each other that they are connected and writing, as far as they show it. */
  readonly hasPresence: boolean;
  /** How many web sockets this process holds open. */
  readonly socketLimit: number;
  /** The largest file that can be uploaded, in bytes. */
  readonly uploadLimit: number;
  /** What one person can upload in 24 hours, in bytes. */
  readonly uploadQuota: number;
  /** How long a browser uses https alone after an answer over https, in seconds; 0 for not at all. */
  readonly hstsSeconds: number;
  /** The number of trusted proxies in front of the server: so many entries of X-Forwarded-For are used. */
  readonly trustedProxies: number;
  /** The largest number of connections of the pool, for transactions and long statements. */
  readonly databasePool: number;
  /** Connections of the lane for short reads, always open. */
  readonly databaseReaders: number;
  /** Connections of the lane for short writes, always open. */
  readonly databaseWriters: number;
  /** Whether webhooks may lead to loopback and private addresses: to hosts of the operator's own network. */
  readonly isPrivateWebhookAllowed: boolean;
  /** How many jobs this process runs at once; 0 for none. */
  readonly jobsConcurrency: number;
  /** The cost of bcrypt. */
  readonly passwordCost: number;
  /** The time for a load balancer to notice that the server is not ready; all is served meanwhile. Then connections are refused. */
  readonly shutdownPauseMs: number;
  /** A request that takes longer is logged as a warning. */
  readonly slowRequestMs: number;
  /** A statement that takes longer is logged as a warning. */
  readonly slowQueryMs: number;
  /** The commit that was built; empty when it is not known. */
  readonly commit: string;
}

/** Bounds on the rates of requests. */
export interface RateSettings {
  /** How many reads, and how many writes, of one caller are taken in a minute, by methods that declare no rate. */
  readonly reads: number;
  readonly writes: number;
  /** What all bounds are multiplied with, those of the contract too. */
  readonly factor: number;
  /** Whether each process counts by itself, or all together in Postgres. */
  readonly store: "memory" | "postgres";
}

/** The folder of package.json, for sources and for compiled files. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The folder with the .proto files. */
export const protoDirectory = join(projectRoot, "proto");

/** Their descriptor sets, made by `make generate`: of the export for clients, and with all options. */
export const descriptorFiles = {
  client: pathToFileURL(join(protoDirectory, "descriptor.binpb")),
  annotated: pathToFileURL(join(protoDirectory, "annotated.binpb")),
};

/** The guide for people who write clients, which the server shows. */
export const clientGuideFile = pathToFileURL(join(projectRoot, "docs/client-guide.md"));

/** The version of the server, from package.json. */
export const version = (JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { version: string })
  .version;

/** All faults of the environment, each with the name of its variable. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  }
}

/**
 * The environment of the process, with the values of a .env file in the working directory for variables that are not set.
 * Throws a ConfigError when the file cannot be read.
 */
export function processEnvironment(): Environment {
  return { ...readFile(".env"), ...process.env };
}

function readFile(path: string): Environment {
  if (!existsSync(path)) return {};
  try {
    return parseEnv(readFileSync(path, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    throw new ConfigError([`the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

/** Reads and checks the configuration. Throws a ConfigError with all faults at once. */
export function readConfig(environment: Environment): Config {
  const faults: string[] = [];
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name);
    if (value === undefined) return fallback;
    if (/^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    faults.push(`${name} must be a whole number from ${min} to ${max}`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, fallback: T, values: readonly T[]): T => {
    const value = text(name) ?? fallback;
    if ((values as readonly string[]).includes(value)) return value as T;
    faults.push(`${name} must be one of ${values.join(", ")}`);
    return fallback;
  };

  const stage = oneOf("NODE_ENV", "development", ["development", "production", "test"]);
  const production = stage === "production";
  const dataDir = resolve(text("DATA_DIR") ?? join(projectRoot, ".data"));
  const port = whole("PORT", 8080, 0, 65535);
  const appName = text("APP_NAME") ?? "Lyceum";
  const maxLimit = whole("MAX_MESSAGES_LIMIT", 100, 1, 100);
  const config: Config = {
    environment: stage,
    appName,
    contact: text("CONTACT"),
    host: text("HOST") ?? (production ? "0.0.0.0" : "127.0.0.1"),
    port,
    databaseUrl: text("DATABASE_URL"),
    isUnsafeDatabaseAllowed:
      oneOf("ALLOW_UNSAFE_DATABASE", production ? "false" : "true", ["true", "false"]) === "true",
    dataDir,
    files: readFilesUrl(text, dataDir, faults),
    signalServer: readSignalServer(text, faults),
    secretKey: text("SECRET_KEY"),
    accessTokenMinutes: whole("ACCESS_TOKEN_MINUTES", 10, 1, 24 * 60),
    refreshTokenDays: whole("REFRESH_TOKEN_DAYS", 30, 1, 365),
    sessionDays: whole("SESSION_DAYS", 365, 1, 3650),
    registration: oneOf("REGISTRATION", production ? "closed" : "open", ["open", "closed"]),
    mfaRoles: readMfaRoles(text("REQUIRE_MFA_ROLES"), faults),
    mfaGraceDays: whole("MFA_GRACE_DAYS", 14, 1, 365),
    publicUrl: text("PUBLIC_URL") ?? `http://localhost:${port}`,
    smtpUrl: text("SMTP_URL"),
    mailFrom: readSender(text("MAIL_FROM"), appName, faults),
    corsOrigins: readOrigins(text("CORS_ORIGINS"), faults),
    logLevel: oneOf("LOG_LEVEL", "info", ["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
    logFormat: oneOf("LOG_FORMAT", production ? "json" : "text", ["text", "json"]),
    logFile: text("LOG_FILE"),
    messagesLimit: {
      defaultLimit: whole("DEFAULT_MESSAGES_LIMIT", Math.min(20, maxLimit), 1, maxLimit),
      maxLimit,
    },
    rates: {
      reads: whole("READ_RATE", 6_000, 1, 1_000_000),
      writes: whole("WRITE_RATE", 1_200, 1, 1_000_000),
      factor: whole("RATE_FACTOR", 1, 1, 1_000_000),
      store: oneOf("RATE_STORE", "memory", ["memory", "postgres"]),
    },
    bodyLimit: readBytes("BODY_LIMIT", text("BODY_LIMIT") ?? "256KiB", 1024, 16 * mebi, faults),
    hasPresence: oneOf("PRESENCE", "on", ["on", "off"]) === "on",
    socketLimit: whole("SOCKET_LIMIT", 20_000, 0, 1_000_000),
    uploadLimit: readBytes("UPLOAD_LIMIT", text("UPLOAD_LIMIT") ?? "25MiB", 1024, 1024 * mebi, faults),
    uploadQuota: readBytes("UPLOAD_QUOTA", text("UPLOAD_QUOTA") ?? "1024MiB", 1024, 1024 * 1024 * mebi, faults),
    trustedProxies: readProxies(text("TRUST_PROXY"), faults),
    hstsSeconds: whole("HSTS_SECONDS", 365 * 24 * 3600, 0, 2 * 365 * 24 * 3600),
    databasePool: whole("DATABASE_POOL", 10, 1, 1000),
    databaseReaders: whole("DATABASE_READERS", 4, 1, 100),
    databaseWriters: whole("DATABASE_WRITERS", 6, 1, 100),
    isPrivateWebhookAllowed: oneOf("WEBHOOK_ALLOW_PRIVATE", "false", ["true", "false"]) === "true",
    jobsConcurrency: whole("JOBS_CONCURRENCY", 4, 0, 100),
    passwordCost: whole("PASSWORD_COST", 12, production ? 10 : 4, 15),
    shutdownPauseMs: 1000 * whole("SHUTDOWN_PAUSE_SECONDS", production ? 2 : 0, 0, 300),
    slowRequestMs: whole("SLOW_REQUEST_MS", 1000, 1, 600_000),
    slowQueryMs: whole("SLOW_QUERY_MS", 200, 1, 600_000),
    commit: text("COMMIT") ?? readCommit(),
  };
  if (config.contact !== undefined && !/^(?:[^\s@:/]+@[^\s@:/]+|https?:\/\/[^\s/]+\S*)$/.test(config.contact))
    faults.push("CONTACT must be an e-mail address or a URL such as https://school.example");
  if (!isPublicUrl(config.publicUrl)) faults.push("PUBLIC_URL must be an origin such as https://lyceum.school.example");
  if (config.databaseUrl !== undefined && !isPostgresUrl(config.databaseUrl))
    faults.push("DATABASE_URL must look like postgres://user:password@host:5432/database");
  if (config.smtpUrl !== undefined && !isSmtpUrl(config.smtpUrl))
    faults.push("SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host");
  else if (config.smtpUrl !== undefined && text("MAIL_FROM") === undefined)
    faults.push("MAIL_FROM is required with SMTP_URL: the address that mail is from");
  if (config.secretKey !== undefined && Buffer.byteLength(config.secretKey) < 32)
    faults.push("SECRET_KEY must have at least 32 bytes; `lyceum generate-secret` makes one");
  if (production && config.secretKey === undefined)
    faults.push("SECRET_KEY is required in production; `lyceum generate-secret` makes one");
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
}

function findRoot(directory: string): string {
  if (existsSync(join(directory, "package.json"))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error("package.json is not above the program; is the installation complete?");
  return findRoot(parent);
}

/** The commit of a git checkout; empty in any other folder. */
function readCommit(): string {
  try {
    const head = readFileSync(join(projectRoot, ".git", "HEAD"), "utf8").trim();
    const reference = /^ref: (.+)$/.exec(head)?.[1];
    return reference === undefined ? head : readFileSync(join(projectRoot, ".git", reference), "utf8").trim();
  } catch {
    return "";
  }
}
