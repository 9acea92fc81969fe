// CoverageGrid: a cell for each chunk in scope, the likeliest first, filled as the verdicts come
// in. What a chunk was found to be shows in its colour. Where there are more chunks than room, a
// cell stands for several, and the legend says for how many.
//
// A server that tells only counts, not which chunk was judged, fills the cells in order instead.

import {h, refill} from './element.js';
import {countOf, plural} from './format.js';

const unread = 0;
const none = 1;
const failed = 2;
const relevant = 3;
const cellNames = ['unread', 'read', 'failed', 'relevant'];
const kindOfLetter = {n: none, r: relevant, f: failed};

const largestCell = 14;
const smallestCell = 4;
const tallest = 200;  // pixels
const gapOf = cell => cell < 7 ? 1 : 2;

/** "120 read, 3 relevant, 1 failed, …": the counts in a message of progress. */
export function countsOf(message) {
  const counts = {};
  for (const [, number, name] of message.matchAll(/(\d+) (read|relevant|failed)\b/g)) {
    counts[name] = Number(number);
  }
  return counts;
}

export class CoverageGrid {
  constructor() {
    this.cells = [];    // as known
    this.drawn = [];    // as drawn: a frame behind
    this.changed = [];  // the cells between the two, in the order of their verdicts
    this.exact = false;
    this.frame = 0;
    this.counts = {read: 0, relevant: 0, failed: 0, total: 0};
    this.canvas = h('canvas', {class: 'grid', 'aria-hidden': 'true'});
    this.numbers = h('div', {class: 'grid-numbers'});
    this.legend = h('div', {class: 'grid-legend'});
    this.bar = h('div', {class: 'grid-box', role: 'progressbar', 'aria-label': 'Chunks read',
                         'aria-valuemin': 0}, this.canvas);
    this.element = h('figure', {class: 'coverage'}, this.numbers, this.bar, this.legend);
    new ResizeObserver(() => this.draw()).observe(this.bar);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    new MutationObserver(() => this.draw())
        .observe(document.documentElement, {attributeFilter: ['data-theme']});
  }

  /** The counts so far: read (of which relevant), failed, total. */
  update(counts) {
    if (counts.total !== this.cells.length) this.resize(counts.total);
    if (!this.exact) this.fill(counts);
    this.counts = {...counts};
    this.tell();
    this.animate();
  }

  /** Verdicts by position: [[first, "nnrf"], ...]. */
  mark(runs) {
    this.exact = true;
    for (const [first, letters] of runs) {
      if (first + letters.length > this.cells.length) this.resize(first + letters.length);
      for (let i = 0; i < letters.length; ++i) this.set(first + i, kindOfLetter[letters[i]] ?? none);
    }
    this.animate();
  }

  set(cell, kind) {
    if (this.cells[cell] === kind) return;
    this.cells[cell] = kind;
    this.changed.push(cell);
  }

  resize(total) {
    for (const name of ['cells', 'drawn']) {
      const longer = new Uint8Array(total);
      longer.set(this[name].slice(0, total));
      this[name] = longer;
    }
    this.changed = this.changed.filter(cell => cell < total);
  }

  /** Brings the cells to these counts, in order. */
  fill(counts) {
    const missing = {[relevant]: counts.relevant, [failed]: counts.failed, [none]: counts.read - counts.relevant};
    const spare = [];
    for (let cell = 0; cell < this.cells.length; ++cell) {
      const kind = this.cells[cell];
      if (kind !== unread && missing[kind] > 0) {
        --missing[kind];
      } else {
        spare.push(cell);  // not judged, or what failed before and was read since
      }
    }
    const kinds = [relevant, none, failed].filter(kind => missing[kind] > 0);
    for (const cell of spare) {
      const kind = kinds.find(one => missing[one] > 0);
      if (kind === undefined && this.cells[cell] === unread) break;
      this.set(cell, kind ?? unread);
      if (kind !== undefined) --missing[kind];
    }
  }

  tell() {
    const {read, relevant: good, failed: bad, total} = this.counts;
    refill(this.numbers, h('strong', {}, countOf(read)), ` of ${plural(total, 'chunk')} read`,
           h('span', {class: 'dot'}, ' · '), h('strong', {class: 'good'}, countOf(good)), ' relevant',
           bad > 0 && [h('span', {class: 'dot'}, ' · '),
                       h('strong', {class: 'bad'}, countOf(bad)), ' failed']);
    this.bar.setAttribute('aria-valuemax', total);
    this.bar.setAttribute('aria-valuenow', read + bad);
    this.bar.setAttribute('aria-valuetext', this.numbers.textContent);
  }

  /** Some of what has changed with each frame, so that one sees it come. */
  animate() {
    if (this.frame !== 0) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const step = () => {
      const some = this.changed.splice(0, still ? this.changed.length : Math.ceil(this.changed.length / 6));
      for (const cell of some) this.drawn[cell] = this.cells[cell];
      this.draw();
      this.frame = this.changed.length > 0 ? requestAnimationFrame(step) : 0;
    };
    this.frame = requestAnimationFrame(step);
  }

  /** How large cells are, and how many chunks one stands for, so that all fit. */
  layout(width) {
    const total = this.cells.length;
    for (let cell = largestCell;; --cell) {
      const step = cell + gapOf(cell);
      const columns = Math.floor((width + gapOf(cell)) / step);
      const most = Math.floor((tallest + gapOf(cell)) / step) * columns;
      if (total > most && cell > smallestCell) continue;
      const share = Math.max(1, Math.ceil(total / most));
      return {cell, step, columns, share, rows: Math.ceil(Math.ceil(total / share) / columns)};
    }
  }

  draw() {
    const width = this.bar.clientWidth;
    if (width === 0 || this.cells.length === 0) return;
    const {cell, step, columns, rows, share} = this.layout(width);
    const scale = window.devicePixelRatio || 1;
    const height = rows * step - gapOf(cell);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.height = `${height}px`;
    this.explain(share);
    // The legend's own colours: dark and light are resolved there.
    const colours = cellNames.map(
        name => getComputedStyle(this.legend.querySelector(`.key-${name}`)).backgroundColor);
    const context = this.canvas.getContext('2d');
    context.scale(scale, scale);
    for (let i = 0, at = 0; at < this.drawn.length; ++i, at += share) {
      // Of several chunks the most telling shows.
      let kind = unread;
      for (let one = at; one < Math.min(at + share, this.drawn.length); ++one) kind = Math.max(kind, this.drawn[one]);
      context.fillStyle = colours[kind];
      context.fillRect((i % columns) * step, Math.floor(i / columns) * step, cell, cell);
    }
  }

  explain(share) {
    if (this.explained === share) return;
    this.explained = share;
    const key = (name, text) => h('span', {}, h('i', {class: `key key-${name}`}), text);
    refill(this.legend, h('span', {}, share === 1 ? 'One cell a chunk' : `${share} chunks a cell`),
           key('relevant', 'relevant'), key('read', 'read, nothing'), key('failed', 'failed'),
           key('unread', 'not read'));
  }
}
