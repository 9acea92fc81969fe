// AttachView: what to paste where, so that a front end uses this server's tools.

import {h, refill} from './element.js';

const titles = {
  'claude-code': 'Claude Code', http: 'Any client that speaks Streamable HTTP', sse: 'Any client that speaks SSE',
  'claude-desktop': 'Claude Desktop', vscode: 'VS Code', cursor: 'Cursor', zed: 'Zed',
  'lm-studio': 'LM Studio', librechat: 'LibreChat, over WebSocket',
  'librechat-http': 'LibreChat', 'open-webui': 'Open WebUI', continue: 'Continue',
  'cherry-studio': 'Cherry Studio', 'qwen-agent': 'Qwen-Agent', chatgpt: 'ChatGPT',
};
const copiedSeconds = 2;

const suffixes = {'-http': '', '-ws': ', over WebSocket'};

/** "foo-bar" is "Foo bar" where no better name is known. */
function titleOf(name) {
  if (titles[name]) return titles[name];
  for (const [suffix, words] of Object.entries(suffixes)) {
    if (name.endsWith(suffix)) return titleOf(name.slice(0, -suffix.length)) + words;
  }
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('-', ' ');
}

/** How this page reaches the server is how a front end on this machine can. */
function withAddress(text) {
  const mcp = new URL('mcp', document.baseURI);
  const base = new URL('.', document.baseURI).href.replace(/\/$/, '');
  return text.replaceAll('@WS_URL@', mcp.href.replace(/^http/, 'ws').replace(/#.*/, ''))
      .replaceAll('@URL@', mcp.href).replaceAll('@BASE_URL@', base).replaceAll('@ADDRESS@', mcp.host);
}

export class AttachView {
  constructor(app) {
    this.app = app;
    this.output = h('div', {class: 'output'});
    this.element = h('div', {class: 'view'}, h('div', {class: 'slip plain'},
      h('h2', {}, 'Attach a front end'),
      h('p', {}, 'Each of these gives a front end the tools of this server. ',
        h('code', {}, 'callslip connect'), ' prints the same.')), this.output);
  }

  focus() { this.output.querySelector('summary')?.focus(); }

  async show() {
    if (this.shown) return;
    try {
      const answer = await fetch('snippets.json', {credentials: 'same-origin'});
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const {snippets} = await answer.json();
      this.print(snippets);
      this.shown = true;
    } catch (error) {
      refill(this.output, h('div', {class: 'problem', role: 'alert'}, h('p', {}, error.message),
        h('button', {type: 'button', onclick: () => this.show()}, 'Try again')));
    }
  }

  print(snippets) {
    const groups = [
      ['Attached to this running server', snippets.filter(one => one.attaches)],
      ['Starting the server by themselves', snippets.filter(one => !one.attaches)],
    ];
    refill(this.output, groups.filter(([, members]) => members.length > 0).map(([name, members]) =>
      h('section', {}, h('h2', {class: 'group'}, name), members.map(one => this.snippet(one)))));
  }

  snippet({name, where, notes, text}) {
    const code = h('code', {}, withAddress(text));
    const copy = h('button', {type: 'button', class: 'quiet', onclick: () => this.copy(code, copy)}, 'Copy');
    return h('details', {class: 'snippet', id: `attach-${name}`},
             h('summary', {}, titleOf(name)),
             h('div', {class: 'snippet-head'}, h('span', {class: 'hint'}, where), copy),
             notes.map(note => h('p', {class: 'hint after'}, withAddress(note))),
             h('pre', {tabindex: 0, 'aria-label': `Configuration for ${titleOf(name)}`}, code));
  }

  async copy(code, button) {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Without TLS a page may not use the clipboard: select it, for the keyboard to copy.
      getSelection().selectAllChildren(code);
      refill(button, 'Press Ctrl+C');
      this.app.announce('Selected: press Control C to copy');
      return;
    }
    refill(button, 'Copied');
    this.app.announce('Copied');
    setTimeout(() => refill(button, 'Copy'), copiedSeconds * 1000);
  }
}
