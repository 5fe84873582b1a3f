/** What a key does on the proposals page. */
export type Command = "next" | "previous" | "approve" | "reject" | "select" | "close";

const commands: Record<string, Command> = {
  j: "next",
  ArrowDown: "next",
  k: "previous",
  ArrowUp: "previous",
  a: "approve",
  r: "reject",
  x: "select",
  Escape: "close",
};

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
  target: EventTarget | null;
  defaultPrevented: boolean;
}

const decides = (command: Command) => command === "approve" || command === "reject";

/**
 * Return the command of a key press; null while somebody types, a dialog is open, or a modifier is down.
 * A ticked checkbox keeps the focus but takes no letters.
 */
export function commandOf(pressed: Pressed, isDialogOpen: boolean): Command | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.defaultPrevented || isDialogOpen) return null;
  const target = pressed.target;
  if (target instanceof HTMLElement) {
    const isTick = target instanceof HTMLInputElement && target.type === "checkbox";
    if (target.isContentEditable || (!isTick && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))) return null;
    if (target.closest('[role="listbox"], [role="combobox"]')) return null;
  }
  const command = commands[pressed.key] ?? commands[pressed.key.toLowerCase()] ?? null;
  // A key held down must not decide twice.
  return command && pressed.repeat && decides(command) ? null : command;
}

/** Return the id to look at after moving by one; stays at the ends, starts at the first. */
export function neighbour(ids: readonly string[], current: string | null, command: "next" | "previous"): string | null {
  if (!ids.length) return null;
  const at = current ? ids.indexOf(current) : -1;
  if (at < 0) return ids[0]!;
  return ids[Math.min(ids.length - 1, Math.max(0, at + (command === "next" ? 1 : -1)))]!;
}
