// Mutants of lists: their pages, their tokens, and their bounds in time. Each list is read once for all of its mutants.
import type { MutantGroup } from "../mutant.js";

const pages = "its pages, page tokens";

export const listMutants: MutantGroup = {
  name: "lists",
  mutants: [
    {
      name: "people of one name are skipped at the end of a page",
      file: "users/listing-store",
      find: "? nextPage(conditions, parts, key)",
      replace:
        '? nextPage(conditions, parts, key).replace("(u.sort_key, u.id) > ($3, $4)", () => words ? "u.sort_key > $3 and $4 >= 0" : "(u.sort_key, u.id) > ($3, $4)")',
      grep: `listUsers ${pages}`,
      reports: /in pages of \d+: page \d+ of \d+ rows is empty/,
    },
    {
      name: "people of one name are skipped in the list of all",
      file: "users/listing-store",
      find: "? nextPage(conditions, parts, key)",
      replace:
        '? nextPage(conditions, parts, key).replace("(u.sort_key, u.id) > ($3, $4)", () => words ? "(u.sort_key, u.id) > ($3, $4)" : "u.sort_key > $3 and $4 >= 0")',
      grep: `listUsers ${pages}`,
      reports: /the list \{\} in pages of 5: expected 22 rows/,
    },
    {
      name: "a page token of one order is good for the reverse",
      file: "chats/handlers",
      find: '["chats", sort, query]',
      replace: '["chats", filter.sort, query]',
      grep: `listChats ${pages}`,
      reports: /"sort":"active_at"\}: expected 400 INVALID_PAGE_TOKEN, got 200/,
    },
    {
      name: "chats of one title are skipped at the end of a page",
      file: "chats/store",
      find: "v.id ${direction} limit",
      replace: "v.id limit",
      grep: `listChats ${pages}`,
      reports: /row \d+: expected/,
    },
    {
      name: "members who joined at one time are skipped at the end of a page",
      file: "chats/members/store",
      find: "(${rankThen}, ${joined}, m.user_id) > ($5::integer, $6::bigint, $7::bigint)",
      replace: "(${rankThen}, ${joined}) > ($5::integer, $6::bigint) and $7::bigint >= 0",
      grep: `listChatMembers ${pages}`,
      reports: /in pages of \d+: page \d+ of \d+ rows is empty|expected \d+ rows/,
    },
    {
      name: "a page token is good for other people's messages",
      file: "chats/messages/handlers",
      find: "sort, sender_id, exclude_sender_id, created_after, created_before, query } = request;",
      replace:
        "sort, exclude_sender_id, created_after, created_before, query } = request; const sender_id = undefined;",
      grep: `listMessages ${pages}`,
      reports: /"sender_id":\d+\}: expected 400 INVALID_PAGE_TOKEN, got 200/,
    },
    {
      name: "after_seq includes the message that the client has",
      file: "chats/messages/listing-store",
      find: "m.seq > ${value}::bigint",
      replace: "m.seq >= ${value}::bigint",
      grep: "listMessages after_seq is exclusive",
      reports: /messages: expected 2 items, got 3/,
    },
    {
      name: "messages of one time are on both sides of it",
      file: "chats/messages/listing-store",
      find: "`< ${value}`",
      replace: "`<= ${value}`",
      grep: `listMessages ${pages}`,
      reports: /created_before .*: expected \d+ rows, got \d+/,
    },
  ],
};

/** In a server of their own, since they show in the same reports. */
export const momentMutants: MutantGroup = {
  name: "sizes, moments and Accept",
  mutants: [
    {
      name: "a page has 25 rows",
      file: "platform/page",
      find: "defaultLimit: 20",
      replace: "defaultLimit: 25",
      grep: `listUsers ${pages}`,
      reports: /without a limit: expected 20 rows, got 2\d/,
    },
    {
      name: "one digit of a fraction is milliseconds",
      file: "contract/codecs/timestamp",
      find: "digits(text, start, kept) * tens[kept - start]",
      replace: "digits(text, start, kept) * (kept - start === 1 ? 1 : tens[kept - start])",
      grep: `listMessages ${pages}`,
      reports: /56\.500Z with 2000-02-29T12:34:56\.5Z: expected the next page/,
    },
    {
      name: "Accept is not read where the answer is no message",
      file: "contract/serve",
      find: "requireAcceptable(input.accept, method.produces)",
      replace: "void requireAcceptable",
      grep: "getChatPicture an answer that is no message",
      reports: /supported: answer: expected 3 items, got 1/,
    },
    {
      name: "an answer of 1,024 bytes is not compressed",
      file: "contract/http/content-coding",
      find: "worthwhileBytes = 1024",
      replace: "worthwhileBytes = 1025",
      grep: "sendMessage the same answer in each coding",
      reports: /A body of 1024 bytes is not compressed/,
    },
  ],
};

/** These too. */
export const moveMutants: MutantGroup = {
  name: "lists that move, and people by their ids",
  mutants: [
    {
      name: "chats are in the order of now on every page",
      file: "chats/store",
      find: "after ? sortKeysThen[sort](isOldestFirst) : sortKeys[sort]",
      replace: "sortKeys[sort]",
      grep: `listChats ${pages}`,
      reports: /while its rows move: \d+ rows are (missing|there twice)/,
    },
    {
      name: "members are in the order of now on every page",
      file: "chats/members/store",
      find: "coalesce(moved.former, m.role)",
      replace: "m.role",
      grep: `listChatMembers ${pages}`,
      reports: /while its rows move: \d+ rows are (missing|there twice)/,
    },
    {
      name: "a page token is good for other people",
      file: "users/handlers",
      find: '["users", filter]',
      replace: '["users", filter.words]',
      grep: `listUsers ${pages}`,
      reports: /"user_ids":\[.*: expected 400 INVALID_PAGE_TOKEN, got 200/,
    },
  ],
};
