import { at, h, text } from './dom.js';
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
  at('weights').replaceChildren(...variables.map((variable, i) => h('div', { class: 'spread' },
    h('h3', {}, variable.name, h('span', { class: 'quiet' }, ` ${whole(variable.size)} ${variable.size === 1 ? 'number' : 'numbers'}`)),
    h('div', { class: 'pair' },
      h('div', {}, histogram(`weights of ${variable.name}`, variable.weights, 'weights')),
      gradients[i] ? h('div', {}, histogram(`gradients of ${variable.name}`, gradients[i].gradients, 'gradients', 'gradient')) : null))));
}
