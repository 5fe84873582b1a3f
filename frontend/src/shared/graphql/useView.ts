import type { AnyVariables, RequestPolicy, TypedDocumentNode } from "@urql/core";
import { useQuery } from "@urql/vue";
import { computed, type MaybeRefOrGetter, toValue } from "vue";
import { problemOf } from "./problem";

/**
 * A query as a page shows it: first load, refresh, problem. Old data stays on the screen when a refresh fails.
 * What hardly changes in a session (who I am, regions, choices) is asked once: "cache-first".
 */
export function useView<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: MaybeRefOrGetter<Variables>,
  pause: MaybeRefOrGetter<boolean> = false,
  requestPolicy: RequestPolicy = "cache-and-network",
) {
  const result = useQuery<Data, Variables>({
    query,
    variables: computed(() => toValue(variables)) as never,
    pause: computed(() => toValue(pause)),
    requestPolicy,
  });
  const data = computed(() => result.data.value ?? null);
  const problem = computed(() => (result.error.value ? problemOf(result.error.value) : null));
  const isLoading = computed(() => !data.value && !problem.value && !toValue(pause));
  const isRefreshing = computed(() => result.fetching.value || result.stale.value);
  const refresh = () => result.executeQuery({ requestPolicy: "network-only" });
  return { data, problem, isLoading, isRefreshing, refresh };
}
