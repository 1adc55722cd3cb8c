import { at } from './dom.js';
import { chart, overTime } from './charts.js';
import { known, whole } from './format.js';
import { rates, seconds } from './history.js';

const LINES = [{ label: 'learned/s', color: '--model' }, { label: 'answered/s', color: '--other' }, { label: 'waiting', color: '--guess', dash: [8, 4], scale: 'lag' }];

/** How fast records are handled and how many wait. */
export function flowChart() {
  const range = (_, least, most) => [0, known(most) && most > 0 ? most * 1.1 : 1];
  const plot = chart(at('flow-chart'), 250, () => overTime(LINES, { range, unit: 'records/s' }));
  return (history) => {
    const learned = rates(history, history.learned);
    const answered = rates(history, history.answered);
    plot.show([seconds(history), learned, answered, history.lag],
      `Now ${whole(learned.at(-1))} records a second learned, ${whole(answered.at(-1))} answered, ${whole(history.lag.at(-1))} waiting`);
  };
}
