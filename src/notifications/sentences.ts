// The sentences that people read, made of what was stored when it happened.
import type { Language } from "../call.js";
import type { MedalAwarded, Notification } from "../gen/lyceum/v1/notification.js";

type Members = Omit<Notification, "id" | "type" | "text" | "actor_id" | "created_at" | "read_at" | "medal_awarded">;

/** What is stored of a notification: one of these. The name of a medal is stored in both languages. */
export type Payload = Members & {
  readonly medal_awarded?: Pick<MedalAwarded, "medal_id"> & { readonly medal_en: string; readonly medal_ru: string };
};

/** What a notification says and has in it for a reader of a language. */
export type Told = Pick<Notification, "text"> & Members & Pick<Notification, "medal_awarded">;

interface Words {
  readonly locale: string;
  accepted(name: string, points: number): string;
  rejected(name: string, reason: string): string;
  added(name: string): string;
  awarded(medal: string): string;
  mentioned(title: string, isPost: boolean): string;
  answered(title: string): string;
  reminded(name: string, start: string): string;
  freed(name: string): string;
  changed(name: string): string;
  cancelled(name: string): string;
}

const pluralOf = (locale: string, forms: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>) => {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count: number): string => `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`;
};

const englishPoints = pluralOf("en", { one: "point", other: "points" });
// "other" is for fractions, which no points have.
const russianPoints = pluralOf("ru", { one: "балл", few: "балла", many: "баллов", other: "балла" });

const words: Readonly<Record<Language, Words>> = {
  en: {
    locale: "en-GB",
    accepted: (name, points) => `Your achievement “${name}” was accepted: ${englishPoints(points)}`,
    rejected: (name, reason) => `Your achievement “${name}” was rejected: ${reason}`,
    added: (name) => `New event: “${name}”`,
    awarded: (medal) => `You were awarded the medal “${medal}”`,
    mentioned: (title, isPost) => {
      if (isPost) return `You were mentioned in the post “${title}”`;
      return title ? `You were mentioned in the chat “${title}”` : "You were mentioned in a message";
    },
    answered: (title) => `New reply in the post “${title}”`,
    reminded: (name, start) => `“${name}” begins on ${start}`,
    freed: (name) => `A seat became free, and it is yours: “${name}”`,
    changed: (name) => `The event “${name}” has changed`,
    cancelled: (name) => `The event “${name}” is cancelled`,
  },
  ru: {
    locale: "ru-RU",
    accepted: (name, points) => `Ваше достижение «${name}» принято: ${russianPoints(points)}`,
    rejected: (name, reason) => `Ваше достижение «${name}» отклонено: ${reason}`,
    added: (name) => `Новое событие: «${name}»`,
    awarded: (medal) => `Вы получили медаль «${medal}»`,
    mentioned: (title, isPost) => {
      if (isPost) return `Вас упомянули в записи «${title}»`;
      return title ? `Вас упомянули в чате «${title}»` : "Вас упомянули в сообщении";
    },
    answered: (title) => `Новый ответ в записи «${title}»`,
    reminded: (name, start) => `Скоро начнётся «${name}»: ${start}`,
    freed: (name) => `Для вас освободилось место: «${name}»`,
    changed: (name) => `Событие «${name}» изменилось`,
    cancelled: (name) => `Событие «${name}» отменено`,
  },
};

/** The sentence of a notification in a language, and its payload as the contract has it. Without a known payload the sentence is empty. */
export function tell(payload: Payload, language: Language): Told {
  const { medal_awarded: medal } = payload;
  if (!medal) return { text: sentenceOf(payload, words[language]), ...(payload as Members) };
  const name = language === "ru" ? medal.medal_ru : medal.medal_en;
  return { text: words[language].awarded(name), medal_awarded: { medal: name, medal_id: medal.medal_id } };
}

function sentenceOf(payload: Members, words: Words): string {
  const { achievement_accepted: accepted, achievement_rejected: rejected, info, warning, mention } = payload;
  const { event_added: added, event_reminder: reminder, seat_freed: freed, post_reply: reply } = payload;
  const { event_changed: changed, event_cancelled: cancelled } = payload;
  const announced = info ?? warning;
  if (announced) return announced.text;
  if (accepted) return words.accepted(accepted.name, accepted.points);
  if (rejected) return words.rejected(rejected.name, rejected.reason);
  if (added) return words.added(added.name);
  if (mention) return words.mentioned(mention.title, mention.post_id !== undefined);
  if (reply) return words.answered(reply.title);
  if (reminder) return words.reminded(reminder.name, startOf(reminder.starts_at!, reminder.time_zone, words.locale));
  if (freed) return words.freed(freed.name);
  if (changed) return words.changed(changed.name);
  return cancelled ? words.cancelled(cancelled.name) : "";
}

/** A moment as people write it where the event is: "1 September 2026, 14:00". */
function startOf(moment: string, timeZone: string, locale: string): string {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(new Date(moment));
  return `${part({ dateStyle: "long" })}, ${part({ timeStyle: "short" })}`;
}
