import { BarChart, type BarSeriesOption } from "echarts/charts";
import { GridComponent, type GridComponentOption, TooltipComponent, type TooltipComponentOption } from "echarts/components";
import { type ComposeOption, type ECharts, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, TooltipComponent, SVGRenderer]);

export type ChartOption = ComposeOption<BarSeriesOption | GridComponentOption | TooltipComponentOption>;
export type ChartHandle = ECharts;

/** Return a chart drawn as SVG: sharp in print, small in tests. */
export const openChart = (box: HTMLElement): ChartHandle => init(box, undefined, { renderer: "svg" });
