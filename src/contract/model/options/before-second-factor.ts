// `(lyceum.v1.before_second_factor)`: a caller who must set up a second factor first may call the method all the same.
import { last, type MethodOption } from "./method-option.js";

/** Whether such a caller may; so may anyone who calls a public method. */
export const beforeSecondFactor: MethodOption<boolean> = {
  name: "before_second_factor",
  read(written, { isPublic, refuse }) {
    const isMarked = last<boolean>(written) === true;
    if (isMarked && isPublic) refuse("before_second_factor is for methods that need a login");
    return isMarked || isPublic;
  },
  reasons: (isOpen) => (isOpen ? [] : ["MFA_REQUIRED"]),
};
