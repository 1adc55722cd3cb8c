import { at, h, text } from './dom.js';
import { chart, overTime } from './charts.js';
import { figuresOf, guessName, unit } from './figures.js';
import { known, short } from './format.js';
import { seconds } from './history.js';

const GUESS_LOOKS = [{ color: '--guess', dash: [8, 4] }, { color: '--other', dash: [3, 3] }];

/** The chosen figure over time beside the guesses' figure. */
export function errorChart(model) {
  let chosen = figuresOf(model.label)[0];
  let latest = null;
  const lines = () => [{ label: 'this model', color: '--model' },
    ...Object.values(chosen.guesses).map((guess, i) => ({ label: guessName(model.label, guess), ...GUESS_LOOKS[i] }))];
  const range = (_, least, most) => {
    if (!known(least)) {
      return [0, 1];
    }
    const floor = Math.max(Math.min(0, least), -1);
    return [floor, chosen.name === 'rmse' || chosen.name === 'mae' || chosen.name === 'log_loss' ? most * 1.05 || 1 : Math.max(1, most)];
  };
  const plot = chart(at('error-chart'), 290, () => overTime(lines(), { range, unit: ['rmse', 'mae'].includes(chosen.name) ? unit(model.label) : '' }));

  const buttons = figuresOf(model.label).map((figure) => h('button', { type: 'button', onclick: () => choose(figure) }, figure.title));
  const choose = (figure) => {
    chosen = figure;
    figuresOf(model.label).forEach((other, i) => buttons[i].setAttribute('aria-pressed', other === figure));
    text(at('error-note'), `${figure.title}: ${figure.meaning}, of the model and of guesses on the same examples.`);
    if (latest !== null) {
      show(latest);
      plot.rebuild();
    }
  };
  at('figures').replaceChildren(...buttons);
  choose(chosen);

  const show = (history) => {
    latest = history;
    const names = [chosen.name, ...Object.keys(chosen.guesses)];
    const columns = names.map((name) => history.figures[name] ?? history.at.map(() => null));
    const own = columns[0].filter(known);
    const description = own.length === 0 ? `${chosen.title} over time: nothing tested yet`
      : `${chosen.title} over time: first ${short(own[0])}, highest ${short(Math.max(...own))}, now ${short(own[own.length - 1])}. `
        + Object.entries(chosen.guesses).map(([name, guess], i) => `${guessName(model.label, guess)}: now ${short(columns[i + 1].at(-1))}`).join('; ');
    plot.show([seconds(history), ...columns], description);
  };
  return show;
}
