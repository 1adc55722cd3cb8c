import uPlot from './uplot.js';
import { clock, short } from './format.js';

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = '12px system-ui, "DejaVu Sans", sans-serif';
const dark = matchMedia('(prefers-color-scheme: dark)');

const axis = (more) => ({ stroke: css('--quiet'), font: FONT, grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line'), width: 1 }, ...more });

/**
 * A chart that fills the width of its element, keeps its data when the colours change, and has a text for those who do not see it.
 *
 * @param element where it is drawn
 * @param height in pixels
 * @param options gives uPlot's options; asked again when the colours change
 */
export function chart(element, height, options) {
  element.setAttribute('role', 'img');
  let data = null;
  let plot = null;
  const width = () => Math.max(200, element.clientWidth);
  const build = () => {
    plot?.destroy();
    plot = data === null ? null : new uPlot({ width: width(), height, ...options() }, data, element);
    tellNewest();
  };
  // While nobody points at the chart its legend tells the newest values. uPlot empties it when it draws, so after that.
  const tellNewest = () => requestAnimationFrame(() => {
    if (plot !== null && plot.cursor.idx == null && plot.legend.show) {
      plot.setLegend({ idx: data[0].length - 1 });
    }
  });
  dark.addEventListener('change', build);
  new ResizeObserver(() => plot?.setSize({ width: width(), height })).observe(element);
  return {
    show(columns, description) {
      data = columns;
      element.setAttribute('aria-label', description);
      plot === null ? build() : plot.setData(columns);
      tellNewest();
    },
    /** To be called when the options would be others. */
    rebuild: build,
  };
}

const number = (_, value) => (value === null || value === undefined ? '–' : short(value));

/** Options of a chart over time. Lines: { label, color, dash, scale, fill }; scales beside y are drawn on the right. */
export function overTime(lines, { range, unit = '' }) {
  const scales = [...new Set(lines.map((line) => line.scale ?? 'y'))];
  return {
    cursor: { y: false, sync: { key: 'time' } },
    legend: { live: true },
    scales: { x: { time: true }, ...Object.fromEntries(scales.map((scale) => [scale, { range }])) },
    axes: [
      axis({ values: (_, splits) => splits.map((seconds) => clock(1000 * seconds)), space: 90 }),
      ...scales.map((scale, i) => axis({
        scale, side: i === 0 ? 3 : 1, size: 64, grid: { show: i === 0, stroke: css('--line'), width: 1 },
        label: i === 0 ? unit : lines.find((line) => line.scale === scale).label, labelSize: 18, labelFont: FONT,
        values: (_, splits) => splits.map(short),
      })),
    ],
    series: [
      { label: 'at', value: (_, seconds) => (seconds === null ? '–' : clock(1000 * seconds)) },
      ...lines.map((line) => ({
        label: line.label, scale: line.scale ?? 'y', stroke: css(line.color), width: line.dash ? 1.5 : 2, dash: line.dash, points: { show: false },
        value: number, spanGaps: true,
      })),
    ],
  };
}

/** Options of points with a line on which they should be. */
export function againstEachOther(xName, yName) {
  return {
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false, range: square }, y: { range: square } },
    axes: [
      axis({ label: xName, labelSize: 20, labelFont: FONT, values: (_, splits) => splits.map(short), space: 60 }),
      axis({ label: yName, labelSize: 20, labelFont: FONT, size: 60, values: (_, splits) => splits.map(short) }),
    ],
    series: [{}, { paths: () => null, points: { show: true, size: 4, stroke: 'transparent', fill: `${css('--model')}99` } }],
    hooks: { drawAxes: [diagonal] },
  };
}

/** The same range for both axes, over all numbers. */
function square(plot) {
  const all = [...plot.data[0], ...plot.data[1]].filter(Number.isFinite);
  const least = Math.min(...all);
  const most = Math.max(...all);
  const margin = (most - least) * 0.04 || 1;
  return [least - margin, most + margin];
}

function diagonal(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = css('--guess');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, bbox.top + bbox.height);
  ctx.lineTo(bbox.left + bbox.width, bbox.top);
  ctx.stroke();
  ctx.restore();
}
