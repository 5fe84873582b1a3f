const zone = "Asia/Shanghai";
const wall = new Intl.DateTimeFormat("zh-CN", {
  timeZone: zone,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });

/** Return an ISO time as Shanghai wall time: "2026-11-22 16:40". */
export function timeText(iso: string): string {
  const part = Object.fromEntries(wall.formatToParts(new Date(iso)).map((each) => [each.type, each.value]));
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}`;
}

/** Return a business date as people write it: "2026年11月22日". */
export function dateText(date: string): string {
  const [year, month, dayOfMonth] = date.split("-").map(Number);
  return `${year}年${month}月${dayOfMonth}日`;
}

/** Return the Shanghai date of a moment as YYYY-MM-DD. */
export function shanghaiDate(moment: Date): string {
  return day.format(moment);
}

/** Return the whole seconds left until an ISO time, at least 0. */
export function secondsUntil(iso: string, now: number): number {
  return Math.max(0, Math.ceil((new Date(iso).getTime() - now) / 1000));
}

/** Return seconds as a countdown: 61 -> "01:01", 3661 -> "1:01:01". */
export function countdown(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Return how long ago a time was, in Shanghai days: "今天", "3 天前". */
export function daysAgo(iso: string, now: Date): string {
  const days = Math.round((Date.parse(shanghaiDate(now)) - Date.parse(shanghaiDate(new Date(iso)))) / 86_400_000);
  return days <= 0 ? "今天" : `${days} 天前`;
}
