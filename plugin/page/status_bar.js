// StatusBar: whether the server is there, and what its index holds. It asks now and then, more
// often while something is being indexed; an answer that does not come means that the connection is
// gone.

import {h, refill} from './element.js';
import {countOf, plural} from './format.js';
import {signInState, signOut} from './sign_in.js';

const askSeconds = 15;
const askWhileIndexingSeconds = 1;
const patienceSeconds = 20;

export class StatusBar {
  constructor(app) {
    this.app = app;
    this.light = h('i', {class: 'light', 'aria-hidden': 'true'});
    this.line = h('span', {class: 'status-line'});
    this.sheet = h('dl', {class: 'status-sheet'});
    this.element = h('details', {class: 'status'},
                     h('summary', {}, this.light, h('span', {class: 'unseen'}, 'Status: '), this.line), this.sheet);
    this.banner = h('div', {class: 'banner', hidden: true});
    app.connection.addEventListener('change', () => this.changed());
    document.addEventListener('click', event => {
      if (!this.element.contains(event.target)) this.element.open = false;
    });
    this.changed();
  }

  changed() {
    const {connection} = this.app;
    clearInterval(this.countdown);
    this.element.dataset.state = connection.state;
    if (connection.state === 'open') {
      if (this.wasLost) this.app.announce('Connected again');
      this.wasLost = false;
      this.banner.hidden = true;
      this.ask();
      signInState().then(state => {
        this.reader = state?.needed ? state.signed_in : null;
        this.print();
      });
    } else if (connection.state === 'waiting') {
      if (!this.wasLost) this.app.announce('The connection is lost; trying again');
      this.wasLost = true;
      this.tellWaiting();
      this.countdown = setInterval(() => this.tellWaiting(), 500);
    } else if (connection.state === 'locked') {
      this.banner.hidden = true;
    }
    this.print();
  }

  tellWaiting() {
    const {connection} = this.app;
    const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
    this.banner.hidden = false;
    refill(this.banner,
           h('span', {}, connection.wasOpen ? 'The connection to the server is lost. '
                                            : 'The server does not answer. ',
             seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…'),
           h('button', {type: 'button', onclick: () => connection.retryNow()}, 'Try now'));
  }

  /** Asks for the state of the index, and arranges to ask again. */
  async ask() {
    clearTimeout(this.timer);
    const {connection} = this.app;
    const slow = setTimeout(() => connection.drop(), patienceSeconds * 1000);
    try {
      const {index} = await connection.callTool('list_documents', {limit: 1, max_tokens: 64});
      this.app.noteIndex(index);
      if (!this.version) await this.introduce();
    } catch {
      // A lost connection tells of itself.
    } finally {
      clearTimeout(slow);
      const seconds = this.app.index?.indexing ? askWhileIndexingSeconds : askSeconds;
      if (connection.state === 'open') this.timer = setTimeout(() => this.ask(), seconds * 1000);
    }
  }

  async leave() {
    await signOut();
    this.element.open = false;
    this.app.connection.drop();
    this.app.connection.retryNow();  // which is refused, and asks for a token
  }

  async introduce() {
    const about = await this.app.connection.request('server/discover');
    this.version = about._meta?.['io.modelcontextprotocol/serverInfo']?.version ?? '?';
    this.print();
  }

  print() {
    const {connection, index} = this.app;
    const states = {connecting: 'Connecting…', waiting: 'Not connected', locked: 'Locked'};
    const indexing = index?.indexing;
    refill(this.line, states[connection.state]
        ?? (indexing ? `Indexing ${countOf(indexing.done)} of ${countOf(indexing.total)}`
                     : index ? plural(index.documents, 'document') : 'Connected'));
    const row = (name, value) => [h('dt', {}, name), h('dd', {}, value)];
    refill(this.sheet, row('Server', connection.url.replace(/^ws/, 'http').replace(/mcp$/, '')),
           row('Connection', states[connection.state] ?? 'open, WebSocket'),
           index && [row('Documents', countOf(index.documents)), row('Chunks', countOf(index.chunks)),
                     row('Revision', index.revision)],
           indexing && row('Indexing', [
             `${countOf(indexing.done)} of ${countOf(indexing.total)} files `,
             h('progress', {max: Math.max(1, indexing.total), value: indexing.done, 'aria-label': 'Files indexed'}),
           ]),
           this.version && row('Version', this.version),
           this.reader && row('Signed in as', [
             this.reader, ' ',
             h('button', {type: 'button', class: 'quiet', onclick: () => this.leave()}, 'Sign out'),
           ]));
  }
}
