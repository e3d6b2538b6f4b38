// What a stranger may send as a file to harm the server or whoever opens it.

/** A file and what its sender claims of it. */
export interface HostileFile {
  /** Different for each. */
  readonly title: string;
  readonly name: string;
  /** The media type that the sender claims. */
  readonly mediaType: string;
  /** Whether a decoder of images accepts it; undefined where that does not matter. */
  readonly isImage?: boolean | undefined;
  /** Makes the bytes anew, a few megabytes at most. */
  bytes(): Buffer;
}

/** What a browser that runs a file would run; it stands in most files that could bring one to it. */
export const script = "<script>alert(document.domain)</script>";
export const page = `<!doctype html><html><body>${script}<img src=x onerror=alert(1)></body></html>`;
