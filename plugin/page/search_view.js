// SearchView: the slip on which one asks, and the cards that come back.

import {h, put, refill} from './element.js';
import {chunkCard} from './chunk_card.js';
import {field, linesInput, linesOf, setLines} from './fields.js';
import {countOf, notesOf, plural} from './format.js';
import {sought} from './highlight.js';
import {viewKey} from './route.js';
import {documentRows, folderRows, nextFolders} from './shelf.js';

const tokens = 10000;
const limit = 20;
const keptResults = 30;
const shelfRows = 12;

export class SearchView {
  constructor(app) {
    this.app = app;
    this.results = new Map();  // by address, for the back button
    this.input = h('input', {type: 'search', name: 'q', autocomplete: 'off', enterkeyhint: 'search',
                             placeholder: 'Words, a question, or "an exact phrase"'});
    this.keywords = linesInput('keywords');
    this.exact = linesInput('exact');
    this.documents = linesInput('documents');
    this.filters = h('details', {class: 'filters'},
      h('summary', {}, 'Narrow the search'),
      h('div', {class: 'filter-fields'},
        field('Further keywords', 'One a line; synonyms, or words of other languages', this.keywords),
        field('Must contain', 'One a line; every chunk holds it literally', this.exact),
        field('Only in', 'One a line; a name, a folder (guide/) or a glob (**/*.md); ! excludes',
              this.documents)));
    this.form = h('form', {class: 'slip', role: 'search', onsubmit: event => {
      event.preventDefault();
      if (matchMedia('(pointer: coarse)').matches) this.input.blur();  // its keyboard hides the results
      this.submit();
    }},
      h('div', {class: 'ask'}, field('Search the documents', null, this.input),
        h('button', {type: 'submit', class: 'primary'}, 'Search')),
      this.filters);
    this.output = h('div', {class: 'output'});
    this.shelf = h('section', {class: 'welcome-shelf'});
    this.element = h('div', {class: 'view'}, this.form, this.output);
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  get wanted() { return this.words ?? sought(''); }

  submit() {
    this.app.go({view: 'search', query: this.input.value.trim(), keywords: linesOf(this.keywords),
                 exact: linesOf(this.exact), documents: linesOf(this.documents)}, {again: true});
  }

  async show(route, {again} = {}) {
    const key = viewKey(route);
    if (key === this.key && !again) return;
    this.key = key;
    this.route = route;
    this.input.value = route.query;
    setLines(this.keywords, route.keywords);
    setLines(this.exact, route.exact);
    setLines(this.documents, route.documents);
    if (route.keywords.length + route.exact.length + route.documents.length > 0) this.filters.open = true;
    this.words = sought(route.query, route.keywords, route.exact);
    this.abort?.abort();
    if (!route.query) {
      this.welcome();
      return;
    }
    const kept = this.results.get(key);
    if (kept && !again) {
      this.print(kept);
      return;
    }
    this.results.delete(key);
    await this.ask(key);
  }

  async ask(key, cursor) {
    this.abort = new AbortController();
    const {signal} = this.abort;
    const {query, keywords, exact, documents} = this.route;
    const args = {query, limit, max_tokens: tokens, whole: false};
    if (keywords.length > 0) args.keywords = keywords;
    if (exact.length > 0) args.exact = exact;
    if (documents.length > 0) args.documents = documents;
    if (cursor) args.cursor = cursor;
    this.element.setAttribute('aria-busy', 'true');
    if (!cursor) this.waiting();
    try {
      const answer = await this.app.connection.callTool('doc_search', args, {signal});
      this.app.noteIndex(answer.index);
      const before = cursor ? this.results.get(key) : null;
      const all = before ? {...answer, relaxed: before.relaxed, chunks: [...before.chunks, ...answer.chunks]}
                         : answer;
      this.keep(key, all);
      if (key !== this.key) return;
      this.print(all, before?.chunks.length);
      this.app.announce(cursor ? `${plural(answer.chunks.length, 'more result')}`
                               : `${plural(all.matches, 'matching chunk')}`);
    } catch (error) {
      if (signal.aborted) return;
      this.problem(error, () => this.ask(key, cursor));
    } finally {
      if (!signal.aborted) this.element.removeAttribute('aria-busy');
    }
  }

  keep(key, answer) {
    this.results.delete(key);
    this.results.set(key, answer);
    if (this.results.size > keptResults) this.results.delete(this.results.keys().next().value);
  }

  waiting() {
    // Only when it takes a while: what is there otherwise flickers.
    const {signal} = this.abort;
    setTimeout(() => {
      if (signal.aborted || !this.element.hasAttribute('aria-busy')) return;
      refill(this.output, h('p', {class: 'waiting'}, 'Searching…'));
    }, 250);
  }

  problem(error, again) {
    refill(this.output, h('div', {class: 'problem', role: 'alert'}, h('p', {}, error.message),
                          h('button', {type: 'button', onclick: again}, 'Try again')));
  }

  print(answer, firstNew = 0) {
    const {chunks, matches, next_cursor: cursor} = answer;
    const notes = notesOf(answer);
    if (chunks.length === 0) {
      refill(this.output, this.nothing(notes));
      return;
    }
    const cards = chunks.map(chunk =>
      chunkCard(chunk, {wanted: this.words, href: this.app.link({open: chunk.chunk_id})}));
    const more = cursor && h('button', {type: 'button', class: 'more',
                                        onclick: () => this.ask(this.key, cursor)},
                             `More of the ${countOf(matches)}`);
    refill(this.output,
           h('p', {class: 'summary'}, `${plural(chunks.length, 'card')} of ${plural(matches, 'matching chunk')}`,
             ' · ', h('a', {href: this.app.linkTo({view: 'read', question: this.route.query,
                                                   documents: this.route.documents})},
                      'Read for this instead')),
           notes.map(note => h('p', {class: 'note'}, note)),
           h('h2', {class: 'unseen'}, 'Results'), h('div', {class: 'cards'}, cards), more);
    if (firstNew > 0) cards[firstNew]?.querySelector('a').focus();
    this.app.showOpen();
  }

  nothing(notes) {
    return h('div', {class: 'empty'}, h('p', {}, 'No chunk holds these words.'),
             notes.map(note => h('p', {class: 'note'}, note)),
             h('p', {}, 'Reading finds what shares no word with the question: ',
               h('a', {href: this.app.linkTo({view: 'read', question: this.route.query,
                                              documents: this.route.documents})},
                 'read for it chunk by chunk'), '.'));
  }

  welcome() {
    refill(this.output, h('div', {class: 'welcome'},
      h('p', {}, 'Search finds the chunks that hold your words, best first. When that does not answer, ',
        h('a', {href: '#read='}, 'read'), ' has every chunk judged for a question.'),
      put(h('p', {class: 'keys'}), h('kbd', {}, '/'), ' search  ', h('kbd', {}, 'j'), ' ', h('kbd', {}, 'k'),
          ' move  ', h('kbd', {}, 'Enter'), ' open  ', h('kbd', {}, 'Esc'), ' close  ',
          h('kbd', {}, '?'), ' all keys')), this.shelf);
    this.fillShelf();
  }

  /** What there is, below the empty slip. */
  async fillShelf() {
    if (this.route.documents.length > 0) return refill(this.shelf);
    this.abort = new AbortController();
    const {signal} = this.abort;
    try {
      const {folders, documents, matches, index} =
          await this.app.connection.callTool('list_documents', {limit: shelfRows, max_tokens: tokens}, {signal});
      this.app.noteIndex(index);
      const {below} = nextFolders(folders, '');
      const all = matches > 0 && h('a', {href: '#library='}, `All of the ${plural(matches, 'document')}`);
      refill(this.shelf, matches > 0 ? h('h2', {class: 'group'}, 'On the shelves')
                                     : h('p', {class: 'note'}, 'Nothing is indexed yet.'),
             below.length > 0 && folderRows(below.slice(0, shelfRows), this.app),
             documents.length > 0 && documentRows(documents, this.app), all);
    } catch (error) {
      if (!signal.aborted) refill(this.shelf);
    }
  }
}
