/** Return the list after a page arrived: page 1 starts anew; a wish seen before is replaced in place. */
export function appendPage<Item extends { id: string }>(shown: readonly Item[], arrived: readonly Item[], page: number): Item[] {
  if (page === 1) return [...arrived];
  const fresh = new Map(arrived.map((each) => [each.id, each]));
  const kept = shown.map((each) => fresh.get(each.id) ?? each);
  const known = new Set(shown.map((each) => each.id));
  return [...kept, ...arrived.filter((each) => !known.has(each.id))];
}
