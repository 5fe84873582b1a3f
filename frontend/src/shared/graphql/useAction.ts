import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useClientHandle } from "@urql/vue";
import { ref } from "vue";
import { sessionHeaders } from "./client";
import { Intents } from "./intent";
import { problemOf, type Problem } from "./problem";

/** One mutation with its busy flag and problem. A retry after silence carries the same Idempotency-Key. */
export function useAction<Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>) {
  const { client } = useClientHandle();
  const intents = new Intents();
  const busy = ref(false);
  const problem = ref<Problem | null>(null);

  /** Return the data, or null when refused; the reason is then in `problem`. */
  async function run(variables: Variables): Promise<Data | null> {
    if (busy.value) return null;
    busy.value = true;
    problem.value = null;
    const key = intents.keyFor(JSON.stringify(variables));
    try {
      const result = await client
        .mutation(document, variables, {
          fetchOptions: () => ({
            credentials: "same-origin",
            headers: { ...sessionHeaders(), "Idempotency-Key": key },
          }),
        })
        .toPromise();
      if (result.error) {
        problem.value = problemOf(result.error);
        if (!problem.value.isRetriable) intents.settle();
        return null;
      }
      intents.settle();
      return result.data ?? null;
    } finally {
      busy.value = false;
    }
  }

  return { run, busy, problem };
}
