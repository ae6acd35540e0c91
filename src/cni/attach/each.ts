/** For taking away: does all of it, and then says what failed. */
import { joinFaults } from "../../base/fault.ts";

/** @throws what was thrown, joined, after every act has had its turn */
export const each = async (...acts: readonly (() => void | Promise<void>)[]): Promise<void> => {
  const errors: unknown[] = [];
  for (const act of acts)
    try {
      await act();
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw joinFaults(errors);
};
