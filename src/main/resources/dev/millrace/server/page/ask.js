import { at, h } from './dom.js';
import { percent, short, whole } from './format.js';
import { unit } from './figures.js';

/** The form that asks `/v1` about one record. Gives a function that is to be told of a recent record. */
export function askForm(model) {
  let recent = {};
  let touched = false;
  const fields = model.fields.map((field, i) => ({ ...field, input: input(field, `field-${i}`) }));
  const answer = h('output', { for: fields.map(({ input: element }) => element.id).join(' ') }, h('span', { class: 'quiet' }, 'The answer comes from the newest snapshot.'));
  const take = () => fields.forEach(({ name, input: element }) => {
    if (name in recent) {
      element.value = Array.isArray(recent[name]) ? recent[name].join(', ') : recent[name];
    }
  });
  const form = at('ask');
  form.replaceChildren(
    h('div', { class: 'fields' }, ...fields.map(({ name, input: element }) => h('div', {}, h('label', { for: element.id }, name), element))),
    h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'main' }, 'Predict'),
      h('button', { type: 'button', onclick: take }, 'Fill in a recent record')),
    answer);
  form.addEventListener('input', () => { touched = true; });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.replaceChildren(await reply(model, Object.fromEntries(fields.map((field) => [field.name, value(field)]))));
  });
  return (record) => {
    const first = Object.keys(recent).length === 0;
    recent = record;
    if (first && !touched) {
      take();
    }
  };
}

function input(field, id) {
  if (field.words.length > 0) {
    return h('select', { id }, ...field.words.map((word) => h('option', {}, word)));
  }
  return field.width > 1 ? h('textarea', { id, rows: 3, placeholder: `${field.width} numbers` })
    : h('input', { id, type: field.number ? 'number' : 'text', step: 'any', inputmode: field.number ? 'decimal' : 'text', autocomplete: 'off' });
}

function value({ number, width, input: element }) {
  if (element.value.trim() === '') {
    return null;
  }
  return width > 1 ? element.value.split(/[\s,]+/).filter(Boolean).map(Number) : number ? Number(element.value) : element.value;
}

async function reply(model, instance) {
  let response;
  let answer;
  try {
    response = await fetch(`/v1/models/${encodeURIComponent(model.name)}:predict`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ instances: [instance] }),
    });
    answer = await response.json();
  } catch (error) {
    return h('span', { class: 'error' }, `No answer: ${error.message}`);
  }
  if (!response.ok) {
    return h('span', { class: 'error' }, answer.error);
  }
  const [prediction] = answer.predictions;
  const by = h('span', { class: 'quiet' }, ` by version ${whole(answer.version)}`);
  if (model.label.kind === 'regression') {
    return h('span', {}, h('strong', { 'data-answer': JSON.stringify(prediction) }, prediction.map(short).join(', ')), ` ${unit(model.label)}`, by);
  }
  return h('span', {}, h('strong', { 'data-answer': JSON.stringify(prediction) }, prediction.class), by,
    ...model.label.classes.map((name, i) => h('div', { class: name === prediction.class ? 'bar own' : 'bar' }, h('span', {}, name),
      h('span', {}, percent(prediction.probabilities[i])), h('div', { class: 'track' }, h('div', { class: 'fill', share: prediction.probabilities[i] })))));
}
