// The user of the cases of accounts: each case registers one of its own.
import type { Fields, Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

export const email = "new.${case}@example.org";
export const newUser: Fields = { email, password, first_name: "Мария", last_name: "Иванова" };

export const register: Step = { call: "register", send: newUser, answers: 201 };
export const login: Step = {
  call: "login",
  send: { email, password },
  capture: { access: "access_token", refresh: "refresh_token" },
};
