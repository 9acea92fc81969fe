// ReadingView: a question, how much is to be read for it, and the reading itself, whose coverage
// fills as the verdicts come in.

import {h, put, refill} from './element.js';
import {nameOf} from './chunk_card.js';
import {CoverageGrid, countsOf} from './coverage_grid.js';
import {field, linesInput, linesOf, setLines} from './fields.js';
import {countOf, plural, secondsOf, shortCount} from './format.js';
import {sought} from './highlight.js';
import {readingResult} from './reading_result.js';
import {viewKey} from './route.js';

const tokens = 10000;
const announceSeconds = 5;
const shownSoFar = 50;
const efforts = [
  ['quick', 'Quick', 'the 64 likeliest chunks'],
  ['standard', 'Standard', 'as long as it finds something'],
  ['exhaustive', 'Exhaustive', 'every chunk'],
];

export class ReadingView {
  constructor(app) {
    this.app = app;
    this.results = new Map();  // by address: {pages, counts}
    this.question = h('textarea', {name: 'question', rows: 2, enterkeyhint: 'go',
                                   placeholder: 'What drives the fog horn?'});
    this.documents = linesInput('documents');
    this.answer = h('input', {type: 'checkbox', name: 'answer', id: 'with-answer'});
    this.efforts = efforts.map(([value, label, hint]) =>
      h('label', {class: 'choice'}, h('input', {type: 'radio', name: 'effort', value}),
        h('span', {class: 'choice-name'}, label), h('span', {class: 'hint'}, hint)));
    this.filters = h('details', {class: 'filters'}, h('summary', {}, 'Narrow the reading'),
      h('div', {class: 'filter-fields'},
        field('Only in', 'One a line; a name, a folder (guide/) or a glob (**/*.md); ! excludes',
              this.documents)));
    this.form = h('form', {class: 'slip', onsubmit: event => {
      event.preventDefault();
      this.submit();
    }},
      field('Question', null, this.question),
      h('fieldset', {class: 'choices'}, h('legend', {}, 'How much to read'), this.efforts),
      h('label', {class: 'check', for: 'with-answer'}, this.answer,
        h('span', {}, 'Have the reader model write an answer')),
      this.filters,
      h('div', {class: 'buttons'}, h('button', {type: 'submit', class: 'primary'}, 'Read'),
        h('button', {type: 'button', onclick: () => this.estimate()}, 'Estimate')));
    this.question.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.output = h('div', {class: 'output'});
    this.element = h('div', {class: 'view'}, this.form, this.output);
  }

  focus() { this.question.focus(); }

  get wanted() { return sought(this.route?.question ?? ''); }

  get effort() { return this.form.elements.effort.value || 'standard'; }

  /** A link fills in the slip; only a person hands it in, as a reading may cost money. */
  show(route, {again} = {}) {
    const key = viewKey(route);
    if (key === this.key && !again) return;
    this.key = key;
    this.route = route;
    this.question.value = route.question;
    this.answer.checked = route.answer;
    setLines(this.documents, route.documents);
    if (route.documents.length > 0) this.filters.open = true;
    for (const input of this.form.querySelectorAll('input[name=effort]')) {
      input.checked = input.value === route.effort;
    }
    this.abort?.abort();
    if (again) {
      this.results.delete(key);
      this.read();
    } else if (this.results.has(key)) {
      this.print();
    } else {
      refill(this.output);
      this.app.setEvidence([]);
    }
  }

  get args() {
    const {question, effort, answer, documents} = this.route;
    const args = {question, effort: effort || 'standard', max_tokens: tokens};
    if (answer) args.answer = true;
    if (documents.length > 0) args.documents = documents;
    return args;
  }

  /** What the slip says, as an address; null when it asks nothing. */
  filledIn() {
    const question = this.question.value.trim();
    if (!question) this.question.focus();
    return question && {view: 'read', question, effort: this.effort, answer: this.answer.checked,
                        documents: linesOf(this.documents)};
  }

  submit() {
    const route = this.filledIn();
    if (route) this.app.go(route, {again: true});
  }

  async estimate() {
    const route = this.filledIn();
    if (!route) return;
    this.app.go(route, {replace: true});
    this.abort?.abort();
    this.abort = new AbortController();
    const {signal} = this.abort;
    try {
      const {plan} = await this.app.connection.callTool('read_chunks', {...this.args, dry_run: true}, {signal});
      refill(this.output, h('p', {class: 'note'}, planText(plan)));
      this.app.announce(planText(plan));
    } catch (error) {
      if (!signal.aborted) this.problem(error, () => this.estimate());
    }
  }

  /** Runs a reading; with a cursor, goes on with one. */
  async read(cursor) {
    this.abort = new AbortController();
    const {signal} = this.abort;
    const key = this.key;
    const kept = this.results.get(key);
    const grid = kept?.grid ?? new CoverageGrid();
    const soFar = new FoundSoFar(one => this.app.link({open: one.chunk_id, document: '', mark: ''}));
    const told = h('p', {class: 'told'}, 'Handing in the slip…');
    const stop = h('button', {type: 'button', class: 'stop', onclick: () => this.cancel()}, 'Stop');
    refill(this.output, grid.element, h('div', {class: 'running'}, told, stop), soFar.element);
    if (!cursor && this.output.getBoundingClientRect().top > innerHeight * 0.7) {
      this.output.scrollIntoView({block: 'start'});  // on a phone the slip fills the screen
    }
    let announced = Date.now();
    const onProgress = ({total, message = ''}) => {
      const {read = 0, relevant = 0, failed = 0} = countsOf(message);
      grid.update({read, relevant, failed, total});
      refill(told, restOf(message));
      if (Date.now() - announced > announceSeconds * 1000) {
        announced = Date.now();
        this.app.announce(`${countOf(read)} of ${plural(total, 'chunk')} read`);
      }
    };
    const onVerdicts = ({runs = [], relevant = []}) => {
      grid.mark(runs);
      soFar.add(relevant);
    };
    const args = cursor ? {cursor, max_tokens: tokens} : this.args;
    this.element.setAttribute('aria-busy', 'true');
    try {
      const result = await this.app.connection.callTool('read_chunks', args, {signal, onProgress, onVerdicts});
      this.app.noteIndex(result.index);
      const counts = {...result.coverage, total: result.coverage.in_scope};
      grid.update(counts);
      this.results.set(key, {pages: [...(kept?.pages ?? []), result], counts, grid});
      if (key !== this.key) return;
      this.print();
      this.app.announce(this.output.querySelector('.verdict')?.textContent ?? 'Done');
    } catch (error) {
      if (signal.aborted) {
        if (key === this.key && signal.reason === 'stopped') this.stopped(grid, kept);
        return;
      }
      this.problem(error, () => this.read(cursor), grid);
    } finally {
      if (key === this.key) this.element.removeAttribute('aria-busy');
    }
  }

  cancel() { this.abort.abort('stopped'); }

  stopped(grid, kept) {
    refill(this.output, grid.element, h('p', {class: 'note'}, 'Stopped.'),
           h('div', {class: 'buttons'},
             h('button', {type: 'button', onclick: () => this.read()}, 'Read from the start'),
             kept && h('button', {type: 'button', onclick: () => this.print()}, 'Back to what was found')));
  }

  problem(error, again, grid) {
    refill(this.output, grid?.element,
           h('div', {class: 'problem', role: 'alert'}, h('p', {}, error.message),
             h('button', {type: 'button', onclick: again}, 'Read again')));
  }

  print() {
    const {pages, grid} = this.results.get(this.key);
    const result = together(pages);
    this.app.setEvidence(result.evidence);
    const links = {
      evidence: one => this.app.link({open: one.chunk_id, document: '',
                                      mark: `${one.location.byte_start}-${one.location.byte_end}`}),
      chunk: one => this.app.link({open: one.chunk_id, document: '', mark: ''}),
    };
    refill(this.output, grid.element, readingResult(result, this.wanted, links), this.next(result));
    this.app.showOpen();
  }

  next({next, next_cursor: cursor, coverage}) {
    if (!cursor) return null;
    const label = next === 'return_more' ? 'Show more of what was found'
                                         : `Read on (${plural(coverage.unread + coverage.failed, 'chunk')} left)`;
    return h('button', {type: 'button', class: 'more', onclick: () => this.read(cursor)}, label);
  }
}

/** What is relevant, as it is found. */
class FoundSoFar {
  constructor(linkTo) {
    this.linkTo = linkTo;
    this.list = h('ul', {class: 'shelf', 'aria-label': 'Relevant so far'});
    this.element = h('section', {class: 'so-far', hidden: true}, h('h2', {}, 'Relevant so far'), this.list);
  }

  add(relevant) {
    for (const one of relevant) {
      if (this.list.childElementCount >= shownSoFar) return;
      put(this.list, h('li', {class: 'row'}, h('a', {class: 'row-name', href: this.linkTo(one)}, nameOf(one.document)),
                       h('span', {class: 'row-meta'}, h('code', {}, one.chunk_id))));
    }
    this.element.hidden = this.list.childElementCount === 0;
  }
}

/** Several answers to one question as one: the last says how it stands. */
function together(pages) {
  const seen = (list, keyOf) => {
    const known = new Map();
    for (const one of list) if (!known.has(keyOf(one))) known.set(keyOf(one), one);
    return [...known.values()];
  };
  const place = one => `${one.chunk_id} ${one.location.byte_start}`;
  return {
    ...pages.at(-1),
    answer: pages.findLast(page => page.answer)?.answer,
    evidence: seen(pages.flatMap(page => page.evidence ?? []), place),
    chunks: seen(pages.flatMap(page => page.chunks), place),
  };
}

/** What the server tells beside the counts: tokens, speed, time left. */
function restOf(message) {
  return message.replace(/^(\d+ (read|relevant|failed),? ?)+/, '') || 'Reading…';
}

function planText(plan) {
  const parts = [`At the most ${plural(plan.chunks, 'chunk')}`, `${shortCount(plan.tokens)} tokens`];
  if (plan.cached > 0) parts.push(`${countOf(plan.cached)} known already`);
  if (plan.calls > 0) {
    parts.push(`${plural(plan.calls, 'call')} to the model`);
    if (plan.seconds > 0) parts.push(`about ${secondsOf(plan.seconds)}`);
  } else {
    parts.push('no call to a model');
  }
  if (plan.price !== undefined) parts.push(`${plan.price.toFixed(4)} at your price`);
  return `${parts.join(' · ')}.`;
}
