// LibraryView: what is on the shelves: folders with counts, documents, and a way to look for names.

import {h, refill} from './element.js';
import {field} from './fields.js';
import {plural} from './format.js';
import {documentRows, folderRows, nextFolders} from './shelf.js';

const limit = 100;       // more are told by folder
const largeLimit = 1000;  // of the documents of one folder
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
    if (this.folder === route.folder && this.revision === revision && this.shown) return;
    if (this.folder !== route.folder) this.filter.value = isFolder(route.folder) ? '' : route.folder;
    this.folder = route.folder;
    this.shown = null;
    await this.fetch();
  }

  list(args, signal) {
    return this.app.connection.callTool('list_documents', {max_tokens: tokens, ...args}, {signal});
  }

  async fetch() {
    this.abort?.abort();
    this.abort = new AbortController();
    const {signal} = this.abort;
    const documents = this.folder ? [this.folder] : [];
    try {
      const answer = await this.list({limit, documents}, signal);
      this.app.noteIndex(answer.index);
      this.revision = answer.index.revision;
      const {below, own} = nextFolders(answer.folders, isFolder(this.folder) ? this.folder : '');
      this.shown = {matches: answer.matches, folders: below, documents: answer.documents, args: {limit, documents},
                    cursor: answer.next_cursor};
      if (own > 0 || (!isFolder(this.folder) && below.length > 0)) {
        // Those that stand in the folder itself; or all that a pattern names.
        const args = {limit: largeLimit, documents: own > 0 ? [`${this.folder}*`] : documents};
        const inside = await this.list(args, signal);
        Object.assign(this.shown, {args, documents: inside.documents, cursor: inside.next_cursor,
                                   tooMany: inside.documents.length === 0});
        if (own === 0 && inside.documents.length > 0) this.shown.folders = [];
      }
      this.print();
    } catch (error) {
      if (signal.aborted) return;
      refill(this.output, this.crumbs(), h('div', {class: 'problem', role: 'alert'},
        h('p', {}, error.message), h('button', {type: 'button', onclick: () => this.fetch()}, 'Try again')));
    }
  }

  async more() {
    const {args, cursor, documents} = this.shown;
    try {
      const answer = await this.list({...args, cursor}, this.abort.signal);
      Object.assign(this.shown, {documents: [...documents, ...answer.documents], cursor: answer.next_cursor});
      this.print();
    } catch (error) {
      if (!this.abort.signal.aborted) this.app.announce(error.message);
    }
  }

  print() {
    const {documents, folders, matches, cursor, tooMany} = this.shown;
    refill(this.output, this.crumbs(),
      h('p', {class: 'summary'}, plural(matches, 'document'),
        this.folder && [' · ', h('a', {href: this.app.linkTo({view: 'search', query: '', documents: [this.folder]})},
                                 'Search only here')]),
      tooMany && h('p', {class: 'note'}, 'Too many documents stand here to list: look for a part of their names.'),
      matches === 0 && h('p', {class: 'empty'}, 'Nothing is indexed yet.'),
      folders.length > 0 && folderRows(folders, this.app),
      documents.length > 0 && documentRows(documents, this.app),
      cursor && h('button', {type: 'button', class: 'more', onclick: () => this.more()}, 'More'));
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
}

const isFolder = name => name === '' || name.endsWith('/');

/** What people type for a part of a name; globs and folders stand as they are. */
function patternOf(text) {
  return text === '' || /[*?/[\]!]/.test(text) ? text : `*${text}*`;
}
