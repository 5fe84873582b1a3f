import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const css = readFileSync("src/shared/styles/tokens.css", "utf8");
const token = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)![1]!;

/** Return the WCAG 2 contrast of two colours, 1..21. */
function contrast(one: string, other: string): number {
  const light = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [more, less] = [light(one), light(other)].sort((a, b) => b - a) as [number, number];
  return (more + 0.05) / (less + 0.05);
}

it("knows black on white", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5));

it.each([
  ["ink", "paper"],
  ["ink-soft", "paper"],
  ["ink-soft", "card"],
  ["ink-soft", "pine-50"],
  ["pine-700", "card"],
  ["pine-700", "pine-50"],
  ["pine-900", "pine-100"],
  ["ochre-700", "card"],
  ["clay-700", "card"],
  ["clay-700", "clay-100"],
])("%s on %s is readable (WCAG AA)", (text, ground) => expect(contrast(token(text), token(ground))).toBeGreaterThanOrEqual(4.5));
