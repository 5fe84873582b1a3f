import { describe, expect, it } from "vitest";
import { cookie } from "@/shared/graphql/client";
import { may } from "@/shared/session/may";
import { appendPage } from "@/wishes/list/pages";
import { progressSteps } from "@/wishes/list/progress";
import { checkoutTarget, isSafeLink } from "@/wishes/wish/links";

describe("links a donor may follow", () => {
  it("are https for the appeal", () => {
    expect(isSafeLink("https://example.org/p")).toBe(true);
    for (const bad of ["http://example.org", "javascript:alert(1)", "example.org", ""]) expect(isSafeLink(bad)).toBe(false);
  });

  it("are https, or this machine, for the payment", () => {
    expect(checkoutTarget("https://pay.example.org/c/1")).toBe("https://pay.example.org/c/1");
    expect(checkoutTarget("http://127.0.0.1:8001/c/1")).toBe("http://127.0.0.1:8001/c/1");
    for (const bad of ["http://pay.example.org", "javascript:alert(1)", "data:text/html,x"]) expect(checkoutTarget(bad)).toBeNull();
  });
});

describe("the list of wishes", () => {
  const items = (...ids: string[]) => ids.map((id) => ({ id, state: "old" }));

  it("starts anew on page 1 and shows no wish twice", () => {
    expect(appendPage(items("a", "b"), items("c"), 1).map((each) => each.id)).toEqual(["c"]);
    expect(appendPage(items("a", "b"), [{ id: "b", state: "new" }, ...items("c")], 2)).toEqual([
      { id: "a", state: "old" },
      { id: "b", state: "new" },
      { id: "c", state: "old" },
    ]);
  });
});

describe("progress", () => {
  it("fills every step before the last one reached", () => {
    expect(progressSteps(["published", "delivered"]).map((each) => each.isReached)).toEqual([true, true, true, true, false]);
    expect(progressSteps([]).some((each) => each.isReached)).toBe(false);
    expect(progressSteps(["unknown"]).some((each) => each.isReached)).toBe(false);
  });
});

describe("session", () => {
  it("reads its own cookie, not one whose name ends alike", () => {
    expect(cookie("csrftoken", "xcsrftoken=1; csrftoken=a%3Db")).toBe("a=b");
    expect(cookie("csrftoken", "")).toBe("");
  });

  it("shows a page for any of its permissions", () => {
    expect(may(["batch.view"], "batch.import", "batch.view")).toBe(true);
    expect(may(undefined, "batch.view")).toBe(false);
  });
});
