import { h, s } from './dom.js';
import { short } from './format.js';

/** Bars of a histogram document with its ends below; in words for those who do not see it. */
export function histogram(name, { count, least, greatest, mean, deviation, bins }, kind = '') {
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
    h('div', { class: 'ends', 'aria-hidden': 'true' }, h('span', {}, short(least)), h('span', {}, `${short(mean)} ± ${short(deviation)}`), h('span', {}, short(greatest))));
}
