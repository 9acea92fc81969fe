// CoverageGrid: a cell for each chunk in scope, filled as the verdicts come in. What a chunk was
// found to be shows in its colour; cells stand in the order of the verdicts, to a tenth of a
// second, which is how often the server tells. Where there are more chunks than room, a cell stands
// for several, and the legend says for how many.

import {h, refill} from './element.js';
import {countOf, plural} from './format.js';

const unread = 0;
const none = 1;
const relevant = 2;
const failed = 3;

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
    this.cells = [];
    this.filled = 0;
    this.shown = 0;
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
    if (counts.total !== this.counts.total) this.resize(counts.total);
    const more = {
      [relevant]: counts.relevant - this.counts.relevant,
      [failed]: counts.failed - this.counts.failed,
      [none]: (counts.read - counts.relevant) - (this.counts.read - this.counts.relevant),
    };
    // What failed before may have been read by now; what is fewer than it was gives its cells back.
    for (const kind of [failed, relevant, none]) {
      for (let i = 0; more[kind] < 0 && i < this.filled; ++i) {
        if (this.cells[i] !== kind) continue;
        const other = [relevant, none, failed].find(wanted => more[wanted] > 0);
        this.cells[i] = other ?? unread;
        if (other) --more[other];
        ++more[kind];
      }
    }
    this.fill(more);
    this.counts = {...counts};
    this.tell();
    this.animate();
  }

  resize(total) {
    const cells = new Uint8Array(total);
    cells.set(this.cells.slice(0, Math.min(total, this.cells.length)));
    this.cells = cells;
    this.filled = Math.min(this.filled, total);
  }

  /** Spreads the kinds evenly over the next cells: which of a moment's chunks is which is not told. */
  fill(more) {
    const count = kind => Math.max(0, more[kind]);
    const sum = count(none) + count(relevant) + count(failed);
    const owed = {[none]: 0, [relevant]: 0, [failed]: 0};
    for (let i = 0; i < sum && this.filled < this.cells.length; ++i) {
      let next = none;
      for (const kind of [none, relevant, failed]) {
        owed[kind] += count(kind) / sum;
        if (owed[kind] > owed[next]) next = kind;
      }
      owed[next] -= 1;
      this.cells[this.filled++] = next;
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

  animate() {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const step = () => {
      const left = this.filled - this.shown;
      this.shown = still || left < 0 ? this.filled : this.shown + Math.ceil(left / 5);
      this.draw();
      this.frame = this.shown < this.filled ? requestAnimationFrame(step) : 0;
    };
    if (this.frame === 0) this.frame = requestAnimationFrame(step);
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
    const colours = ['unread', 'read', 'relevant', 'failed'].map(
        name => getComputedStyle(this.legend.querySelector(`.key-${name}`)).backgroundColor);
    const context = this.canvas.getContext('2d');
    context.scale(scale, scale);
    for (let i = 0, at = 0; at < this.cells.length; ++i, at += share) {
      context.fillStyle = colours[this.kindOf(at, Math.min(at + share, this.cells.length))];
      context.fillRect((i % columns) * step, Math.floor(i / columns) * step, cell, cell);
    }
  }

  /** What a cell shows that stands for several chunks: the most telling of them. */
  kindOf(from, to) {
    let kind = unread;
    for (let i = from; i < to; ++i) {
      const one = i < this.shown ? this.cells[i] : unread;
      if (one === relevant) return relevant;
      kind = Math.max(kind, one);
    }
    return kind;
  }

  explain(share) {
    if (this.explained === share) return;
    this.explained = share;
    const key = (name, text) => h('span', {}, h('i', {class: `key ${name}`}), text);
    refill(this.legend, h('span', {}, share === 1 ? 'One cell a chunk' : `${share} chunks a cell`),
           key('key-relevant', 'relevant'), key('key-read', 'read, nothing'),
           key('key-failed', 'failed'), key('key-unread', 'not read'));
  }
}
