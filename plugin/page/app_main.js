// The view of one result that hosts embed in a conversation (MCP Apps): what doc_search or
// read_chunks answered, as the page shows it.

import {h, put, refill} from './element.js';
import {cardStack, chunkCard} from './chunk_card.js';
import {CoverageGrid} from './coverage_grid.js';
import {notesOf, placeOf, plural} from './format.js';
import {sought} from './highlight.js';
import {HostLink} from './host_link.js';
import {readingResult} from './reading_result.js';

const cardsAtFirst = 4;  // a conversation is no place for twenty
const neighbours = 1;

class ResultApp {
  constructor(host, root) {
    this.host = host;
    this.root = root;
    this.args = {};
    this.result = null;
    this.wentOn = false;
    host.addEventListener('context', ({detail}) => this.dress(detail));
    host.addEventListener('tool-input-partial', ({detail}) => this.asked(detail.arguments));
    host.addEventListener('tool-input', ({detail}) => this.asked(detail.arguments));
    host.addEventListener('tool-result', ({detail}) => this.show(detail));
    host.addEventListener('tool-cancelled', () => this.say('Cancelled.'));
  }

  /** The host's colours and type, and its idea of dark and light. */
  dress(context) {
    const root = document.documentElement;
    if (context.theme) root.dataset.theme = context.theme;
    for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
      if (name.startsWith('--') && typeof value === 'string') root.style.setProperty(name, value);
    }
    const insets = context.safeAreaInsets ?? {};
    for (const side of ['top', 'right', 'bottom', 'left']) {
      root.style.setProperty(`--inset-${side}`, `${Number(insets[side]) || 0}px`);
    }
  }

  get wanted() {
    const {query, question, keywords, exact} = this.args;
    const list = given => Array.isArray(given) ? given.map(String) : [];
    return sought(String(query ?? question ?? ''), list(keywords), list(exact));
  }

  asked(args) {
    this.args = args ?? {};
    if (this.result) return;
    const about = this.args.query ?? this.args.question;
    if (about) this.say(this.args.query ? `Searching for “${about}”…` : `Reading for “${about}”…`);
  }

  say(text) { refill(this.root, h('p', {class: 'waiting', role: 'status'}, text)); }

  show(result) {
    if (result.isError || !result.structuredContent) {
      const text = (result.content ?? []).map(block => block.text ?? '').join('\n');
      refill(this.root, h('div', {class: result.isError ? 'problem' : 'card-text'}, text));
      return;
    }
    this.result = result.structuredContent;
    this.print();
  }

  print() {
    const {result} = this;
    refill(this.root, result.coverage ? this.reading(result) : this.cards(result), this.more(result));
  }

  tools(chunk) {
    const tools = [];
    if (this.host.callsTools) {
      tools.push(h('button', {type: 'button', class: 'quiet',
                              onclick: ({currentTarget}) => this.around(chunk, currentTarget)}, 'Read around it'));
    }
    if (this.host.opensLinks && /^https?:/.test(chunk.uri)) {
      tools.push(h('button', {type: 'button', class: 'quiet', onclick: () =>
        this.host.request('ui/open-link', {url: chunk.uri}).catch(() => {})}, 'Open the source'));
    }
    return tools;
  }

  cards({chunks, matches}) {
    const wanted = this.wanted;
    return [
      h('p', {class: 'summary'}, chunks.length === 0 ? 'No chunk holds these words.'
        : matches === undefined ? plural(chunks.length, 'chunk')
        : `${plural(chunks.length, 'card')} of ${plural(matches, 'matching chunk')}`),
      notesOf(this.result).map(note => h('p', {class: 'note'}, note)),
      cardStack(chunks.map(chunk => chunkCard(chunk, {wanted, tools: this.tools(chunk)})),
                this.wentOn ? Infinity : cardsAtFirst),
    ];
  }

  reading(result) {
    const grid = new CoverageGrid();
    grid.update({...result.coverage, total: result.coverage.in_scope});
    return [grid.element, readingResult(result, this.wanted, {evidence: () => null, chunk: () => null,
                                                              tools: chunk => this.tools(chunk)})];
  }

  more({next_cursor: cursor}) {
    if (!cursor || !this.host.callsTools) return null;
    const button = h('button', {type: 'button', class: 'more', onclick: () => this.goOn(cursor, button)},
                     this.result.next === 'read_more' ? 'Read on' : 'More');
    return button;
  }

  async goOn(cursor, button) {
    button.disabled = true;
    const name = this.result.mode ? 'doc_search' : 'read_chunks';
    const args = name === 'doc_search' ? {...this.args, cursor} : {cursor};
    try {
      const next = await this.host.callTool(name, args);
      const before = this.result;
      this.result = {...next, answer: next.answer ?? before.answer, chunks: [...before.chunks, ...next.chunks],
                     evidence: [...before.evidence ?? [], ...next.evidence ?? []]};
      this.wentOn = true;
      this.print();
    } catch (error) {
      button.disabled = false;
      button.after(h('p', {class: 'problem', role: 'alert'}, error.message));
    }
  }

  /** A chunk and its neighbours, below its card. */
  async around(chunk, button) {
    button.disabled = true;
    try {
      const {chunks} = await this.host.callTool('read_chunks',
          {chunk_ids: [chunk.chunk_id], before: neighbours, after: neighbours});
      button.closest('.card-foot').before(h('div', {class: 'around'}, chunks.map(one =>
        put(h('section', {}), h('div', {class: 'piece-label'}, placeOf(one.location)),
            h('div', {class: 'card-text', dir: 'auto'}, one.text.trim())))));
      button.remove();
    } catch (error) {
      button.disabled = false;
      button.after(h('span', {class: 'problem', role: 'alert'}, error.message));
    }
  }
}

const hostLink = new HostLink();
new ResultApp(hostLink, document.getElementById('result'));
hostLink.start().then(() => hostLink.reportSize());
