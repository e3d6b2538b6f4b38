// The sentences of notifications, in both languages.
import { expect } from "chai";
import { tell, type Payload } from "../../src/notifications/sentences.js";

const event = { name: "Концерт", event_id: 3 };

const sentences: readonly (readonly [payload: Payload, en: string, ru: string])[] = [
  [
    { achievement_rejected: { name: "Кубок", reason: "Нет диплома", achievement_id: 1 } },
    "Your achievement “Кубок” was rejected: Нет диплома",
    "Ваше достижение «Кубок» отклонено: Нет диплома",
  ],
  [{ event_added: event }, "New event: “Концерт”", "Новое событие: «Концерт»"],
  [
    { medal_awarded: { medal_id: 1, medal_en: "First Hundred", medal_ru: "Первая сотня" } },
    "You were awarded the medal “First Hundred”",
    "Вы получили медаль «Первая сотня»",
  ],
  [{ info: { text: "Привет", announcement_id: 1 } }, "Привет", "Привет"],
  [{ warning: { text: "Hello", announcement_id: 1 } }, "Hello", "Hello"],
  [
    { mention: { post_id: 1, title: "Hike" } },
    "You were mentioned in the post “Hike”",
    "Вас упомянули в записи «Hike»",
  ],
  [
    { post_reply: { post_id: 1, comment_id: 2, title: "Hike" } },
    "New reply in the post “Hike”",
    "Новый ответ в записи «Hike»",
  ],
  [
    { event_reminder: { ...event, starts_at: "2026-09-01T11:30:00.000Z", time_zone: "Europe/Moscow" } },
    "“Концерт” begins on 1 September 2026, 14:30",
    "Скоро начнётся «Концерт»: 1 сентября 2026 г., 14:30",
  ],
  [{ seat_freed: event }, "A seat became free, and it is yours: “Концерт”", "Для вас освободилось место: «Концерт»"],
  [{ event_changed: event }, "The event “Концерт” has changed", "Событие «Концерт» изменилось"],
  [{ event_cancelled: event }, "The event “Концерт” is cancelled", "Событие «Концерт» отменено"],
];

const points: readonly (readonly [number, string, string])[] = [
  [1, "1 point", "1 балл"],
  [2, "2 points", "2 балла"],
  [4, "4 points", "4 балла"],
  [5, "5 points", "5 баллов"],
  [11, "11 points", "11 баллов"],
  [12, "12 points", "12 баллов"],
  [21, "21 points", "21 балл"],
  [22, "22 points", "22 балла"],
  [100, "100 points", "100 баллов"],
  [101, "101 points", "101 балл"],
  [111, "111 points", "111 баллов"],
  [112, "112 points", "112 баллов"],
  [1000, "1,000 points", "1000 баллов"],
];

describe("the sentence of a notification", () => {
  for (const [payload, en, ru] of sentences)
    it(`is "${en}" and "${ru}"`, () => {
      expect([tell(payload, "en").text, tell(payload, "ru").text]).deep.equal([en, ru]);
    });

  for (const [count, en, ru] of points)
    it(`has the right form of ${count} points`, () => {
      const payload = { achievement_accepted: { name: "Кубок", points: count, achievement_id: 1 } };
      expect([tell(payload, "en").text, tell(payload, "ru").text.replaceAll("\u00a0", " ")]).deep.equal([
        `Your achievement “Кубок” was accepted: ${en}`,
        `Ваше достижение «Кубок» принято: ${ru.replace("1000", "1 000")}`,
      ]);
    });
});
