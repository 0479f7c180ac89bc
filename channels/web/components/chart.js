// A chart in the colours of the page: lines or columns over time, drawn by ECharts.
// Figures come as exact texts; numbers are made of them only to place a point. What a tip says is
// drawn as text, never read as HTML.
import { echarts } from "nicegui-echart";
import { h } from "vue";

const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const short = (value) => {
  const size = Math.abs(value);
  for (const [unit, sign] of [[1e9, "B"], [1e6, "M"], [1e3, "k"]]) {
    if (size >= unit) return `${+(value / unit).toFixed(1)}${sign}`;
  }
  return `${+value.toFixed(2)}`;
};

export default {
  props: { kind: String, labels: Array, series: Array, label: String },
  mounted() {
    this.chart = echarts.init(this.$el, null, { renderer: "svg" });
    this.draw();
    this.sized = new ResizeObserver(() => this.chart.resize());
    this.sized.observe(this.$el);
    this.dressed = new MutationObserver(() => this.draw());
    this.dressed.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  },
  beforeUnmount() {
    this.sized?.disconnect();
    this.dressed?.disconnect();
    this.chart?.dispose();
  },
  updated() {
    this.draw();
  },
  methods: {
    draw() {
      const columns = this.kind === "columns";
      const [text, muted, line, surface] = ["--text", "--muted", "--line", "--surface"].map(colour);
      const palette = [1, 2, 3, 4, 5, 6].map((place) => colour(`--chart-${place}`));
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.chart.setOption(
        {
          animation: !still,
          animationDuration: 250,
          color: palette,
          textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
          grid: { left: 4, right: 12, top: this.series.length > 1 ? 34 : 12, bottom: 2, containLabel: true },
          legend: {
            show: this.series.length > 1,
            type: "scroll",
            left: 0,
            top: 0,
            itemWidth: 10,
            itemHeight: 10,
            icon: "roundRect",
            textStyle: { color: muted },
            pageTextStyle: { color: muted },
          },
          tooltip: {
            trigger: "axis",
            renderMode: "richText",
            confine: true,
            backgroundColor: surface,
            borderColor: line,
            textStyle: { color: text, fontSize: 12 },
            axisPointer: { type: columns ? "shadow" : "line", lineStyle: { color: muted } },
            formatter: (points) =>
              [
                points[0].name,
                ...points.map((point) => {
                  const one = this.series[point.seriesIndex];
                  return `${one.name}: ${one.texts[point.dataIndex]}`;
                }),
              ].join("\n"),
          },
          xAxis: {
            type: "category",
            data: this.labels,
            axisTick: { show: false },
            axisLine: { lineStyle: { color: line } },
            axisLabel: { color: muted, hideOverlap: true },
          },
          yAxis: {
            type: "value",
            axisLabel: { color: muted, formatter: short },
            splitLine: { lineStyle: { color: line } },
          },
          series: this.series.map((one) => ({
            name: one.name,
            type: columns ? "bar" : "line",
            stack: columns ? "all" : undefined,
            barMaxWidth: 36,
            symbolSize: 5,
            showSymbol: this.labels.length <= 13,
            lineStyle: { width: 2.5 },
            areaStyle: !columns && this.series.length === 1 ? { opacity: 0.12 } : undefined,
            data: one.texts.map((_, place) =>
              one.values[place] === null ? null : Number(one.values[place]),
            ),
          })),
        },
        { notMerge: true },
      );
    },
  },
  render() {
    return h("div", { class: "chart", role: "img", "aria-label": this.label });
  },
};
