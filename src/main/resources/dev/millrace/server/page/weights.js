import { at, h, tableHead, text } from './dom.js';
import { whole } from './format.js';
import { histogram } from './histogram.js';

let variables = [];
let gradients = [];
let version = null;

/** The weights of a snapshot. */
export function showWeights(snapshot) {
  ({ variables, version } = snapshot);
  show();
}

/** The gradients of the last step. */
export function showGradients(sight) {
  ({ gradients } = sight);
  show();
}

function show() {
  if (variables.length === 0) {
    return;
  }
  text(at('weights-note'), `Weights are those of version ${whole(version)}, the newest snapshot; gradients those of the last step of the learner, `
    + 'after clipping, where this instance has the learner.');
  at('weights').replaceChildren(tableHead('Variable', '#Size', 'Weights', 'Gradients'),
    h('tbody', {}, ...variables.map((variable, i) => h('tr', {}, h('th', { scope: 'row' }, variable.name), h('td', { class: 'number' }, whole(variable.size)),
      h('td', {}, histogram(`weights of ${variable.name}`, variable.weights)),
      h('td', {}, gradients[i] ? histogram(`gradients of ${variable.name}`, gradients[i].gradients, 'gradient') : '–')))));
}
