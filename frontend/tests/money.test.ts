import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseYuan, percent, scaled, yuan, yuanText } from "@/shared/format/money";

const fen = fc.integer({ min: 0, max: 999_999_999_999_999 });

describe("yuan", () => {
  it.each([
    [0, "0.00"],
    [5, "0.05"],
    [-5, "-0.05"],
    [100, "1.00"],
    [99_999, "999.99"],
    [100_000, "1,000.00"],
    [13_266_667, "132,666.67"],
    [9_007_199_254_740_991, "90,071,992,547,409.91"],
  ])("writes %i fen as %s", (amount, text) => expect(yuan(amount)).toBe(text));

  it("is read back exactly, for every amount", () => {
    fc.assert(fc.property(fen, (amount) => parseYuan(yuan(amount)) === amount));
  });

  it("drops .00 in a sentence and nothing else", () => {
    expect([yuanText(1_990_000), yuanText(1_990_050), yuanText(10)]).toEqual(["19,900 元", "19,900.50 元", "0.10 元"]);
  });
});

describe("scaled", () => {
  it.each([
    [999_999, "9,999.99", "元"],
    [1_000_000, "1", "万元"],
    [1_050_000, "1.05", "万元"],
    [1_100_000, "1.1", "万元"],
    [9_999_999_999, "9,999.99", "万元"],
    [10_000_000_000, "1", "亿元"],
    [10_000_000_000_000, "1,000", "亿元"],
    [-6_845_000, "-6.84", "万元"],
  ])("shows %i fen as %s %s", (amount, figure, unit) => expect(scaled(amount)).toEqual({ figure, unit }));

  it("never shows more than there is, and loses less than a hundredth of its unit", () => {
    const size = { 元: 100, 万元: 1_000_000, 亿元: 10_000_000_000 };
    fc.assert(
      fc.property(fen, (amount) => {
        const { figure, unit } = scaled(amount);
        const shown = (parseYuan(figure)! * size[unit]) / 100;
        return shown <= amount && amount - shown < size[unit] / 100;
      }),
    );
  });
});

describe("parseYuan", () => {
  it.each([
    ["1200", 120_000],
    ["1,200.5", 120_050],
    [" 1，200.05元 ", 120_005],
    ["0", 0],
    ["1200.505", null],
    ["-3", null],
    ["1e3", null],
    ["", null],
    [".5", null],
    ["１２", null],
  ])("reads %j as %j", (typed, amount) => expect(parseYuan(typed)).toBe(amount));

  it("never takes an amount with three decimals", () => {
    fc.assert(fc.property(fen, fc.integer({ min: 0, max: 9 }), (amount, digit) => parseYuan(`${yuan(amount)}${digit}`) === null));
  });
});

describe("percent", () => {
  it("does not round an uncovered rest away", () => {
    expect([percent(9_996, 10_000), percent(1, 1), percent(0, 5), percent(5, 0)]).toEqual(["99.9%", "100%", "0%", "—"]);
  });
});
