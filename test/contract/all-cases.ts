// Every case file there is. A new one is named here, and runs.
import { auth } from "./auth.cases.js";
import type { CaseFile } from "../../runner/cases/case.js";
import { chats } from "./chats.cases.js";
import { health } from "./health.cases.js";
import { members } from "./members.cases.js";
import { messages } from "./messages.cases.js";
import { users } from "./users.cases.js";

export const allCases: readonly CaseFile[] = [health, auth, users, chats, members, messages];
