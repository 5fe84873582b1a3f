import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChainEntry, chainLines } from "@/staff/households/timeline";
import { barParts } from "@/shared/ui/layers";

let at = 0;
const entry = (id: string, kind: string, amountFen: number, effectiveOn: string, ofEntryId: string | null = null): ChainEntry => ({
  id,
  kind: { code: kind, label: kind },
  amountFen,
  effectiveOn,
  recordedAt: new Date(1_800_000_000_000 + (at += 1000)).toISOString(),
  ofEntryId,
});

describe("the aid chain", () => {
  it("counts a payment under its promise and adds nothing", () => {
    const [line] = chainLines([entry("p", "promise", 500, "2026-08-02"), entry("y", "payment", 300, "2026-08-20", "p")]);
    expect([line!.activeFen, line!.paidFen, line!.followUps.map((each) => each.id)]).toEqual([500, 300, ["y"]]);
  });

  it("takes releases from the promise and a reversed payment from what was paid", () => {
    const [line] = chainLines([
      entry("p", "promise", 500, "2026-08-02"),
      entry("y", "payment", 300, "2026-08-20", "p"),
      entry("b", "reversal", 100, "2026-08-21", "y"),
      entry("r", "release", 150, "2026-09-01", "p"),
    ]);
    expect([line!.activeFen, line!.paidFen]).toEqual([350, 200]);
  });

  it("gives back what a reversed release had freed", () => {
    const [line] = chainLines([
      entry("p", "promise", 500, "2026-08-02"),
      entry("r", "release", 150, "2026-09-01", "p"),
      entry("b", "reversal", 150, "2026-09-02", "r"),
    ]);
    expect(line!.activeFen).toBe(500);
  });

  it("takes a reversed report out of both sums", () => {
    const [line] = chainLines([entry("f", "reported", 900, "2026-05-01"), entry("b", "reversal", 900, "2026-05-02", "f")]);
    expect([line!.activeFen, line!.paidFen]).toEqual([0, 0]);
  });

  it("shows the newest line first and an entry without its origin on its own", () => {
    const lines = chainLines([entry("a", "promise", 1, "2026-01-01"), entry("z", "payment", 7, "2026-03-01", "hidden"), entry("b", "promise", 1, "2026-02-01")]);
    expect(lines.map((each) => each.entry.id)).toEqual(["z", "b", "a"]);
  });

  it("ends on entries that point at each other", () => {
    const lines = chainLines([entry("a", "payment", 1, "2026-01-01", "b"), entry("b", "payment", 1, "2026-01-02", "a")]);
    expect(lines.flatMap((each) => [each.entry, ...each.followUps]).length).toBeGreaterThanOrEqual(2);
  });

  it("shows every entry once, in any order of arrival", () => {
    const kinds = fc.constantFrom("payment", "release");
    const promised = fc.array(fc.array(fc.tuple(kinds, fc.integer({ min: 1, max: 9 })), { maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(promised, fc.infiniteStream(fc.nat()), (all, noise) => {
        const entries = all.flatMap((follow, i) => [
          entry(`p${i}`, "promise", 100, "2026-01-01"),
          ...follow.map(([kind, amount], k) => entry(`p${i}-${k}`, kind, amount, "2026-02-01", `p${i}`)),
        ]);
        const shuffled = entries.map((each) => ({ each, key: noise.next().value! })).sort((a, b) => a.key - b.key).map(({ each }) => each);
        const lines = chainLines(shuffled);
        expect(lines.flatMap((each) => [each.entry.id, ...each.followUps.map((one) => one.id)]).sort()).toEqual(entries.map((each) => each.id).sort());
        expect(lines.length).toBe(all.length);
      }),
    );
  });
});

describe("the bar of a need", () => {
  const layer = (code: string, amountFen: number) => ({ layer: { code, label: code }, amountFen });

  it("puts the residual last and leaves out empty layers", () => {
    expect(barParts([layer("government", 300), layer("group", 0), layer("charity", 100)], 600).map((each) => [each.code, each.share])).toEqual([
      ["government", 0.3],
      ["charity", 0.1],
      ["residual", 0.6],
    ]);
  });

  it("shows no residual when the need is met, over-met or not assessed", () => {
    for (const residual of [0, -50, null]) expect(barParts([layer("charity", 5)], residual).map((each) => each.code)).toEqual(["charity"]);
  });
});
