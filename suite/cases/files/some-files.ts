// Files, and the steps that upload them, which the cases of files share.
import type { Fields, Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

/** A PNG of two by two pixels. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8DA8B+MgBgAHfAD/dPQfSYAAAAASUVORK5CYII=";
export const base64 = (text: string): string => Buffer.from(text).toString("base64");
export const hello = base64("Привет, мир!\n");

export const file = (data: string, purpose?: string, content_type = "application/octet-stream"): Fields => ({
  content: { content_type, data },
  ...(purpose !== undefined && { purpose: `FILE_PURPOSE_${purpose}` }),
});
/** As a client that sends the name in UTF-8. */
export const named = (name: string): Readonly<Record<string, string>> => ({
  "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
});

/** $text, a text of alice that nothing uses. */
export const text: Step = {
  call: "createFile",
  as: "alice",
  send: file(hello),
  headers: named("привет.txt"),
  answers: 201,
  capture: { text: "id" },
};
export const avatar: Step = {
  call: "createFile",
  as: "alice",
  send: file(png, "AVATAR"),
  headers: named("me.png"),
  answers: 201,
  capture: { avatar: "id" },
};
export const somebody = { email: "quota.${case}.${run}@example.org", password };
export const link: Step = {
  call: "createFileLink",
  as: "alice",
  send: { file_id: "$text" },
  capture: { token: "segment(url)" },
};
