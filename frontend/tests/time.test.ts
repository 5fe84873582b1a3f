import { describe, expect, it } from "vitest";
import { countdown, dateText, daysAgo, secondsUntil, shanghaiDate, timeText } from "@/shared/format/time";

describe("Shanghai time", () => {
  it("turns the day at Shanghai's midnight, whatever the machine's zone", () => {
    expect(shanghaiDate(new Date("2026-11-22T15:59:59Z"))).toBe("2026-11-22");
    expect(shanghaiDate(new Date("2026-11-22T16:00:00Z"))).toBe("2026-11-23");
    expect(timeText("2026-11-22T16:00:00Z")).toBe("2026-11-23 00:00");
    expect(timeText("2028-02-28T23:05:00+08:00")).toBe("2028-02-28 23:05");
  });

  it("counts days by the calendar, not by 24 hours", () => {
    expect(daysAgo("2026-11-22T15:30:00Z", new Date("2026-11-22T16:30:00Z"))).toBe("1 天前");
    expect(daysAgo("2026-11-22T16:30:00Z", new Date("2026-11-23T15:30:00Z"))).toBe("今天");
  });

  it("writes dates as people do", () => expect(dateText("2026-03-01")).toBe("2026年3月1日"));
});

describe("a hold", () => {
  it("counts down to zero and not below", () => {
    const end = "2026-11-22T10:00:00Z";
    expect(secondsUntil(end, Date.parse("2026-11-22T09:59:00.500Z"))).toBe(60);
    expect(secondsUntil(end, Date.parse("2026-11-22T10:00:01Z"))).toBe(0);
  });

  it.each([[0, "00:00"], [61, "01:01"], [3599, "59:59"], [3661, "1:01:01"]])("shows %i s as %s", (s, text) => expect(countdown(s)).toBe(text));
});
