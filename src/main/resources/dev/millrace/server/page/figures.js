/* What the quality figures mean: `share` is a share of records, `less` is better when smaller, guesses are what to compare with. */

export const GUESSES = { mean: 'always guessing the mean', last: 'repeating the last value', majority: 'always guessing the most frequent class' };
const LAST_CLASS = 'repeating the last class';

const REGRESSION = [
  { name: 'rmse', title: 'RMSE', meaning: 'root mean squared error', guesses: { baseline_mean_rmse: 'mean', baseline_last_rmse: 'last' } },
  { name: 'mae', title: 'MAE', meaning: 'mean absolute error', guesses: { baseline_mean_mae: 'mean', baseline_last_mae: 'last' } },
  { name: 'r2', title: 'R²', meaning: 'share of the variance that is explained: 1 is perfect, 0 is as good as the mean', guesses: {} },
];

const CLASSIFICATION = [
  { name: 'accuracy', title: 'Accuracy', meaning: 'share of right answers, more is better', guesses: { baseline_majority_accuracy: 'majority', baseline_last_accuracy: 'last' } },
  { name: 'log_loss', title: 'Log loss', meaning: 'how surprised the model was by the truth, less is better', guesses: {} },
  { name: 'kappa', title: 'Kappa', meaning: 'accuracy beyond chance: 1 is perfect, 0 is chance', guesses: {} },
];

export const figuresOf = (label) => (label.kind === 'regression' ? REGRESSION : CLASSIFICATION);

export const guessName = (label, guess) => (guess === 'last' && label.kind !== 'regression' ? LAST_CLASS : GUESSES[guess]);

/** In which unit a regression's numbers are. */
export const unit = (label) => (label.kind === 'regression' && label.scale !== 1 ? `${label.field} × ${label.scale}` : label.field);
