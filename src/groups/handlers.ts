// Groups: making, listing, changing and deleting them, and who is in them.
import { lockCaller, lockOthers } from "../accounts/above.js";
import type { Call, Caller, Handlers } from "../call.js";
import { makeChat, renameChat } from "../chats/in-step.js";
import { ApiError } from "../errors.js";
import type { Group, GroupService } from "../gen/lyceum/v1/group.js";
import { recordAudit } from "../platform/audit/audit.js";
import { isUniqueViolation, type Queries } from "../platform/database/database.js";
import { shortMoment } from "../platform/list-moment.js";
import { pageOf, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { isMember, listGroupMembers } from "../users/group-members.js";
import { lockWithMembers, requireAbove } from "./locking.js";
import { groupNotFound, moveOn, moveToGroup } from "./membership.js";
import * as store from "./store.js";

const defaultColour = "#607d8b";

/** The handlers of GroupService. */
export function groupHandlers(): Handlers<GroupService> {
  return {
    async createGroup({ name, colour = defaultColour, with_chat }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const chatId = with_chat ? await makeChat(queries, name, user.id, []) : undefined;
        const id = await refusingTaken(store.insertGroup(queries, { name, colour: colour.toLowerCase(), chatId }));
        await record(queries, call, "group.create", id);
        return (await store.findGroup(queries, id))!;
      });
    },

    async listGroups(request, { database }) {
      const words = searchWords(request.query);
      const page = readPage(request, { scope: ["groups", words], key: ["", 0, ""] });
      const rows = await store.listGroups(database, words, page);
      const { rows: groups, next_page_token } = pageOf(rows, page, ({ sort_key, id, moment }) => [
        sort_key,
        id,
        shortMoment(moment),
      ]);
      return { groups, next_page_token };
    },

    async getGroup({ group_id }, { database }) {
      return requireGroup(await store.findGroup(database, group_id), group_id);
    },

    async updateGroup({ group_id, name, colour, with_chat = false }, call): Promise<Group> {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        const { groups, members } = with_chat
          ? await lockWithMembers(queries, user, [group_id])
          : { groups: await lockAlone(queries, user, group_id), members: [] };
        const group = requireVersion(call, requireGroup(groups[0], group_id));
        let chatId: number | undefined;
        if (with_chat && group.chat_id === undefined) {
          const others = members.map(({ id }) => id).filter((id) => id !== user.id);
          chatId = await makeChat(queries, name ?? group.name, user.id, others);
        }
        const change = { name, colour: colour?.toLowerCase(), chatId };
        if (await refusingTaken(store.updateGroup(queries, group_id, change))) {
          if (name !== undefined && group.chat_id !== undefined)
            await renameChat(queries, user.id, group.chat_id, name);
          await record(queries, call, "group.update", group_id);
        }
        return (await store.findGroup(queries, group_id))!;
      });
    },

    async deleteGroup({ group_id, move_to_group_id }, call) {
      await call.database.transaction(async (queries) => {
        if (move_to_group_id === undefined) await emptied(queries, call, group_id);
        else await movedOn(queries, call, group_id, move_to_group_id);
        await store.deleteGroup(queries, group_id);
        await record(queries, call, "group.delete", group_id);
      });
      return {};
    },

    async listGroupMembers(request, { database, user }) {
      const { group_id } = request;
      const page = readPage(request, { scope: ["group-members", group_id], key: ["", 0, ""] });
      const rows = await listGroupMembers(database, user, group_id, page);
      if (rows.length === 0) requireGroup(await store.findGroup(database, group_id), group_id);
      const { rows: users, next_page_token } = pageOf(rows, page, ({ sort_key, id, moment }) => [
        sort_key,
        id,
        shortMoment(moment),
      ]);
      return { users, next_page_token };
    },

    async addGroupMembers({ group_id, user_ids }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        const users = await lockOthers(queries, user, user_ids);
        const found = new Set(users.map(({ id }) => id));
        const missing = user_ids.find((id) => !found.has(id));
        if (missing !== undefined) throw new ApiError("USER_NOT_FOUND", `User with id=${missing} not found`);
        requireAbove(user, users);
        await moveToGroup(queries, call, user_ids, group_id);
        return (await store.findGroup(queries, group_id))!;
      });
    },

    async removeGroupMember({ group_id, user_id }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        const users = await lockOthers(queries, user, [user_id]);
        if (!(await isMember(queries, user_id, group_id))) {
          requireGroup(await store.findGroup(queries, group_id), group_id);
          throw new ApiError("MEMBER_NOT_FOUND", `User with id=${user_id} is not in group with id=${group_id}`);
        }
        requireAbove(user, users);
        await moveToGroup(queries, call, [user_id], undefined);
        return {};
      });
    },
  };
}

/** Locks a group that is to be deleted, and requires that nobody is in it. */
async function emptied(queries: Queries, call: Call, id: number): Promise<void> {
  const [group] = await lockAlone(queries, call.user, id);
  requireVersion(call, requireGroup(group, id));
  if (group!.member_count > 0) throw new ApiError("GROUP_NOT_EMPTY", `Group with id=${id} has members`);
}

/** Locks a group that is to be deleted, and moves everybody in it to another one. */
async function movedOn(queries: Queries, call: Call, id: number, targetId: number): Promise<void> {
  const { groups, members } = await lockWithMembers(queries, call.user, [id, targetId]);
  const [group, target] = [id, targetId].map((each) => groups.find((found) => found.id === each));
  requireVersion(call, requireGroup(group, id));
  // Nobody moves to the group that is deleted.
  const other = requireGroup(target === group ? undefined : target, targetId);
  requireAbove(call.user, members);
  const ids = members.map((member) => member.id);
  await moveOn(queries, call, ids, other);
}

async function lockAlone(queries: Queries, caller: Caller, id: number): Promise<Group[]> {
  await lockCaller(queries, caller);
  return store.lockToChange(queries, [id]);
}

function requireGroup(group: Group | undefined, id: number): Group {
  if (!group) throw groupNotFound(id);
  return group;
}

function requireVersion({ precondition }: Call, group: Group): Group {
  if (!precondition.permitsVersion(group.version))
    throw new ApiError("PRECONDITION_FAILED", `Group with id=${group.id} has changed`);
  return group;
}

async function refusingTaken<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!isUniqueViolation(error, store.nameUnique)) throw error;
    throw new ApiError("GROUP_NAME_TAKEN", "Another group has this name", { cause: error });
  }
}

const told = {
  "group.create": "group.created",
  "group.update": "group.changed",
  "group.delete": "group.deleted",
} as const;

/** Records an act, for the audit and for those who see groups. */
async function record(queries: Queries, call: Call, action: keyof typeof told, id: number): Promise<void> {
  await recordAudit(queries, call, { action, target: ["group", id] });
  await recordUpdates(queries, call.user.id, [{ topic: "school", kind: told[action], subjectId: id }]);
}
