// The page: its parts, and what they share. See route.js for what an address shows.

import {h} from './element.js';
import {AttachView} from './attach_view.js';
import {Connection} from './connection.js';
import {DocumentView} from './document_view.js';
import {listenToKeys} from './keyboard.js';
import {LibraryView} from './library_view.js';
import {LoginPanel} from './login_panel.js';
import {asksForToken} from './sign_in.js';
import {ReadingView} from './reading_view.js';
import {closed, fragmentOf, parseRoute} from './route.js';
import {SearchView} from './search_view.js';
import {StatusBar} from './status_bar.js';

const titles = {search: 'Search', read: 'Read', library: 'Documents', attach: 'Attach'};

class App {
  constructor() {
    const url = new URL('mcp', document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    this.connection = new Connection(url.href, asksForToken);
    this.index = null;
    this.evidence = new Map();  // of the last reading, by document
    this.route = parseRoute(location.hash);
    this.status = new StatusBar(this);
    this.login = new LoginPanel(this);
    this.document = new DocumentView(this);
    this.views = {search: new SearchView(this), read: new ReadingView(this),
                  library: new LibraryView(this), attach: new AttachView(this)};
    this.panes = document.getElementById('panes');
    this.speaker = document.getElementById('speaker');
    document.getElementById('status').replaceWith(this.status.element);
    document.getElementById('banner').replaceWith(this.status.banner);
    document.getElementById('view').append(this.login.element,
                                           ...Object.values(this.views).map(view => view.element));
    this.panes.append(this.document.element);
    this.keys = document.getElementById('keys');
    document.getElementById('theme').addEventListener('click', () => this.switchTheme());
    document.querySelector('.skip').addEventListener('click', event => {
      event.preventDefault();  // the fragment is the route
      document.getElementById('view').focus();
    });
    addEventListener('hashchange', () => this.show());
    this.connection.addEventListener('change', () => this.connectionChanged());
    listenToKeys(this);
  }

  start() {
    this.connection.start();
    this.show();
    if (!matchMedia('(pointer: coarse)').matches && !this.route.open) this.view.focus();
  }

  get view() { return this.views[this.route.view]; }

  wanted() { return this.view.wanted ?? this.views.search.wanted; }

  connectionChanged() {
    document.body.classList.toggle('locked', this.connection.state === 'locked');
    // What was asked for before the token was given.
    if (this.connection.state === 'open') this.views.attach.show(this.route);
  }

  noteIndex(index) {
    const old = this.index;
    this.index = index;
    this.status.print();
    if (old && old.revision !== index.revision && this.route.view === 'library') this.views.library.show(this.route);
  }

  /** The evidence of a reading, to be marked in documents. */
  setEvidence(evidence) {
    this.evidence = new Map();
    for (const {document: name, chunk_id: chunk, location} of evidence ?? []) {
      if (!this.evidence.has(name)) this.evidence.set(name, []);
      this.evidence.get(name).push({start: location.byte_start, end: location.byte_end, chunk});
    }
    if (this.document.isOpen) this.document.paint();
  }

  evidenceIn(name) { return [...(this.route.view === 'read' ? this.evidence.get(name) ?? [] : [])]; }

  /** The address of this view with changes, or of another view. */
  link(changes) { return fragmentOf({...closed(this.route), ...changes}); }

  linkTo(route) { return fragmentOf(route); }

  /** `again`: also when the address stays the same, do what it says anew. */
  go(route, {again = false, replace = false} = {}) {
    const fragment = fragmentOf(route);
    if (fragment !== location.hash) {
      const change = replace ? 'replaceState' : 'pushState';
      history[change](null, '', fragment);
    }
    this.show({again});
  }

  show(options) {
    const before = this.route;
    this.route = parseRoute(location.hash);
    for (const [name, view] of Object.entries(this.views)) view.element.hidden = name !== this.route.view;
    for (const link of document.querySelectorAll('[data-view]')) {
      const current = link.dataset.view === this.route.view;
      if (current) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    const asked = this.route.query || this.route.question;
    document.title = `${asked || titles[this.route.view]} · Callslip`;
    this.view.show(this.route, options);
    const had = this.document.isOpen;
    this.document.show(this.route);
    this.panes.classList.toggle('split', this.document.isOpen);
    this.showOpen();
    if (had && !this.document.isOpen) this.focusCard(before.open, before.document);
    if (before.view !== this.route.view && !this.document.isOpen) scrollTo(0, 0);
  }

  /** Marks the card of the chunk that is open. */
  showOpen() {
    for (const card of document.querySelectorAll('.card')) {
      card.classList.toggle('open', this.route.open !== '' && card.dataset.chunk === this.route.open);
    }
  }

  focusCard(chunk) {
    const card = chunk && this.view.element.querySelector(`.card[data-chunk="${CSS.escape(chunk)}"] a`);
    if (card) card.focus();
  }

  /** What j and k move over, in the view that is shown. */
  cards() {
    return [...this.view.element.querySelectorAll('.card h3 a, a.row-name, a.in-place')]
        .filter(link => link.offsetParent !== null);
  }

  focusSearch() {
    if (this.document.isOpen && this.panes.clientWidth < 1000) this.document.leave();
    if (!['search', 'read', 'library'].includes(this.route.view)) this.go({view: 'search'});
    this.view.focus();
  }

  escape(target) {
    if (this.status.element.open) {
      this.status.element.open = false;
    } else if (this.document.isOpen) {
      this.document.leave();
    } else if (target instanceof HTMLElement) {
      target.blur();
    }
  }

  showKeys() { this.keys.showModal(); }

  switchTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme
        ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    dispatchEvent(new CustomEvent('callslip-theme', {detail: dark ? 'light' : 'dark'}));
    this.announce(dark ? 'Light' : 'Dark');
  }

  /** For those who do not see the page. */
  announce(text) { this.speaker.replaceChildren(h('span', {}, text)); }
}

new App().start();
