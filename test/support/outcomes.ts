// What a promise was refused with.
import { ApiError } from "../../src/errors.js";

/** The ApiError that the promise fails with; whatever else it fails with is thrown on, and so is a success. */
export async function refusal(promise: PromiseLike<unknown>): Promise<ApiError> {
  let answer: unknown;
  try {
    answer = await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`Not refused, but answered with ${JSON.stringify(answer)}`);
}
