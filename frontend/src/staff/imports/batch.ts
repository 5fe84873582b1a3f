interface Counts {
  goodCount: number;
  appliedCount: number;
  seenCount: number;
}

/** Return how many good rows are still to be imported. */
export function openRows(batch: Counts): number {
  return Math.max(0, batch.goodCount - batch.appliedCount - batch.seenCount);
}
