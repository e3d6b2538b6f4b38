// What is done to a user by others, for the domain that decides who may: names, role, invite, suspension. Each function is a step of
// a transaction that has locked the user.
export {
  acceptInvite,
  type Invited,
  inviteUser,
  lockUsersToChange,
  restoreUser,
  type Standing,
  suspendUser,
  updateUser,
} from "./standing-store.js";
