import { computed } from "vue";
import { ChoicesDocument, MeDocument } from "@/generated/staff";
import { useView } from "@/shared/graphql/useView";
import { may } from "@/shared/session/may";

/** Who is logged in, and what he may do somewhere. */
export function useSession() {
  const { data, problem, isLoading } = useView(MeDocument, {}, false, "cache-first");
  const me = computed(() => data.value?.me ?? null);
  const can = (...wanted: string[]) => may(me.value?.permissions, ...wanted);
  return { me, can, problem, isLoading };
}

/** The closed lists with their Chinese words, from the server. */
export function useChoices() {
  const { data } = useView(ChoicesDocument, {}, false, "cache-first");
  return computed(() => data.value?.choices ?? null);
}
