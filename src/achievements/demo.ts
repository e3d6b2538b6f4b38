// The achievements of the demo school, in every state but one, in Russian and in English.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import { type Call, callWithoutRequest } from "../call.js";
import type { Upload } from "../contract/streams/upload.js";
import { receiveFile } from "../files/receive.js";
import type { CreateAchievementRequest } from "../gen/lyceum/v1/achievement.js";
import type { BlobStore } from "../platform/blobs/blob-store.js";
import { achievementHandlers } from "./handlers.js";

interface DemoAchievement extends Omit<CreateAchievementRequest, "file_id"> {
  readonly person: DemoPerson;
  readonly fileName: string;
  /** Points, or a reason to reject; nothing while it waits. */
  readonly decision?: number | string;
}

const achievements: readonly DemoAchievement[] = [
  {
    person: "petr",
    kind: "ACHIEVEMENT_KIND_OLYMPIAD",
    title: "Призёр муниципального этапа олимпиады по физике",
    description: "Второе место среди десятых классов.",
    fileName: "Диплом по физике.pdf",
    decision: 60,
  },
  {
    person: "petr",
    kind: "ACHIEVEMENT_KIND_EVENT",
    title: "Guide at the open day for exchange students",
    description: "Three tours of the school, in English.",
    fileName: "Open day.pdf",
    decision: 25,
  },
  {
    person: "tom",
    kind: "ACHIEVEMENT_KIND_EVENT",
    title: "School newspaper",
    description: "",
    fileName: "newspaper.pdf",
    decision: "The diploma is of another person. Please hand in your own.",
  },
  {
    person: "grace",
    kind: "ACHIEVEMENT_KIND_EVENT",
    title: "Talk at the youth conference on clean water",
    description: "Ten minutes, and many questions after it.",
    fileName: "conference.pdf",
  },
  {
    person: "tom",
    kind: "ACHIEVEMENT_KIND_OLYMPIAD",
    title: "First place at the regional robotics contest",
    description: "Together with Grace: a robot that walks on four legs.",
    fileName: "Robotics diploma.pdf",
  },
  {
    person: "alyona",
    kind: "ACHIEVEMENT_KIND_EVENT",
    title: "Выставка рисунков в городской библиотеке",
    description: "Серия из пяти акварелей о школе.",
    fileName: "Грамота.pdf",
  },
];

/** A page with one line, as small as a PDF can be that is shown. */
const diploma = (line: string): Buffer => {
  const text = `BT /F1 24 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    `<</Length ${text.length}>>stream\n${text}\nendstream`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  const body = objects.map((object, at) => `${at + 1} 0 obj${object}endobj\n`).join("");
  return Buffer.from(`%PDF-1.4\n${body}trailer<</Root 1 0 R>>\n%%EOF\n`, "latin1");
};

function uploadOf(data: Buffer, name: string): Upload {
  return {
    announced: data.length,
    most: data.length,
    async receive(into) {
      await new Promise<void>((resolve, reject) => {
        into.on("error", reject);
        into.end(data, resolve);
      });
      return { name, contentType: "application/pdf", size: data.length };
    },
  };
}

/** Each uploads a diploma and hands it in, and the teacher decides about some. */
export function demoAchievements(blobs: BlobStore): DemoStep {
  const deps = { blobs, quota: Number.MAX_SAFE_INTEGER };
  const handlers = achievementHandlers({ blobs });
  const uploading = ({ user, log, database }: Call, data: Buffer, name: string): Call =>
    callWithoutRequest(user, { log, database, upload: uploadOf(data, name) });
  return async (as) => {
    for (const [at, { person, fileName, decision, ...draft }] of achievements.entries()) {
      const data = diploma(`Diploma ${at + 1} of the demo school`);
      const file = await receiveFile(deps, "FILE_PURPOSE_DIPLOMA", uploading(as(person), data, fileName));
      const { id: achievement_id } = await handlers.createAchievement({ ...draft, file_id: file.id }, as(person));
      if (typeof decision === "number")
        await handlers.acceptAchievement({ achievement_id, points: decision }, as("teacher"));
      if (typeof decision === "string")
        await handlers.rejectAchievement({ achievement_id, reason: decision }, as("teacher"));
    }
  };
}
