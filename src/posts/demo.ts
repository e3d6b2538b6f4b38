// The posts of the demo school, in Russian and in English: pinned, for all, for a class, a draft, comments, votes, polls and a report.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import type { Call } from "../call.js";
import { findOwnGroup } from "./audience-store.js";
import { commentHandlers } from "./comments/handlers.js";
import { postHandlers } from "./handlers.js";
import { demoPoll, type DemoPoll } from "./polls/demo.js";
import { reportHandlers } from "./reports/handlers.js";

interface DemoComment {
  readonly by: DemoPerson;
  readonly text: string;
  /** The place of the comment that it answers, in the same list. */
  readonly answers?: number;
}

interface DemoPost {
  readonly by: DemoPerson;
  readonly title: string;
  readonly text: string;
  /** Whether it is for the author's own group, or for all. */
  readonly isForGroup?: boolean;
  readonly isDraft?: boolean;
  readonly isPinned?: boolean;
  readonly voters?: readonly DemoPerson[];
  readonly comments?: readonly DemoComment[];
  readonly poll?: DemoPoll;
}

const posts: readonly DemoPost[] = [
  {
    by: "teacher",
    title: "Добро пожаловать в Лицей",
    text: "Здесь новости школы, классов и кружков.\n\n- пишите **своему классу**\n- голосуйте за хорошие записи\n- о плохих сообщайте",
    isPinned: true,
    voters: ["petr", "alyona", "tom", "grace"],
    comments: [
      { by: "petr", text: "А можно писать про кружок?" },
      { by: "teacher", text: "Можно, своему классу.", answers: 0 },
      { by: "petr", text: "Спасибо!", answers: 1 },
    ],
  },
  {
    by: "teacher",
    title: "Science fair on Friday",
    text: "Bring your projects to the main hall **by 14:00**.\n\n> The best three go to the city fair.",
    voters: ["tom", "grace"],
    comments: [
      { by: "grace", text: "May we work in pairs?" },
      { by: "teacher", text: "Yes, in pairs or alone.", answers: 0 },
    ],
    poll: {
      question: "What should the fair have more of?",
      votes: [
        ["tom", "Robots"],
        ["grace", "More time to ask"],
      ],
    },
  },
  {
    by: "petr",
    title: "Поход в субботу",
    text: "Встречаемся **в 9:00** у школы. Взять:\n\n1. воду\n2. бутерброды\n3. дождевик",
    isForGroup: true,
    voters: ["alyona"],
    comments: [{ by: "alyona", text: "А если дождь?" }],
    poll: {
      question: "Куда пойдём?",
      options: ["В лес", "На озеро", "На гору"],
      votes: [
        ["petr", [1, 2]],
        ["alyona", [2]],
      ],
    },
  },
  { by: "grace", title: "Chess club", text: "Who would like to play on Tuesdays?", isForGroup: true },
  { by: "teacher", title: "Родительское собрание", text: "Черновик: дата ещё не назначена.", isDraft: true },
];

/** Makes the posts, each with its comments and votes, and a report that waits for a decision. */
export const demoPosts: DemoStep = async (as) => {
  const handlers = postHandlers();
  const made: number[] = [];
  for (const {
    by,
    title,
    text,
    isForGroup = false,
    isDraft = false,
    isPinned,
    voters = [],
    comments = [],
    poll,
  } of posts) {
    const { database, user } = as(by);
    const group = isForGroup ? await findOwnGroup(database, user.id) : undefined;
    const group_ids = group === undefined ? [] : [group];
    const draft = { title, text, is_for_all: !isForGroup, group_ids, publish: !isDraft };
    const { id: post_id } = await handlers.createPost(draft, as(by));
    made.push(post_id);
    if (isPinned) await handlers.pinPost({ post_id }, as("teacher"));
    for (const voter of voters) await handlers.voteForPost({ post_id }, as(voter));
    await comment(as, post_id, comments);
    if (poll) await demoPoll(as, by, post_id, poll);
  }
  const reason = "Это не про школу";
  await reportHandlers().reportPost({ post_id: made[3]!, reason }, as("teacher"));
};

async function comment(as: (person: DemoPerson) => Call, post_id: number, comments: readonly DemoComment[]) {
  const ids: number[] = [];
  for (const { by, text, answers } of comments) {
    const reply_to_id = answers === undefined ? undefined : ids[answers];
    ids.push((await commentHandlers().createComment({ post_id, text, reply_to_id }, as(by))).id);
  }
}
