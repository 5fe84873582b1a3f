import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identifyingHints, spokenId } from "@/shared/format/privacy";

describe("identifyingHints", () => {
  it.each([
    ["身份证 350699201509012035", ["疑似身份证号"]],
    ["港澳台居民 83000019900101101X", ["疑似身份证号"]],
    ["联系 138 0000 1234", ["疑似手机号"]],
    ["卡号 6222000000000000001", ["疑似银行卡号"]],
    ["孩子在享堂小学读三年级", ["学校名称"]],
    ["家住享堂村", ["住址"]],
    ["妈妈得了白血病", ["病情"]],
    ["我叫小明", ["姓名"]],
    ["在漳浦二中，家住城南小区", ["学校名称", "住址"]],
  ])("finds in %j %j", (text, hints) => expect(identifyingHints(text)).toEqual(hints));

  it.each(["晚上写作业的地方光线不好，希望有一盏护眼台灯", "想要一双 36 码的鞋，预算 168.50 元", "6 岁到 12 岁，云霄县"])("leaves %j alone", (text) =>
    expect(identifyingHints(text)).toEqual([]),
  );

  it("finds a phone number wherever it stands", () => {
    const number = fc.integer({ min: 13_000_000_000, max: 19_999_999_999 });
    fc.assert(fc.property(number, fc.constantFrom("电话", "，", " "), (n, mark) => identifyingHints(`书包${mark}${n}${mark}谢谢`).includes("疑似手机号")));
  });
});

describe("spokenId", () => {
  it("groups eighteen characters and leaves a masked number as it is", () => {
    expect(spokenId("350699198802201025")).toBe("350699 19880220 1025");
    expect(spokenId("350***25")).toBe("350***25");
  });
});
