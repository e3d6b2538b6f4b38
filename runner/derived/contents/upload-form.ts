// A form with files (multipart/form-data, RFC 7578), as a browser sends it.

export const formType = "multipart/form-data";

const boundary = "a-boundary-of-the-runner";
export const formHeader = `${formType}; boundary=${boundary}`;

/** A form with a field and files. */
export function form(contentType: string, ...files: readonly Buffer[]): Buffer {
  const part = (header: string, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`--${boundary}\r\n${header}\r\n\r\n`), body, Buffer.from("\r\n")]);
  const field = part('content-disposition: form-data; name="comment"', Buffer.from("a field"));
  const head = `content-disposition: form-data; name="file"; filename="file"\r\ncontent-type: ${contentType}`;
  return Buffer.concat([field, ...files.map((data) => part(head, data)), Buffer.from(`--${boundary}--\r\n`)]);
}
