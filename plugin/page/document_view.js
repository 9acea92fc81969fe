// DocumentView: a document to read, opened at a chunk, with more of it above and below as one
// scrolls. Evidence and the query's words are marked in it.

import {h, icon, iconPaths, put, refill} from './element.js';
import {rangeInPiece} from './bytes.js';
import {nameOf} from './chunk_card.js';
import {DocumentText, firstChunkOf} from './document_text.js';
import {countOf, placeOf, plural} from './format.js';
import {marked, rangesOf} from './highlight.js';
import {closed} from './route.js';

const proseTypes = new Set(['markdown', 'text', 'plain', 'html', 'rst', 'asciidoc', 'jsonl', 'pdf', 'docx', 'doc', 'odt',
                            'rtf', 'pptx', 'ppt', 'odp', 'epub', 'email', 'notebook']);
const ahead = '800px 0px';  // more is fetched before one gets there

export class DocumentView {
  constructor(app) {
    this.app = app;
    this.heading = h('h2', {id: 'document-name', tabindex: -1, dir: 'auto'});
    this.source = h('div', {class: 'card-source'});
    this.outline = h('details', {class: 'outline'});
    this.marks = h('div', {class: 'marks'});
    this.text = h('div', {class: 'document-text', lang: ''});
    this.above = h('div', {class: 'edge'});
    this.below = h('div', {class: 'edge'});
    this.scroller = h('div', {class: 'document-scroll', tabindex: 0, role: 'region',
                              'aria-label': 'Text of the document'},
                      this.above, this.text, this.below);
    this.element = h('section', {class: 'document', 'aria-labelledby': 'document-name', hidden: true},
      h('header', {class: 'document-head'},
        h('div', {class: 'document-title'}, this.source, this.heading),
        this.marks,
        h('button', {type: 'button', class: 'icon-button', 'aria-label': 'Close the document',
                     title: 'Close (Esc)', onclick: () => this.leave()}, icon(iconPaths.close)),
        this.outline),
      this.scroller);
    this.watch = new IntersectionObserver(seen => {
      for (const one of seen) if (one.isIntersecting) this.more(one.target === this.above);
    }, {root: this.scroller, rootMargin: ahead});
  }

  get isOpen() { return !this.element.hidden; }

  leave() { this.app.go(closed(this.app.route)); }

  /** Shows what the address says; returns whether a document is open. */
  async show(route) {
    const key = route.open || (route.document && `=${route.document}`);
    if (!key) {
      this.abort?.abort();
      this.key = '';
      this.element.hidden = true;
      return;
    }
    const mark = parseMark(route.mark);
    if (this.key === key) {
      this.mark = mark;
      this.paint();
      this.toTarget();
      return;
    }
    this.key = key;
    this.mark = mark;
    this.element.hidden = false;
    await this.load(route);
  }

  async load(route) {
    this.abort?.abort();
    this.abort = new AbortController();
    const {signal} = this.abort;
    this.watch.disconnect();
    const inside = route.open && this.model?.ids().includes(route.open);
    try {
      if (!inside) {
        refill(this.text, h('p', {class: 'waiting'}, 'Fetching the document…'));
        refill(this.marks);
        const model = new DocumentText(this.app.connection, signal);
        const id = route.open || await firstChunkOf(this.app.connection, route.document, signal);
        await model.open(id);
        this.model = model;
        this.target = id;
        this.headings = new Map();
        this.kind = '';
        await this.describe(signal);
      } else {
        this.model.signal = signal;
        this.target = route.open;
      }
      this.paint();
      this.toTarget();
      this.heading.focus({preventScroll: true});
      this.watch.observe(this.above);
      this.watch.observe(this.below);
    } catch (error) {
      if (signal.aborted) return;
      this.model = null;
      refill(this.heading, 'This document cannot be shown');
      refill(this.source);
      refill(this.outline);
      refill(this.text, h('p', {class: 'problem', role: 'alert'}, error.message));
    }
  }

  /** Title, type and outline. */
  async describe(signal) {
    const {name} = this.model;
    refill(this.source, nameOf(name));
    refill(this.heading, this.model.title || name.slice(name.lastIndexOf('/') + 1));
    const {documents, outline = []} =
        await this.app.connection.callTool('list_documents', {documents: [name], max_tokens: 10000}, {signal});
    this.kind = proseTypes.has(documents[0]?.type) ? 'prose' : 'code';
    this.chunks = documents[0]?.chunks;
    this.headings = new Map(outline.map(entry => [entry.heading.trim(), entry.level]));
    this.outline.hidden = outline.length < 2;
    this.outline.open = false;
    refill(this.outline, h('summary', {}, 'Contents'),
           h('nav', {'aria-label': 'Contents of the document'}, h('ul', {}, outline.map(entry =>
             h('li', {class: `level-${Math.min(entry.level, 4)}`, dir: 'auto'},
               h('a', {href: this.app.link({open: entry.chunk_id, mark: '', document: ''}),
                       onclick: () => { this.outline.open = false; }}, entry.heading))))));
  }

  /** [start, end) in bytes of what proves something here, in the order of the text. */
  proofs() {
    const all = this.app.evidenceIn(this.model.name);
    if (this.mark && !all.some(one => one.start === this.mark.start && one.end === this.mark.end)) {
      all.push({...this.mark, chunk: this.target});
    }
    return all.sort((a, b) => a.start - b.start);
  }

  paint() {
    if (!this.model) return;
    const proofs = this.proofs();
    const wanted = this.app.wanted();
    this.element.classList.toggle('code', this.kind === 'code');
    refill(this.text, this.model.pieces.map(piece => this.piece(piece, proofs, wanted)));
    this.edges();
    this.offerMarks(proofs);
  }

  piece(piece, proofs, wanted) {
    const words = piece.chunk_id === this.target ? rangesOf(piece.text, wanted) : [];
    const spans = proofs.map(({start, end}) => {
      const range = rangeInPiece(piece, start, end);
      return range && {from: range[0], to: range[1], start};
    }).filter(Boolean);
    for (const line of this.headingLines(piece.text)) {
      if (spans.every(span => line.to <= span.from || line.from >= span.to)) spans.push(line);
    }
    spans.sort((a, b) => a.from - b.from);
    const body = h('div', {class: 'piece-text', dir: 'auto'});
    let at = 0;
    for (const span of spans) {
      if (span.from < at) continue;
      put(body, marked(piece.text, words, at, span.from));
      const inner = marked(piece.text, words, span.from, span.to);
      put(body, span.level ? h('span', {class: `heading-line level-${Math.min(span.level, 4)}`}, inner)
                           : h('mark', {class: 'proof', 'data-start': span.start}, inner));
      at = span.to;
    }
    put(body, marked(piece.text, words, at));
    return h('section', {class: `piece${piece.chunk_id === this.target ? ' target' : ''}`,
                         'data-chunk': piece.chunk_id, 'data-start': piece.location.byte_start,
                         'aria-label': placeOf(piece.location)},
             h('div', {class: 'piece-label'}, placeOf(piece.location)), body);
  }

  /** Lines that are headings of the outline, in prose. */
  headingLines(text) {
    const lines = [];
    if (this.kind !== 'prose' || this.headings.size === 0) return lines;
    for (const match of text.matchAll(/[^\n]+/g)) {
      const bare = match[0].replace(/^#{1,6}\s+/, '').replace(/\s+#*\s*$/, '').trim();
      const level = this.headings.get(bare);
      if (level) lines.push({from: match.index, to: match.index + match[0].length, level});
    }
    return lines;
  }

  edges() {
    const {atStart, atEnd} = this.model;
    const button = (up, words) => h('button', {type: 'button', class: 'quiet', onclick: () => this.more(up)},
                                    icon(up ? iconPaths.up : iconPaths.down), words);
    refill(this.above, atStart ? h('span', {class: 'end'}, 'Beginning of the document')
                               : button(true, 'Earlier'));
    refill(this.below, atEnd ? h('span', {class: 'end'}, 'End of the document') : button(false, 'Later'));
  }

  async more(up) {
    if (this.fetching || !this.model || (up ? this.model.atStart : this.model.atEnd)) return;
    this.fetching = true;
    const {model} = this;
    try {
      const came = up ? await model.before() : await model.after();
      if (!came || model !== this.model) return;
      this.keepingPlace(() => this.paint());
      // The edge may still be in sight: an observer tells only of changes.
      const edge = up ? this.above : this.below;
      this.watch.unobserve(edge);
      this.watch.observe(edge);
    } catch (error) {
      if (!model.signal.aborted) {
        refill(up ? this.above : this.below, h('span', {class: 'problem'}, `${error.message} `),
               h('button', {type: 'button', class: 'quiet', onclick: () => this.more(up)}, 'Try again'));
      }
    } finally {
      this.fetching = false;
    }
  }

  /** What is in sight stays where it is, whatever comes above it. */
  keepingPlace(change) {
    const top = this.scroller.getBoundingClientRect().top;
    const seen = [...this.text.children].find(one => one.getBoundingClientRect().bottom > top);
    const start = seen?.dataset.start;
    const offset = seen?.getBoundingClientRect().top;
    change();
    const again = start && this.text.querySelector(`[data-start="${start}"]`);
    if (again) this.scroller.scrollTop += again.getBoundingClientRect().top - offset;
  }

  toTarget() {
    const proof = this.mark && this.text.querySelector(`mark.proof[data-start="${this.mark.start}"]`);
    const piece = this.text.querySelector('.piece.target');
    const goal = proof ?? piece?.querySelector('mark') ?? piece;
    if (!goal) return;
    const box = this.scroller.getBoundingClientRect();
    const third = goal === piece ? 24 : box.height / 3;
    this.scroller.scrollTop += goal.getBoundingClientRect().top - box.top - third;
    for (const old of this.text.querySelectorAll('.current')) old.classList.remove('current');
    proof?.classList.add('current');
  }

  offerMarks(proofs) {
    const at = this.mark ? proofs.findIndex(one => one.start === this.mark.start) : -1;
    refill(this.marks, proofs.length > 0 && [
      h('span', {}, at < 0 ? `${plural(proofs.length, 'passage')} of evidence`
                           : `Evidence ${countOf(at + 1)} of ${countOf(proofs.length)}`),
      h('button', {type: 'button', class: 'icon-button', 'aria-label': 'Previous evidence', title: 'Previous (p)',
                   onclick: () => this.step(-1)}, icon(iconPaths.up)),
      h('button', {type: 'button', class: 'icon-button', 'aria-label': 'Next evidence', title: 'Next (n)',
                   onclick: () => this.step(1)}, icon(iconPaths.down)),
    ]);
  }

  /** To the next evidence in this document, or the one before. */
  step(by) {
    if (!this.model) return;
    const proofs = this.proofs();
    if (proofs.length === 0) return;
    const at = this.mark ? proofs.findIndex(one => one.start === this.mark.start) : by > 0 ? -1 : 0;
    const next = proofs[(at + by + proofs.length) % proofs.length];
    this.app.go({...this.app.route, document: '', open: next.chunk, mark: `${next.start}-${next.end}`},
                {replace: true});
  }
}

function parseMark(text) {
  const match = /^(\d+)-(\d+)$/.exec(text ?? '');
  return match && {start: Number(match[1]), end: Number(match[2])};
}
