import { h, s } from './dom.js';
import { brief, short } from './format.js';

/**
 * Bars of a histogram document with its ends and its mean below; in words for those who do not see it.
 *
 * @param name for the words
 * @param caption before the mean
 * @param kind a class of the style sheet
 */
export function histogram(name, { count, least, greatest, mean, deviation, bins }, caption = 'mean', kind = '') {
  if (count === 0) {
    return h('p', { class: 'quiet' }, 'no values');
  }
  const most = Math.max(...bins);
  const path = least === greatest ? `M${bins.length / 2 - 0.5} 100V0h1V100z`
    : bins.map((size, i) => (size === 0 ? '' : `M${i + 0.05} 100V${100 - Math.max(3, (100 * size) / most)}h.9V100z`)).join('');
  return h('div', {},
    s('svg', {
      class: `histogram ${kind}`, viewBox: `0 0 ${bins.length} 100`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': `${name}: from ${short(least)} to ${short(greatest)}, mean ${short(mean)}, standard deviation ${short(deviation)}`,
    }, s('path', { d: path })),
    h('div', { class: 'ends', 'aria-hidden': 'true' }, h('span', {}, brief(least)), h('span', {}, brief(greatest))),
    h('p', { class: 'quiet', 'aria-hidden': 'true' }, `${caption} ${brief(mean)} ± ${brief(deviation)}`));
}
