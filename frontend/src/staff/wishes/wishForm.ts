import type { DeliveryInput, OutcomeInput, WishInput } from "@/generated/staff";
import { parseYuan } from "@/shared/format/money";
import type { Faults } from "../projects/projectForm";

export interface WishDraft {
  projectId: string;
  needId: string;
  item: string;
  quantity: number | null;
  unitPrice: string;
  publicTitle: string;
  publicStory: string;
}

/** What is left of the need that the wish is for. */
export interface Limit {
  residualFen: number | null;
  residualQuantity: number | null;
}

/** Return what is wrong by field; a wish may not ask for more than the need lacks. */
export function wishFaults(draft: WishDraft, limit: Limit | null): Faults<WishDraft> {
  const faults: Faults<WishDraft> = {};
  if (!draft.projectId) faults.projectId = "请选择项目";
  if (!draft.needId) faults.needId = "请选择一件已征得同意的需求";
  if (!draft.item.trim()) faults.item = "请写明物品或服务";
  if (!draft.quantity || draft.quantity < 1) faults.quantity = "至少 1 件";
  const price = parseYuan(draft.unitPrice);
  if (price === null) faults.unitPrice = "请填写单价，最多两位小数";
  else if (!price) faults.unitPrice = "单价须大于 0";
  else if (limit?.residualFen != null && price * (draft.quantity ?? 0) > limit.residualFen) faults.unitPrice = "总价超过这件需求尚缺的金额";
  if (limit?.residualQuantity != null && (draft.quantity ?? 0) > limit.residualQuantity) faults.quantity = `这件需求只缺 ${limit.residualQuantity} 件`;
  Object.assign(faults, publicTextFaults(draft));
  return faults;
}

/** Return what is wrong with the public words. */
export function publicTextFaults(draft: Pick<WishDraft, "publicTitle" | "publicStory">): Faults<Pick<WishDraft, "publicTitle" | "publicStory">> {
  const faults: Faults<WishDraft> = {};
  const title = [...draft.publicTitle.trim()].length;
  const story = [...draft.publicStory.trim()].length;
  if (title < 4 || title > 60) faults.publicTitle = "公开标题 4 至 60 字";
  if (story < 10 || story > 300) faults.publicStory = "公开说明 10 至 300 字";
  return faults;
}

export function wishInput(draft: WishDraft): WishInput {
  return {
    projectId: draft.projectId,
    needId: draft.needId,
    item: draft.item.trim(),
    quantity: draft.quantity!,
    unitPriceFen: parseYuan(draft.unitPrice)!,
    publicTitle: draft.publicTitle.trim(),
    publicStory: draft.publicStory.trim(),
  };
}

export interface DeliveryDraft {
  deliveredOn: string;
  quantity: number | null;
  actualCost: string;
  receipt: string;
}

/** Return what is wrong with a delivery: not in the future, all that was wished, at a cost. */
export function deliveryFaults(draft: DeliveryDraft, wished: number, today: string): Faults<DeliveryDraft> {
  const faults: Faults<DeliveryDraft> = {};
  if (!draft.deliveredOn) faults.deliveredOn = "请选择送达日期";
  else if (draft.deliveredOn > today) faults.deliveredOn = "送达日期不能晚于今天";
  if (draft.quantity !== wished) faults.quantity = `心愿共 ${wished} 件，须一次送齐`;
  const cost = parseYuan(draft.actualCost);
  if (cost === null) faults.actualCost = "请填写实际费用，最多两位小数";
  else if (!cost) faults.actualCost = "实际费用须大于 0";
  if (!draft.receipt.trim()) faults.receipt = "请填写签收单号或票据号";
  return faults;
}

export const deliveryInput = (wishId: string, draft: DeliveryDraft): DeliveryInput => ({
  wishId,
  deliveredOn: draft.deliveredOn,
  quantity: draft.quantity!,
  actualCostFen: parseYuan(draft.actualCost)!,
  receipt: draft.receipt.trim(),
});

export interface OutcomeDraft {
  observedOn: string;
  publicText: string;
}

export function outcomeFaults(draft: OutcomeDraft, today: string): Faults<OutcomeDraft> {
  const faults: Faults<OutcomeDraft> = {};
  if (!draft.observedOn) faults.observedOn = "请选择回访日期";
  else if (draft.observedOn > today) faults.observedOn = "回访日期不能晚于今天";
  const length = [...draft.publicText.trim()].length;
  if (length < 4 || length > 300) faults.publicText = "反馈 4 至 300 字";
  return faults;
}

export const outcomeInput = (wishId: string, draft: OutcomeDraft): OutcomeInput => ({
  wishId,
  observedOn: draft.observedOn,
  publicText: draft.publicText.trim(),
});
