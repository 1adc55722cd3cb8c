const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export const known = (value) => value !== null && value !== undefined && Number.isFinite(value);
export const whole = (value) => (known(value) ? WHOLE.format(value) : '–');

/** Four significant digits, with a power of ten where there would be too many zeros. */
export function short(value) {
  if (!known(value)) {
    return '–';
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e7) ? value.toExponential(2) : SHORT.format(value);
}

const BRIEF = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Three significant digits, where there is little room. */
export const brief = (value) => (known(value) && Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 ? BRIEF.format(value) : known(value) && value !== 0 ? value.toExponential(1) : short(value));

/** A share as a percentage without the sign of a difference. */
export function percent(share) {
  const value = 100 * Math.abs(share);
  return `${value !== 0 && value < 10 ? value.toFixed(1) : WHOLE.format(value)} %`;
}

export const clock = (millis) => TIME.format(new Date(millis));

export function bytes(count) {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let unit = 0;
  let value = count;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${SHORT.format(value)} ${units[unit]}`;
}

export function age(seconds) {
  if (seconds < 100) {
    return `${WHOLE.format(Math.max(0, seconds))} s ago`;
  }
  const minutes = seconds / 60;
  return minutes < 100 ? `${WHOLE.format(minutes)} min ago` : `${WHOLE.format(minutes / 60)} h ago`;
}
