// The chats of the demo school: a few conversations, in Russian and in English.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import { listLimits } from "../platform/page.js";
import { chatHandlers } from "./handlers.js";
import { messageHandlers } from "./messages/handlers.js";

/** The first of the members owns the chat. Without a title it is a direct chat of two members. */
interface Conversation {
  readonly title?: string;
  readonly members: readonly DemoPerson[];
  readonly lines: readonly (readonly [DemoPerson, string])[];
}

const conversations: readonly Conversation[] = [
  {
    title: "10-А: математика",
    members: ["teacher", "petr", "alyona", "tom", "grace"],
    lines: [
      ["teacher", "Добрый день! В пятницу контрольная: производная и её применение."],
      ["petr", "А таблицу производных можно взять с собой?"],
      ["teacher", "Нет, таблицу учим наизусть. Зато задач будет всего пять."],
      ["alyona", "Мария Сергеевна, разберём завтра задачу 412?"],
      ["teacher", "Конечно, начнём урок с неё. Приносите свои решения."],
      ["tom", "Sorry, my Russian is slow: is the test on Friday or on Monday?"],
      ["grace", "On Friday, five problems, no notes. I can explain the rest after class."],
      ["tom", "Thank you! You are saving me again."],
      ["petr", "Кто хочет готовиться вместе в четверг? Библиотека открыта до семи."],
      ["alyona", "Я приду. И возьму чай."],
      ["teacher", "Отличная мысль. Если застрянете на какой-нибудь задаче, пишите сюда."],
    ],
  },
  {
    title: "School newspaper",
    members: ["grace", "tom", "alyona", "petr"],
    lines: [
      ["grace", "Welcome to the newsroom. The first issue comes out in two weeks."],
      ["tom", "I'll write about the robotics club. They have built something that walks."],
      ["alyona", "Я нарисую обложку. Какой формат?"],
      ["grace", "A4, two colours. Sketches by Wednesday, please."],
      ["petr", "Возьму интервью у нового учителя физики."],
      ["tom", "Photos: who has a decent camera?"],
      ["alyona", "У меня есть. Сниму и роботов, и учителя."],
      ["grace", "Perfect. Remember: every article needs a headline that makes people curious."],
    ],
  },
  {
    title: "Чаепитие в субботу",
    members: ["alyona", "petr", "grace"],
    lines: [
      ["alyona", "В субботу в четыре, как всегда. Кто что приносит?"],
      ["petr", "С меня печенье и настольная игра."],
      ["grace", "I am baking scones. Is anybody allergic to nuts?"],
      ["alyona", "Никто. Ждём с нетерпением!"],
    ],
  },
  {
    members: ["teacher", "petr"],
    lines: [
      ["petr", "Мария Сергеевна, можно пересдать прошлую самостоятельную?"],
      ["teacher", "Можно, в среду после шестого урока. Повтори сложные функции."],
      ["petr", "Спасибо! Приду."],
    ],
  },
];

/** Makes each chat and sends its messages in their order. */
export const demoChats: DemoStep = async (as) => {
  const chats = chatHandlers(listLimits);
  const messages = messageHandlers(listLimits);
  for (const { title, members, lines } of conversations) {
    const [first, ...others] = members;
    const ids = others.map((person) => as(person).user.id);
    const { id } =
      title === undefined
        ? await chats.openDirectChat({ user_id: ids[0]! }, as(first!))
        : await chats.createChat({ title, member_ids: ids }, as(first!));
    for (const [person, text] of lines) await messages.sendMessage({ chat_id: id, text, file_ids: [] }, as(person));
  }
};
