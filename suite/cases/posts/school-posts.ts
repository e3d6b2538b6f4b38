// Posts that the cases of posts write, and the people of a group who read them.
import type { Fields, Given, Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

/** A student of the case alone, who is logged in: $name, and $name_token. */
export const student = (name: string): readonly Step[] => [
  {
    call: "register",
    send: { email: `${name}.\${case}@example.org`, password, first_name: name, last_name: "Post" },
    answers: 201,
    capture: { [name]: "id" },
  },
  {
    call: "login",
    send: { email: `${name}.\${case}@example.org`, password },
    capture: { [`${name}_token`]: "access_token" },
  },
];

/** $group of the teacher, with these people in it. */
export const groupOf = (...user_ids: string[]): readonly Step[] => [
  { call: "createGroup", as: "teacher", send: { name: "Posts ${case}" }, answers: 201, capture: { group: "id" } },
  ...(user_ids.length > 0
    ? [{ call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids } } satisfies Step]
    : []),
];

/** $anna, who is in $group, and her neighbour $boris, who is not. */
export const twoStudents: readonly Step[] = [...student("anna"), ...student("boris"), ...groupOf("$anna")];
export const anna = { token: "$anna_token" };
export const boris = { token: "$boris_token" };

export const draft: Fields = { title: "Trip ${case}", text: "We meet **at nine**." };
export const forAll: Fields = { ...draft, is_for_all: true, publish: true };
export const forGroup: Fields = { ...draft, group_ids: ["$group"], publish: true };

/** A $post of somebody, with its $tag. */
export const write = (by: Pick<Step, "as" | "token">, send: Fields): Step => ({
  call: "createPost",
  ...by,
  send,
  answers: 201,
  capture: { post: "id", tag: "@etag" },
});

/** $post of the teacher, for all. */
export const post: Step = write({ as: "teacher" }, forAll);
/** $post of the teacher, for $group. */
export const groupPost: Step = write({ as: "teacher" }, forGroup);
/** $post of the teacher, a draft. */
export const draftPost: Step = write({ as: "teacher" }, { ...draft, is_for_all: true });

/** A comment on $post, captured as $name, with its $name_tag. */
export const comment = (name: string, by: Pick<Step, "as" | "token">, fields: Fields = {}): Step => ({
  call: "createComment",
  ...by,
  send: { post_id: "$post", text: `Words of ${name}`, ...fields },
  answers: 201,
  capture: { [name]: "id", [`${name}_tag`]: "@etag" },
});

/** Bob reports $post, and the teacher's queue has $report. */
export const reported: readonly Given[] = [
  { call: "reportPost", as: "bob", send: { post_id: "$post", reason: "rude" }, answers: 204 },
  {
    call: "listReports",
    as: "admin",
    send: { post_id: "$post" },
    with: { reports: [{ post_id: "$post" }], next_page_token: "" },
    capture: { report: "reports[0].id" },
  },
];
