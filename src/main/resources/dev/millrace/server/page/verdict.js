import { at, h, text } from './dom.js';
import { known, percent, short, whole } from './format.js';
import { guessName, unit } from './figures.js';

const strong = (value, kind = '') => h('strong', { class: kind }, value);

function what(model) {
  const { label, features } = model;
  const from = `from ${whole(features.length)} ${features.length === 1 ? 'feature' : 'features'}`;
  return label.kind === 'regression' ? ['Predicts ', strong(label.field), ` ${from}. `]
    : ['Predicts ', strong(label.field), `, one of ${whole(label.classes.length)} classes, ${from}. `];
}

function howGood(model, { error, baseline, baseline_error: guessError }) {
  const guess = guessName(model.label, baseline);
  if (!known(error) || !known(guessError)) {
    return ['Nothing has been tested yet. '];
  }
  if (model.label.kind !== 'regression') {
    return ['It is wrong about ', strong(percent(error), error < guessError ? 'good' : 'bad'), ` of recent examples; ${guess} would be wrong about `,
      strong(percent(guessError)), '. '];
  }
  if (guessError === 0) {
    return [`Its error is ${short(error)}; ${guess} would be exact. `];
  }
  const change = error / guessError - 1;
  return ['Its error is ', strong(`${percent(change)} ${change < 0 ? 'below' : 'above'}`, change < 0 ? 'good' : 'bad'), ` ${guess}. `];
}

/** One word for each state that is worth being read out. */
function stateOf({ error, baseline_error: guess }) {
  return !known(error) || !known(guess) ? 'untested' : error < guess ? 'better' : 'worse';
}

let spoken = '';

/** The sentence at the top, and what it rests on. */
export function showVerdict(model, progress, learned) {
  const verdict = progress.verdict;
  const sentence = h('span', {}, ...what(model), ...howGood(model, verdict), strong(whole(learned)), learned === 1 ? ' example learned.' : ' examples learned.');
  if (at('verdict').textContent !== sentence.textContent) {
    at('verdict').replaceChildren(...sentence.childNodes);
  }
  text(at('fairness'), learned === 0 ? `Waiting for labelled records on the topic ${model.topics.features}.`
    : `Each example is predicted before it is learned from. Figures are over about the last ${whole(model.training.window)} examples; `
      + 'older ones fade. The guesses see the same examples.');
  const state = stateOf(verdict);
  if (state !== spoken) {
    spoken = state;
    text(at('spoken'), at('verdict').textContent);
  }
  bars(model, progress);
}

function bars(model, { figures, verdict }) {
  const { label } = model;
  const regression = label.kind === 'regression';
  const rows = regression
    ? [['This model', figures.rmse], ['Always the mean', figures.baseline_mean_rmse], ['The last value again', figures.baseline_last_rmse]]
    : [['This model', 1 - figures.accuracy], ['Always the most frequent class', 1 - figures.baseline_majority_accuracy],
      ['The last class again', 1 - figures.baseline_last_accuracy]];
  if (!known(verdict.error)) {
    at('comparison').replaceChildren();
    return;
  }
  const most = Math.max(...rows.map(([, value]) => value).filter(known), 1e-30);
  at('comparison').replaceChildren(
    h('p', { class: 'quiet' }, regression ? `Typical error (RMSE) in ${unit(label)}, less is better` : 'Wrong answers, less is better'),
    ...rows.filter(([, value]) => known(value)).map(([name, value], i) => h('div', { class: ['bar own', 'bar', 'bar last'][i] },
      h('span', {}, name), h('span', {}, regression ? short(value) : percent(value)),
      h('div', { class: 'track' }, h('div', { class: 'fill', share: value / most })))));
}
