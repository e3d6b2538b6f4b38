// Where uploaded files are kept: FILES_URL, read and checked. For config.ts alone.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type FilesLocation = FilesFolder | FilesBucket;

export interface FilesFolder {
  readonly kind: "folder";
  /** An absolute path. */
  readonly folder: string;
}

/** A bucket of a server that speaks the protocol of Amazon S3. */
export interface FilesBucket {
  readonly kind: "s3";
  /** An origin, http or https. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Undefined: the one that the host names, or us-east-1. */
  readonly region: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const examples = "file:///srv/lyceum/files or s3://key:secret@s3.example/bucket";

/**
 * Reads FILES_URL; without it the location is a folder of `dataDir`. A URL without a key has that of AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY. Adds to `faults`, without repeating any value, when it cannot be used.
 */
export function readFilesUrl(
  text: (name: string) => string | undefined,
  dataDir: string,
  faults: string[],
): FilesLocation {
  const [url, id, secret] = ["FILES_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(text);
  const byDefault: FilesFolder = { kind: "folder", folder: join(dataDir, "files") };
  if (url === undefined) return byDefault;
  const refuse = (fault: string): FilesLocation => {
    faults.push(`FILES_URL ${fault}`);
    return byDefault;
  };
  if (/^file:\/\/\/[^/?#]/.test(url)) return folderOf(url) ?? refuse("must name a folder, without options after it");
  // As https, since URL checks the host of that alone.
  const asHttps = url.replace(/^s3:/, "https:");
  if (!/^s3:\/\/[^/]/.test(url) || !URL.canParse(asHttps)) return refuse(`must look like ${examples}`);

  const { host, pathname, username, password, hash, searchParams } = new URL(asHttps);
  const bucket = /^\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(pathname)?.[1];
  if (bucket === undefined)
    return refuse("must end with the name of a bucket, of 3 to 63 lower-case letters, digits, dots and hyphens");
  const { region, insecure = "0", ...others } = Object.fromEntries(searchParams);
  if (Object.keys(others).length > 0 || hash !== "") return refuse("has an option other than region and insecure");
  if (region !== undefined && !/^[a-z0-9-]{1,40}$/.test(region)) return refuse("has a region that can be none");
  if (!/^[01]$/.test(insecure)) return refuse("may have insecure=1, which is http in place of https, or insecure=0");
  const accessKeyId = decoded(username) || (password === "" ? id : undefined);
  const secretAccessKey = decoded(password) || (username === "" ? secret : undefined);
  if (accessKeyId === undefined || secretAccessKey === undefined)
    return refuse(
      "must have a key and a secret before the host, percent-encoded, or none, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set",
    );
  const endpoint = `${insecure === "1" ? "http" : "https"}://${host}`;
  return { kind: "s3", endpoint, bucket, region, accessKeyId, secretAccessKey };
}

function folderOf(url: string): FilesFolder | undefined {
  try {
    const { search, hash } = new URL(url);
    return search === "" && hash === "" ? { kind: "folder", folder: fileURLToPath(url) } : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for a text with a lone percent sign. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
