/* Listens to the server's events and hands each to the part of the page that shows it. */
import { at, text } from './dom.js';
import { append } from './history.js';
import { errorChart } from './error-chart.js';
import { flowChart } from './flow-chart.js';
import { truthChart } from './truth.js';
import { askForm } from './ask.js';
import { showInputs } from './inputs.js';
import { showLetters } from './letters.js';
import { showNetwork, showWires } from './network.js';
import { showGradients, showWeights } from './weights.js';
import { snapshotList } from './snapshots.js';
import { showTiles } from './tiles.js';
import { showVerdict } from './verdict.js';

/** How long without a new record until it no longer counts as learning, in seconds. */
const IDLE = 5;

let model = null;
let parts = null;
let history = null;
let snapshot = null;
let sight = null;
let latest = null;

/** Examples that the model has seen: more than this process counted, if it went on from a stored one. */
const learnedBy = (progress) => Math.max(progress.learned, snapshot?.learned ?? 0, sight?.learned ?? 0);

function onModel(document_) {
  model = document_;
  document.title = `${model.name} · Millrace`;
  text(at('name'), model.name);
  parts ??= { error: errorChart(model), flow: flowChart(), truth: truthChart(model), ask: askForm(model), snapshots: snapshotList() };
  showNetwork(model);
}

function onProgress(progress) {
  latest = progress;
  append(history, progress);
  const learned = learnedBy(progress);
  showVerdict(model, progress, learned);
  showTiles({ progress, history, snapshot, learned });
  parts.error(history);
  parts.flow(history);
  const before = Math.max(0, history.at.findLastIndex((millis) => millis <= progress.at - 1000 * IDLE));
  const moved = history.learned.at(-1) > history.learned[before];
  state(moved ? 'learning' : progress.ready ? 'idle' : 'starting', moved ? 'Learning' : progress.ready ? 'Waiting for records' : 'Starting');
}

function onSnapshot(document_) {
  snapshot = document_;
  parts.snapshots();
  if (latest !== null) {
    showTiles({ progress: latest, history, snapshot, learned: learnedBy(latest) });
  }
  showWeights(snapshot);
  showWires(model, snapshot);
}

function onSight(document_) {
  sight = document_;
  parts.truth(sight);
  parts.ask(sight.record);
  showInputs(sight);
  showGradients(sight);
}

function state(name, words) {
  at('status').dataset.state = name;
  text(at('status'), words);
}

const events = new EventSource('/events');
const on = (name, handle) => events.addEventListener(name, (event) => handle(JSON.parse(event.data)));
on('model', onModel);
on('history', (document_) => { history = document_; });
on('progress', onProgress);
on('snapshot', onSnapshot);
on('sight', onSight);
on('dead-letters', (document_) => showLetters(document_, model.topics.dead_letters));
events.addEventListener('error', () => state('lost', 'Connection lost'));
