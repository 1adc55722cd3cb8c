import { at, h, s, tableHead, text } from './dom.js';
import { short, whole } from './format.js';

const DRAWN = 8;
const GAP = 34;
const TOP = 46;
const LEFT = 190;
const STEP = 190;

/** The layers as a drawing, as a table and as files. */
export function showNetwork(model) {
  const total = model.layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const { optimizer, loss, batch_size: batch } = model.training;
  text(at('network-note'), `${whole(model.inputs.length)} inputs, ${whole(model.layers.length)} layers, ${whole(total)} parameters. Trained with `
    + `${typeof optimizer === 'string' ? optimizer : optimizer.name}, ${loss}, ${whole(batch)} ${batch === 1 ? 'example' : 'examples'} a step.`);
  at('layers').replaceChildren(tableHead('Layer', 'Kind', '#Units', 'Activation or rate', '#Parameters'),
    h('tbody', {}, ...model.layers.map((layer) => h('tr', {}, h('th', { scope: 'row' }, layer.name), h('td', {}, layer.class),
      h('td', { class: 'number' }, whole(layer.units)), h('td', {}, layer.detail), h('td', { class: 'number' }, whole(layer.parameters))))));
  const path = `/v1/models/${encodeURIComponent(model.name)}`;
  const files = ['keras', 'h5', 'safetensors', 'onnx'].map((format) => h('a', { href: `${path}/files/${format}`, download: '' }, `.${format}`));
  at('downloads').replaceChildren('Take it home: ', ...files, h('a', { href: `${path}/summary` }, 'Summary'), h('a', { href: `${path}/configuration` }, 'Configuration'));
  draw(model, new Map());
}

/** Draws the lines again, by the weights of a snapshot. */
export function showWires(model, snapshot) {
  draw(model, new Map(snapshot.variables.filter((variable) => variable.drawn).map((variable) => [variable.name.split('/')[0], variable.drawn])));
}

function draw(model, weights) {
  const columns = [{ name: 'inputs', units: model.inputs.length }, ...model.layers];
  const rows = Math.max(...columns.map((column) => Math.min(column.units, DRAWN) + (column.units > DRAWN ? 1 : 0)));
  const height = TOP + rows * GAP + 60;
  const middle = TOP + (rows * GAP) / 2;
  const place = (column, row) => ({ x: LEFT + column * STEP, y: middle + (row - (Math.min(columns[column].units, DRAWN) - 1) / 2) * GAP });
  const shapes = [];
  let from = 0;
  for (let i = 1; i < columns.length; i++) {
    if (columns[i].class === 'Dense') {
      shapes.push(...wires(columns, from, i, place, weights.get(columns[i].name)));
      from = i;
    }
  }
  columns.forEach((column, i) => shapes.push(...nodes(column, i, place, height, middle)));
  model.inputs.slice(0, DRAWN).forEach((name, row) => {
    const { x, y } = place(0, row);
    shapes.push(s('text', { x: x - 18, y: y + 4, 'text-anchor': 'end' }, name.length > 24 ? `${name.slice(0, 23)}…` : name));
  });
  const out = columns.length - 1;
  const names = model.label.kind === 'regression' ? [model.label.field] : columns[out].units === 1 ? [model.label.classes[1]] : model.label.classes;
  names.slice(0, DRAWN).forEach((name, row) => shapes.push(s('text', { x: place(out, row).x + 18, y: place(out, row).y + 4 }, name.length > 22 ? `${name.slice(0, 21)}…` : name)));
  const width = LEFT + out * STEP + 190;
  const words = columns.map((column) => `${column.name} with ${whole(column.units)}`).join(', ');
  at('network').replaceChildren(s('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Layers and their units: ${words}. Lines are weights: stronger ones are darker, negative ones orange.` }, ...shapes));
}

function wires(columns, from, to, place, drawn) {
  const lines = [];
  const most = drawn ? Math.max(...drawn.flat().map(Math.abs), 1e-30) : 1;
  for (let i = 0; i < Math.min(columns[from].units, DRAWN); i++) {
    for (let j = 0; j < Math.min(columns[to].units, DRAWN); j++) {
      const a = place(from, i);
      const b = place(to, j);
      const weight = drawn ? drawn[i][j] : null;
      const title = weight === null ? null : s('title', {}, short(weight));
      lines.push(s('line', {
        x1: a.x, y1: a.y, x2: b.x, y2: b.y, class: weight === null ? '' : weight < 0 ? 'minus' : 'plus',
        opacity: weight === null ? 1 : 0.08 + (0.8 * Math.abs(weight)) / most,
      }, title));
    }
  }
  return lines;
}

function nodes(column, i, place, height, middle) {
  const shapes = [];
  const shown = Math.min(column.units, DRAWN);
  if (i === 0 || column.class === 'Dense') {
    for (let row = 0; row < shown; row++) {
      const { x, y } = place(i, row);
      shapes.push(s('circle', { cx: x, cy: y, r: 9 }));
    }
  } else {
    const { x, y } = place(i, 0);
    shapes.push(s('rect', { x: x - 7, y: y - 12, width: 14, height: 2 * (middle - y) + 24 || 24, rx: 4 }));
  }
  const { x } = place(i, 0);
  if (column.units > shown && (i === 0 || column.class === 'Dense')) {
    shapes.push(s('text', { x, y: place(i, shown - 1).y + 30, 'text-anchor': 'middle', class: 'quiet' }, `and ${whole(column.units - shown)} more`));
  }
  shapes.push(s('text', { x, y: 18, 'text-anchor': 'middle' }, column.name));
  const below = i === 0 ? `${whole(column.units)} wide` : [whole(column.units), column.detail].filter(Boolean).join(' · ');
  shapes.push(s('text', { x, y: 34, 'text-anchor': 'middle', class: 'quiet' }, below));
  if (i > 0) {
    shapes.push(s('text', { x, y: height - 10, 'text-anchor': 'middle', class: 'quiet' }, `${whole(column.parameters)} parameters`));
  }
  return shapes;
}
