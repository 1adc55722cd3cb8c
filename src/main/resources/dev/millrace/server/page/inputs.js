import { at, h, text } from './dom.js';
import { whole } from './format.js';
import { histogram } from './histogram.js';

/** How the network's inputs were spread lately, before they are standardised. */
export function showInputs({ inputs, inputs_left_out: leftOut }) {
  const rows = inputs.length === 0 ? 0 : inputs[0].values.count + inputs[0].missing;
  if (rows === 0) {
    return;
  }
  text(at('inputs-note'), `The network's inputs in ${whole(rows)} recent examples, before they are standardised; ± is the standard deviation.`
    + (leftOut > 0 ? ` ${whole(leftOut)} more inputs are not shown.` : ''));
  at('inputs').replaceChildren(...inputs.map((input) => h('div', { class: 'spread' }, h('h3', {}, input.name), histogram(input.name, input.values),
    input.missing > 0 ? h('p', { class: 'quiet' }, `${whole(input.missing)} missing`) : null)));
}
