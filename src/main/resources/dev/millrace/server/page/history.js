/* What the server has seen since it started, and every second from then on; thinned out when it grows long. */
const MOST = 1500;

const columns = (history) => [history.at, history.learned, history.answered, history.lag, ...Object.values(history.figures)];

/** Adds what a progress event tells. */
export function append(history, progress) {
  const { at } = history;
  if (at.length > 0 && progress.at <= at[at.length - 1]) {
    return;
  }
  const before = at.length;
  at.push(progress.at);
  history.learned.push(progress.learned);
  history.answered.push(progress.answered);
  history.lag.push(progress.lag);
  for (const [name, value] of Object.entries(progress.figures)) {
    history.figures[name] ??= new Array(before).fill(null);
    history.figures[name].push(value);
  }
  if (at.length > MOST) {
    columns(history).forEach((column) => column.splice(0, column.length, ...column.filter((_, i) => i % 2 === 0)));
  }
}

export const seconds = (history) => history.at.map((millis) => millis / 1000);

/** Per second, from totals; null at the beginning and after a restart. */
export function rates(history, totals) {
  return totals.map((total, i) => {
    const span = i === 0 ? 0 : (history.at[i] - history.at[i - 1]) / 1000;
    return span > 0 && total >= totals[i - 1] ? (total - totals[i - 1]) / span : null;
  });
}
