/** Money is whole fen; numbers stay exact up to 2^53 fen (90 trillion yuan). */

const grouped = (whole: string) => whole.replace(/\B(?=(\d{3})+$)/g, ",");

/** Return fen as yuan with two decimals: 1234567 -> "12,345.67". */
export function yuan(fen: number): string {
  const text = Math.abs(fen).toString().padStart(3, "0");
  return `${fen < 0 ? "-" : ""}${grouped(text.slice(0, -2))}.${text.slice(-2)}`;
}

/** Return fen as an amount in a sentence: "12,345.67 元"; whole yuan without ".00". */
export function yuanText(fen: number): string {
  return `${yuan(fen).replace(/\.00$/, "")} 元`;
}

export interface Amount {
  figure: string;
  unit: "元" | "万元" | "亿元";
}

const tenThousandYuan = 1_000_000;
const hundredMillionYuan = 10_000_000_000;

/** Return fen for a headline, cut (never rounded up) to two decimals: 1234567800 -> 1,234.56 万元. */
export function scaled(fen: number): Amount {
  const size = Math.abs(fen);
  if (size < tenThousandYuan) return { figure: yuan(fen).replace(/\.00$/, ""), unit: "元" };
  const [step, unit] = size < hundredMillionYuan ? [tenThousandYuan, "万元" as const] : [hundredMillionYuan, "亿元" as const];
  const hundredths = Math.trunc(size / (step / 100)) * Math.sign(fen);
  return { figure: yuan(hundredths).replace(/\.00$|(?<=\.\d)0$/, ""), unit };
}

/** Return what a person typed as yuan, in fen; null when it is no amount with at most two decimals. */
export function parseYuan(typed: string): number | null {
  const plain = typed.replace(/[,，\s]/g, "").replace(/元$/, "");
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/** Return part of whole as a percentage cut to one decimal, so that 99.96 % never reads as 100 %. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return "—";
  return `${Math.trunc((part / whole) * 1000) / 10}%`;
}
