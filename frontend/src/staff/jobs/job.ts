interface Counted {
  state: { code: string };
  doneCount: number;
  totalCount: number;
}

/** Return whether a job has ended, well or not. */
export const isOver = (state: string): boolean => ["done", "failed", "cancelled"].includes(state);

/** Return a job's progress in whole percent; 100 only when it is done. */
export function share(job: Counted): number {
  if (job.state.code === "done") return 100;
  if (job.totalCount <= 0) return 0;
  return Math.min(99, Math.floor((job.doneCount / job.totalCount) * 100));
}
