/** Reasons that officers give often; each can be edited before it is sent. */
export const commonReasons = ["家庭情况有变化，需重新走访", "与其他救助用途相同，等待结果", "项目对象不符", "金额偏高，请重新核定需求"];

const most = 300;

/** Return what is wrong with a reason, or "". A refusal needs one of at least four characters. */
export function reasonProblem(reason: string, isNeeded: boolean): string {
  const length = [...reason.trim()].length;
  if (length > most) return `最多 ${most} 字，现在 ${length} 字`;
  if (isNeeded && length < 4) return "请写明退回理由（至少 4 个字），家庭与项目方会看到";
  return "";
}
