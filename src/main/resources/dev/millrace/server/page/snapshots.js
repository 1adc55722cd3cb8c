import { at, h, tableHead, text } from './dom.js';
import { bytes, clock, short, whole } from './format.js';

const EVERY = 15_000;
const FIGURES = ['rmse', 'baseline_mean_rmse', 'accuracy', 'baseline_majority_accuracy'];

/** The versions that can be gone back to. Gives a function that is to be told of each new snapshot. */
export function snapshotList() {
  let asked = 0;
  let shown = '';
  const refresh = async () => {
    asked = Date.now();
    let list;
    try {
      const response = await fetch('/snapshots');
      if (!response.ok) {
        return;
      }
      list = await response.json();
    } catch {
      return; // the next snapshot asks again
    }
    if (JSON.stringify(list) !== shown) {
      shown = JSON.stringify(list);
      show(list, refresh);
    }
  };
  refresh();
  return () => {
    if (Date.now() - asked > EVERY) {
      refresh();
    }
  };
}

function show({ snapshots, control }, refresh) {
  if (snapshots.length === 0) {
    return;
  }
  const figures = FIGURES.filter((figure) => figure in snapshots.at(-1).window);
  text(at('snapshots-note'), control ? 'The learner can go back to each of these: weights, optimizer and scaler. What was counted and tested stays.'
    : 'To go back from here, set http: token in the configuration; from a shell: millrace snapshots rollback VERSION.');
  const newest = snapshots.at(-1).version;
  at('snapshots').replaceChildren(tableHead('#Version', 'Written', '#Labelled', ...figures.map((figure) => `#${figure.replaceAll('_', ' ')}`), '#Bytes', 'Next record', 'Go back'),
    h('tbody', {}, ...snapshots.toReversed().map((one) => h('tr', { 'data-version': one.version },
      h('td', { class: 'number' }, whole(one.version)), h('td', {}, one.timestamp < 0 ? '' : clock(one.timestamp)), h('td', { class: 'number' }, whole(one.labelled)),
      ...figures.map((figure) => h('td', { class: 'number' }, one.window[figure] != null ? short(one.window[figure]) : '')),
      h('td', { class: 'number' }, bytes(one.bytes)),
      h('td', {}, Object.entries(one.source_offsets).map(([partition, offset]) => `${partition}: ${whole(offset)}`).join(', ')),
      h('td', {}, one.version === newest ? 'newest' : control
        ? h('button', { type: 'button', onclick: () => choose(one.version, refresh) }, 'Go back to ', whole(one.version)) : '')))));
}

/** Asks for the token, which is kept nowhere. */
function choose(version, refresh) {
  const token = h('input', { id: 'token', type: 'password', autocomplete: 'off', required: '' });
  const answer = h('output', { for: 'token' });
  const form = at('rollback');
  form.replaceChildren(h('label', { for: 'token' }, `Token to go back to version ${whole(version)}`), token,
    h('button', { type: 'submit', class: 'main' }, 'Go back'), h('button', { type: 'button', onclick: () => form.replaceChildren() }, 'Stay'), answer);
  form.onsubmit = async (event) => {
    event.preventDefault();
    answer.replaceChildren('Waiting for the learner…');
    answer.replaceChildren(await rollBack(version, token.value));
    await refresh();
  };
  token.focus();
}

async function rollBack(version, token) {
  try {
    const response = await fetch('/control', {
      method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ command: 'rollback', version }),
    });
    const reply = await response.json();
    return response.ok ? h('span', {}, `The learner is at version ${whole(reply.version)} again.`) : h('span', { class: 'error' }, reply.error);
  } catch (error) {
    return h('span', { class: 'error' }, `No answer: ${error.message}`);
  }
}
