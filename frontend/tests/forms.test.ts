import { describe, expect, it } from "vitest";
import { fileProblem, uploadBatch } from "@/staff/imports/upload";
import { openRows } from "@/staff/imports/batch";
import { share } from "@/staff/jobs/job";
import { type ProjectDraft, projectFaults, projectInput, yearsLater } from "@/staff/projects/projectForm";
import { reasonProblem } from "@/staff/proposals/reason";
import { ratioText } from "@/staff/runs/certificate";
import { deliveryFaults, outcomeFaults, type WishDraft, wishFaults } from "@/staff/wishes/wishForm";

const project: ProjectDraft = {
  organisationId: "o",
  brandId: "b",
  regionCode: "350600",
  name: "大病帮扶项目",
  purpose: "medical",
  categories: [],
  budget: "100,000",
  householdQuota: 10,
  minGrant: "0",
  maxGrant: "5000.50",
  isExclusive: false,
  opensOn: "2026-01-01",
  closesOn: "2026-12-31",
};

describe("a project", () => {
  it("is sent in fen", () => {
    expect(projectFaults(project)).toEqual({});
    expect(projectInput(project)).toMatchObject({ budgetFen: 10_000_000, minGrantFen: 0, maxGrantFen: 500_050 });
  });

  it.each([
    [{ budget: "1.234" }, "budget"],
    [{ budget: "0" }, "budget"],
    [{ minGrant: "6000" }, "maxGrant"],
    [{ maxGrant: "100000.01" }, "maxGrant"],
    [{ householdQuota: null }, "householdQuota"],
    [{ closesOn: "2025-12-31" }, "closesOn"],
    [{ closesOn: "2029-01-02" }, "closesOn"],
    [{ name: "  项目 " }, "name"],
    [{ brandId: "" }, "brandId"],
  ])("with %j names the field %s and no other", (change, field) => expect(Object.keys(projectFaults({ ...project, ...change }))).toEqual([field]));

  it("may run three years to the day", () => {
    expect(projectFaults({ ...project, closesOn: "2029-01-01" })).toEqual({});
    expect(yearsLater("2028-02-29", 3)).toBe("2031-02-28");
  });
});

const wish: WishDraft = { projectId: "p", needId: "n", item: "护眼台灯", quantity: 2, unitPrice: "169", publicTitle: "想要护眼台灯", publicStory: "晚上写作业的地方光线不好。" };

describe("a wish", () => {
  it("may ask for exactly what the need lacks, and not a fen more", () => {
    expect(wishFaults(wish, { residualFen: 33_800, residualQuantity: 2 })).toEqual({});
    expect(Object.keys(wishFaults(wish, { residualFen: 33_799, residualQuantity: null }))).toEqual(["unitPrice"]);
    expect(Object.keys(wishFaults(wish, { residualFen: null, residualQuantity: 1 }))).toEqual(["quantity"]);
  });

  it("counts characters, not code units", () => {
    expect(Object.keys(wishFaults({ ...wish, publicTitle: "𠮷𠮷𠮷" }, null))).toEqual(["publicTitle"]);
  });
});

describe("a delivery and an outcome", () => {
  const delivery = { deliveredOn: "2026-11-22", quantity: 1, actualCost: "230", receipt: "QS-1" };

  it("happened today at the latest, in full and at a cost", () => {
    expect(deliveryFaults(delivery, 1, "2026-11-22")).toEqual({});
    expect(Object.keys(deliveryFaults({ ...delivery, deliveredOn: "2026-11-23", quantity: 2, actualCost: "", receipt: " " }, 1, "2026-11-22"))).toEqual([
      "deliveredOn",
      "quantity",
      "actualCost",
      "receipt",
    ]);
    expect(Object.keys(deliveryFaults({ ...delivery, actualCost: "0" }, 2, "2026-11-22"))).toEqual(["quantity", "actualCost"]);
  });

  it("tells something", () => expect(Object.keys(outcomeFaults({ observedOn: "", publicText: "好" }, "2026-11-22"))).toEqual(["observedOn", "publicText"]));
});

describe("a reason", () => {
  it("is needed to refuse, not to agree, and fits its column", () => {
    expect([reasonProblem("", true), reasonProblem("  不行 ", true)].every(Boolean)).toBe(true);
    expect(reasonProblem("", false)).toBe("");
    expect(reasonProblem("对象不符", true)).toBe("");
    expect(reasonProblem("字".repeat(301), false)).toContain("301");
  });
});

describe("an import", () => {
  it.each([
    [{ name: "a.xls", size: 9 }, ".xlsx"],
    [{ name: "a.xlsx", size: 0 }, "空"],
    [{ name: "a.xlsx", size: 21 * 2 ** 20 }, "20 MB"],
  ])("refuses %j before it is sent", (file, word) => expect(fileProblem(file)).toContain(word));

  it("takes .XLSX", () => expect(fileProblem({ name: "表.XLSX", size: 9 })).toBe(""));

  it("counts what is still to do", () => {
    expect(openRows({ goodCount: 405, appliedCount: 0, seenCount: 3 })).toBe(402);
    expect(openRows({ goodCount: 5, appliedCount: 3, seenCount: 5 })).toBe(0);
  });

  it("sends the fields with a key and tells a repeated file", async () => {
    const sent: RequestInit[] = [];
    const reply = (status: number, body: unknown) => async (_url: unknown, init?: RequestInit) => {
      sent.push(init!);
      return new Response(JSON.stringify(body), { status });
    };
    const delivery = { file: new File(["x"], "a.xlsx"), kind: "households", number: "1", senderId: "s" };
    expect(await uploadBatch(delivery, reply(201, { id: "b" }))).toEqual({ id: "b", isKnown: false });
    expect(await uploadBatch(delivery, reply(200, { id: "b" }))).toEqual({ id: "b", isKnown: true });
    const form = sent[0]!.body as FormData;
    expect([form.get("kind"), form.get("number"), form.get("senderId")]).toEqual(["households", "1", "s"]);
    expect((sent[0]!.headers as Record<string, string>)["Idempotency-Key"]).toBeTruthy();
    expect(await uploadBatch(delivery, reply(422, { code: "wrong_file", message: "不是工作簿" }))).toMatchObject({ problem: { message: "不是工作簿" } });
    expect(await uploadBatch(delivery, () => Promise.reject(new TypeError("net")))).toMatchObject({ problem: { code: "offline" } });
  });
});

describe("progress and proof", () => {
  it("is 100 % only when done", () => {
    expect(share({ state: { code: "running" }, doneCount: 200, totalCount: 200 })).toBe(99);
    expect(share({ state: { code: "done" }, doneCount: 0, totalCount: 0 })).toBe(100);
    expect(share({ state: { code: "queued" }, doneCount: 0, totalCount: 0 })).toBe(0);
  });

  it("cuts a ratio down and a gap up", () => {
    expect([ratioText(0.999999), ratioText(0.995), ratioText(1), ratioText(1 - 0.999999, true), ratioText(0.1 + 0.2)]).toEqual(["99.99%", "99.50%", "100.00%", "0.01%", "30.00%"]);
  });
});
