// LibraryView: what is on the shelves: folders with counts, documents, and a way to look for names.

import {h, icon, iconPaths, refill} from './element.js';
import {nameOf} from './chunk_card.js';
import {field} from './fields.js';
import {countOf, dayOf, nameParts, plural, shortCount} from './format.js';

const limit = 1000;
const tokens = 10000;

export class LibraryView {
  constructor(app) {
    this.app = app;
    this.filter = h('input', {type: 'search', name: 'filter', autocomplete: 'off', spellcheck: 'false',
                              placeholder: 'install, *.md, guide/**'});
    this.form = h('form', {class: 'slip', onsubmit: event => {
      event.preventDefault();
      this.app.go({view: 'library', folder: patternOf(this.filter.value.trim())});
    }}, h('div', {class: 'ask'}, field('Documents by name', null, this.filter),
          h('button', {type: 'submit', class: 'primary'}, 'List')));
    this.output = h('div', {class: 'output'});
    this.element = h('div', {class: 'view'}, this.form, this.output);
  }

  focus() { this.filter.focus(); }

  async show(route) {
    const {revision} = this.app.index ?? {};
    if (this.folder === route.folder && this.revision === revision && this.list) return;
    if (this.folder !== route.folder) this.filter.value = isFolder(route.folder) ? '' : route.folder;
    this.folder = route.folder;
    this.list = null;
    await this.fetch();
  }

  async fetch(cursor) {
    this.abort?.abort();
    this.abort = new AbortController();
    const {signal} = this.abort;
    const args = {limit, max_tokens: tokens};
    if (this.folder) args.documents = [this.folder];
    if (cursor) args.cursor = cursor;
    try {
      const answer = await this.app.connection.callTool('list_documents', args, {signal});
      this.app.noteIndex(answer.index);
      this.revision = answer.index.revision;
      this.list = cursor ? {...answer, documents: [...this.list.documents, ...answer.documents],
                            folders: [...this.list.folders, ...answer.folders]} : answer;
      this.print();
    } catch (error) {
      if (signal.aborted) return;
      refill(this.output, this.crumbs(), h('div', {class: 'problem', role: 'alert'},
        h('p', {}, error.message), h('button', {type: 'button', onclick: () => this.fetch()}, 'Try again')));
    }
  }

  print() {
    const {documents, folders, matches, next_cursor: cursor} = this.list;
    const below = folders.filter(one => one.folder !== this.folder);
    refill(this.output, this.crumbs(),
      h('p', {class: 'summary'}, plural(matches, 'document'),
        this.folder && [' · ', h('a', {href: this.app.linkTo({view: 'search', query: '', documents: [this.folder]})},
                                 'Search only here')]),
      folders.length > below.length && h('p', {class: 'note'},
        `${plural(matches, 'document')} are too many to list; look for a part of their names above.`),
      matches === 0 && h('p', {class: 'empty'}, 'Nothing is indexed yet.'),
      below.length > 0 && h('ul', {class: 'shelf', 'aria-label': 'Folders'}, below.map(one => this.folderRow(one))),
      documents.length > 0 && h('ul', {class: 'shelf', 'aria-label': 'Documents'},
                                documents.map(one => this.documentRow(one))),
      cursor && h('button', {type: 'button', class: 'more', onclick: () => this.fetch(cursor)}, 'More'));
    this.app.showOpen();
  }

  crumbs() {
    if (!this.folder) return null;
    const steps = isFolder(this.folder) ? this.folder.split('/').filter(Boolean) : [];
    const path = count => `${steps.slice(0, count).join('/')}/`;
    return h('nav', {class: 'crumbs', 'aria-label': 'Folder'},
             h('a', {href: '#library='}, 'All'),
             steps.map((step, i) => [' / ', h('a', {href: this.app.linkTo({view: 'library', folder: path(i + 1)})},
                                             step)]),
             steps.length === 0 && [' / ', h('span', {}, this.folder)]);
  }

  folderRow({folder, documents, tokens: size}) {
    // A file at the top is counted like a folder.
    const single = !folder.endsWith('/');
    const href = single ? this.app.link({document: folder, open: '', mark: ''})
                        : this.app.linkTo({view: 'library', folder});
    return h('li', {class: 'row'},
             h('a', {class: 'row-name', href}, !single && icon(iconPaths.folder), nameOf(folder)),
             h('span', {class: 'row-meta'}, `${plural(documents, 'document')} · ${shortCount(size)} tokens`));
  }

  documentRow(one) {
    const base = nameParts(one.document).base;
    const meta = [one.type, plural(one.chunks, 'chunk'), `${shortCount(one.tokens)} tokens`, dayOf(one.modified)];
    if (one.lossy) meta.push('some bytes could not be decoded');
    return h('li', {class: 'row'},
             h('a', {class: 'row-name', href: this.app.link({document: one.document, open: '', mark: ''}),
                     title: `${countOf(one.bytes)} bytes`}, nameOf(one.document)),
             one.title && one.title !== base && h('span', {class: 'row-title', dir: 'auto'}, one.title),
             h('span', {class: 'row-meta'}, meta.filter(Boolean).join(' · ')));
  }
}

const isFolder = name => name === '' || name.endsWith('/');

/** What people type for a part of a name; globs and folders stand as they are. */
function patternOf(text) {
  return text === '' || /[*?/[\]!]/.test(text) ? text : `*${text}*`;
}
