/** Questions to the running kernel: yes, no and what it needs, or could not tell. Only the first two are remembered. */
export type Answer =
  | { readonly is: "yes" }
  /** `needs` completes "needs ...". */
  | { readonly is: "no"; readonly needs: string }
  | { readonly is: "unclear"; readonly error: unknown };

export interface Probe {
  /** A few words, such as `bridge vlan_filtering`. */
  readonly name: string;
  /** Asks the kernel, once as long as the answer is conclusive. Never throws. */
  ask(): Answer;
}

export const yes: Answer = { is: "yes" };
export const no = (needs: string): Answer => ({ is: "no", needs });

/** What `ask` throws makes the answer unclear. */
export const probe = (name: string, ask: () => Answer): Probe => {
  let known: Answer | undefined;
  return {
    name,
    ask: () => {
      if (known) return known;
      try {
        const answer = ask();
        if (answer.is !== "unclear") known = answer;
        return answer;
      } catch (error) {
        return { is: "unclear", error };
      }
    },
  };
};
