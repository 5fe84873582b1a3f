import { percent, scaled } from "@/shared/format/money";
import type { ChartOption } from "./chart";

const ink = "#22302b";
const soft = "#55635d";
const font = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

const axis = { type: "category", inverse: true, axisTick: { show: false }, axisLine: { show: false } } as const;

interface Bar {
  label: string;
  value: number;
  text: string;
  colour?: string;
}

/** Return horizontal bars, first on top, each with its text at the end. */
export function horizontalBars(bars: readonly Bar[], max?: number): ChartOption {
  return {
    animation: false,
    textStyle: { fontFamily: font, color: ink },
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", max, axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: [
      { ...axis, data: bars.map((each) => each.label), axisLabel: { color: ink, fontSize: 13 } },
      { ...axis, data: bars.map((each) => each.text), axisLabel: { color: soft, fontSize: 13 } },
    ],
    series: [
      {
        type: "bar",
        barMaxWidth: 16,
        showBackground: true,
        backgroundStyle: { color: "#f1ebdf", borderRadius: 4 },
        itemStyle: { borderRadius: 4 },
        data: bars.map((each) => ({ value: each.value, itemStyle: { color: each.colour ?? "#2b7061" } })),
      },
    ],
  };
}

interface Coverage {
  label: string;
  netFen: number;
  aidFen: number;
}

/** Return coverage (aid over assessed net) as bars of 0..100 %. */
export const coverageBars = (rows: readonly Coverage[]): ChartOption =>
  horizontalBars(
    rows.map((each) => ({
      label: each.label,
      value: each.netFen ? Math.min(1, each.aidFen / each.netFen) : 0,
      text: each.netFen ? percent(each.aidFen, each.netFen) : "未核定",
    })),
    1,
  );

const colours: Record<string, string> = {
  insurance: "#7b8f9c",
  government: "#1f5a4c",
  reserve: "#4f8f7d",
  group: "#3f74a3",
  charity: "#cf8a35",
  individual: "#b8687a",
  own: "#a59b86",
};

/** Return money by source as bars. */
export const moneyBars = (rows: readonly { layer: { code: string; label: string }; amountFen: number }[]): ChartOption =>
  horizontalBars(
    rows.map((each) => {
      const { figure, unit } = scaled(each.amountFen);
      return { label: each.layer.label, value: each.amountFen, text: `${figure} ${unit}`, colour: colours[each.layer.code] };
    }),
  );
