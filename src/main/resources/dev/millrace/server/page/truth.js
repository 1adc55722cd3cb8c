import { at, h, text } from './dom.js';
import { againstEachOther, chart } from './charts.js';
import { percent, whole } from './format.js';
import { unit } from './figures.js';

/** Predictions beside the truth: points for numbers, a table for classes. */
export function truthChart(model) {
  return model.label.kind === 'regression' ? scatter(model.label) : confusion;
}

function scatter(label) {
  const plot = chart(at('truth-chart'), 300, () => againstEachOther(`true ${unit(label)}`, 'predicted'));
  return ({ truths, answers }) => {
    const order = truths.map((_, i) => i).sort((a, b) => truths[a] - truths[b]);
    if (order.length > 0) {
      plot.show([order.map((i) => truths[i]), order.map((i) => answers[i])],
        `${whole(order.length)} recent predictions over the truth; on the dashed line a prediction is exact`);
      text(at('truth-note'), `The last ${whole(order.length)} tested examples; on the dashed line a prediction is exact.`
        + (label.width > 1 ? ` The first of ${whole(label.width)} outputs.` : ''));
    }
  };
}

function confusion({ confusion: matrix }) {
  const { classes, counts } = matrix;
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return;
  }
  const rowTotals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  text(at('truth-note'), `Of the last ${whole(total)} tested examples ${percent(right / total)} were right.`
    + (matrix.left_out > 0 ? ` ${whole(matrix.left_out)} more classes are not shown.` : ''));
  at('truth-chart').replaceChildren(h('table', { class: 'confusion' },
    h('caption', {}, 'Rows: the truth. Columns: the answer.'),
    h('thead', {}, h('tr', {}, h('td', {}), ...classes.map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, ...counts.map((row, i) => h('tr', {}, h('th', { scope: 'row' }, classes[i]),
      ...row.map((count, j) => h('td', { class: i === j ? 'right' : '', share: rowTotals[i] > 0 ? count / rowTotals[i] : 0 }, whole(count))))))));
}
