import type { ProjectInput } from "@/generated/staff";
import { parseYuan } from "@/shared/format/money";

/** What the form holds: amounts as typed, in yuan. */
export interface ProjectDraft {
  organisationId: string;
  brandId: string;
  regionCode: string;
  name: string;
  purpose: string;
  categories: string[];
  budget: string;
  householdQuota: number | null;
  minGrant: string;
  maxGrant: string;
  isExclusive: boolean;
  opensOn: string;
  closesOn: string;
}

export type Faults<Form> = Partial<Record<keyof Form, string>>;

const badAmount = "请填写金额，最多两位小数，例如 1200 或 1200.50";

/** Return what is wrong by field; empty when the project can be sent. */
export function projectFaults(draft: ProjectDraft): Faults<ProjectDraft> {
  const faults: Faults<ProjectDraft> = {};
  if (!draft.organisationId) faults.organisationId = "请选择实施单位";
  if (!draft.brandId) faults.brandId = "请选择所属品牌";
  if (!draft.regionCode) faults.regionCode = "请选择实施范围";
  if (!draft.purpose) faults.purpose = "请选择用途";
  const name = draft.name.trim();
  if (name.length < 4 || name.length > 100) faults.name = "名称 4 至 100 字";
  const [budget, least, most] = [draft.budget, draft.minGrant, draft.maxGrant].map(parseYuan);
  if (budget === null) faults.budget = badAmount;
  else if (!budget) faults.budget = "预算须大于 0";
  if (least === null) faults.minGrant = badAmount;
  if (most === null) faults.maxGrant = badAmount;
  else if (!most) faults.maxGrant = "单笔上限须大于 0";
  else if (least !== null && most! < least!) faults.maxGrant = "单笔上限不能低于单笔下限";
  else if (budget && most! > budget) faults.maxGrant = "单笔上限不能超过预算";
  if (!draft.householdQuota || draft.householdQuota < 1) faults.householdQuota = "至少 1 户";
  if (!draft.opensOn) faults.opensOn = "请选择开始日期";
  if (!draft.closesOn) faults.closesOn = "请选择结束日期";
  else if (draft.opensOn && draft.closesOn < draft.opensOn) faults.closesOn = "结束日期不能早于开始日期";
  else if (draft.opensOn && draft.closesOn > yearsLater(draft.opensOn, 3)) faults.closesOn = "公开募捐活动最长三年";
  return faults;
}

/** Return the day n years after a day; 29 February becomes 28 February. */
export function yearsLater(day: string, years: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const isLeapDay = month === 2 && date === 29;
  return `${year + years}-${String(month).padStart(2, "0")}-${String(isLeapDay ? 28 : date).padStart(2, "0")}`;
}

/** Return the input for the server; call only when there are no faults. */
export function projectInput(draft: ProjectDraft): ProjectInput {
  return {
    organisationId: draft.organisationId,
    brandId: draft.brandId,
    regionCode: draft.regionCode,
    name: draft.name.trim(),
    purpose: draft.purpose,
    categories: draft.categories,
    budgetFen: parseYuan(draft.budget)!,
    householdQuota: draft.householdQuota!,
    minGrantFen: parseYuan(draft.minGrant)!,
    maxGrantFen: parseYuan(draft.maxGrant)!,
    isExclusive: draft.isExclusive,
    opensOn: draft.opensOn,
    closesOn: draft.closesOn,
  };
}
