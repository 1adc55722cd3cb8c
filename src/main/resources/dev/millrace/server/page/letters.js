import { at, h, tableHead, text } from './dom.js';
import { bytes, clock, whole } from './format.js';

/** The latest records that could not be used, and why. */
export function showLetters({ letters }, topic) {
  if (letters.length === 0) {
    return;
  }
  text(at('letters-note'), `The latest ${whole(letters.length)} records that this instance could not use. They went to ${topic} and changed nothing else.`);
  at('letters').replaceChildren(tableHead('At', 'Reason', 'What was wrong', 'Where', 'Record'),
    h('tbody', {}, ...letters.map((letter) => h('tr', {}, h('td', {}, clock(letter.at)), h('td', {}, letter.reason), h('td', {}, letter.detail),
      h('td', {}, letter.place), h('td', {}, h('code', {}, letter.key === '' ? '' : `${letter.key}: `, letter.value), ` ${bytes(letter.value_bytes)}`)))));
}
