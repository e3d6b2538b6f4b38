// The list of an export, in Markdown: what people have written stands there as text, and is no markup.
import type { AchievementKind } from "../gen/lyceum/v1/achievement.js";
import { cleanFileName } from "../platform/media/file-name.js";
import type { DescribedAchievement } from "./export-store.js";

/** The path of a diploma in the zip. The id makes it one of its kind, and neither the id nor the name ever changes. */
export const pathOf = (id: number, fileName: string): string => `files/${cleanFileName(`${id} ${fileName}`)}`;

const kinds: Readonly<Record<AchievementKind, string>> = {
  ACHIEVEMENT_KIND_UNSPECIFIED: "not known",
  ACHIEVEMENT_KIND_OLYMPIAD: "olympiad",
  ACHIEVEMENT_KIND_EVENT: "event",
};

/** Punctuation that could be markup. With a backslash before it, it stands for itself (CommonMark, section 2.4). */
const escaped = (text: string): string => text.replaceAll(/[!-/:-@[-`{-~]/g, "\\$&");

/** The lines of a text, none of which is code or a heading for its blanks. */
const linesOf = (text: string): string[] => text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => escaped(line.trim()));

/** The first lines of the list. */
export const headOf = (now: Date): string => `# Achievements\n\nWritten ${now.toISOString()}.\n`;

/** The part about one achievement, whose file may be lost. */
export function sectionOf(achievement: DescribedAchievement, isLost: boolean): string {
  const { id, title, description, state, kind, points, person, school_class, group, moderator, ...rest } = achievement;
  const { created_at, moderated_at, file_name } = rest;
  const place = [group, school_class && `class ${school_class}`].filter(Boolean).join(", ");
  const path = pathOf(id, file_name);
  const url = path.split("/").map(encodeURIComponent).join("/");
  const lines = [
    `- Person: ${escaped(person)}${place ? escaped(` (${place})`) : ""}`,
    `- Kind: ${kinds[kind]}`,
    `- Points: ${points}`,
    `- Handed in: ${created_at}`,
    `- Accepted: ${moderated_at}${moderator ? `, by ${escaped(moderator)}` : ""}`,
    ...(state === "ACHIEVEMENT_STATE_REVOKED" ? ["- Revoked while this was written"] : []),
    isLost ? `- File: lost: ${escaped(file_name)}` : `- File: [${escaped(path)}](<${url}>)`,
  ];
  const text = description
    ? `\n${linesOf(description)
        .map((line) => `> ${line}`.trimEnd())
        .join("\n")}\n`
    : "";
  return `\n## ${id}: ${escaped(title)}\n\n${lines.join("\n")}\n${text}`;
}
