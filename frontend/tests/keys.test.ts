import { describe, expect, it } from "vitest";
import { commandOf, neighbour } from "@/staff/proposals/keys";

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  defaultPrevented: false,
  target: document.body,
  ...more,
});

function inside(html: string): HTMLElement {
  const box = document.createElement("div");
  box.innerHTML = html;
  return box.querySelector("[data-at]")!;
}

describe("keys on the proposals page", () => {
  it.each([["j", "next"], ["k", "previous"], ["a", "approve"], ["A", "approve"], ["r", "reject"], ["x", "select"], ["Escape", "close"], ["q", null]])("%s means %s", (key, command) =>
    expect(commandOf(press(key), false)).toBe(command),
  );

  it("are letters while somebody types or picks", () => {
    for (const html of ["<input data-at>", "<textarea data-at></textarea>", "<select data-at></select>", '<div role="listbox"><span data-at></span></div>']) {
      expect(commandOf(press("a", { target: inside(html) }), false)).toBeNull();
    }
  });

  it("still work after a click on a checkbox, which keeps the focus", () => {
    expect(commandOf(press("j", { target: inside('<input type="checkbox" data-at>') }), false)).toBe("next");
  });

  it("belong to the browser with a modifier, and to an open dialog", () => {
    expect(commandOf(press("a", { ctrlKey: true }), false)).toBeNull();
    expect(commandOf(press("r", { metaKey: true }), false)).toBeNull();
    expect(commandOf(press("a"), true)).toBeNull();
  });

  it("decide once when held down, but keep moving", () => {
    expect(commandOf(press("a", { repeat: true }), false)).toBeNull();
    expect(commandOf(press("r", { repeat: true }), false)).toBeNull();
    expect(commandOf(press("j", { repeat: true }), false)).toBe("next");
  });

  it("move within the list and stop at its ends", () => {
    const ids = ["1", "2", "3"];
    expect(neighbour(ids, null, "next")).toBe("1");
    expect(neighbour(ids, "1", "next")).toBe("2");
    expect(neighbour(ids, "3", "next")).toBe("3");
    expect(neighbour(ids, "1", "previous")).toBe("1");
    expect(neighbour(ids, "gone", "next")).toBe("1");
    expect(neighbour([], "1", "next")).toBeNull();
  });
});
