const way = [
  { code: "published", label: "已发布" },
  { code: "claimed", label: "已认领" },
  { code: "funded", label: "已到款" },
  { code: "delivered", label: "已送达" },
  { code: "outcome", label: "已回访" },
] as const;

/** Return the five public steps; a later step reached means the earlier ones were. */
export function progressSteps(reached: readonly string[]): { code: string; label: string; isReached: boolean }[] {
  const last = Math.max(-1, ...reached.map((code) => way.findIndex((each) => each.code === code)));
  return way.map((each, at) => ({ ...each, isReached: at <= last }));
}
