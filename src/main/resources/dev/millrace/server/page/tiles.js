import { at, h } from './dom.js';
import { age, bytes, known, whole } from './format.js';

const tile = (name, value, small, kind = '') => h('div', { class: kind }, h('dt', {}, name), h('dd', {}, value), h('dd', { class: 'small' }, small));

/** The counts that an operator looks at first. */
export function showTiles({ progress, history, snapshot, learned }) {
  const rate = (totals) => {
    const back = Math.max(0, totals.length - 6);
    const span = (history.at.at(-1) - history.at[back]) / 1000;
    return span > 0 ? `${whole(Math.max(0, totals.at(-1) - totals[back]) / span)}/s` : ' ';
  };
  const counted = progress.learned + progress.refused;
  at('tiles').replaceChildren(
    tile('Learned', whole(learned), rate(history.learned)),
    tile('Answered', whole(progress.answered), rate(history.answered)),
    tile('Waiting', whole(progress.lag), known(progress.lag) ? 'records in the input' : 'not known yet'),
    tile('Dead letters', whole(progress.refused), progress.refused === 0 ? 'none' : `${((100 * progress.refused) / counted).toFixed(2)} % of labelled`, progress.refused > 0 ? 'bad' : ''),
    tile('Model version', whole(progress.version), 'optimizer steps'),
    snapshot === null ? tile('Newest snapshot', '–', 'none yet')
      : tile('Newest snapshot', whole(snapshot.version), snapshot.at ? `${age((progress.at - snapshot.at) / 1000)}, ${bytes(snapshot.bytes)}` : 'from a file'));
}
