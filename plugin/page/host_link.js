// HostLink: the view's side of MCP Apps (2026-01-26): JSON-RPC by postMessage with the host that
// embeds this document. Only the embedding window is listened to.

const protocolVersion = '2026-01-26';

export class HostLink extends EventTarget {
  constructor(host = window.parent) {
    super();
    this.host = host;
    this.nextId = 1;
    this.calls = new Map();
    this.context = {};
    this.capabilities = {};
    addEventListener('message', ({source, data}) => {
      if (source === this.host && data?.jsonrpc === '2.0') this.receive(data);
    });
  }

  /** Introduces the view. From then on events tell what comes: "tool-input" and the like, with what
   * it says as detail, and "context". */
  async start() {
    const told = await this.request('ui/initialize', {
      protocolVersion,
      appInfo: {name: 'callslip-result', title: 'Callslip', version: '1'},
      appCapabilities: {availableDisplayModes: ['inline', 'fullscreen']},
    });
    this.capabilities = told?.hostCapabilities ?? {};
    this.learn(told?.hostContext ?? {});
    this.send({method: 'ui/notifications/initialized', params: {}});
  }

  receive(message) {
    if (message.method === undefined) {
      const call = this.calls.get(message.id);
      this.calls.delete(message.id);
      if (message.error) call?.reject(new Error(message.error.message));
      else call?.resolve(message.result);
    } else if (message.id !== undefined) {
      const known = message.method === 'ping' || message.method === 'ui/resource-teardown';
      this.send(known ? {id: message.id, result: {}}
                      : {id: message.id, error: {code: -32601, message: 'unknown method'}});
    } else if (message.method === 'ui/notifications/host-context-changed') {
      this.learn(message.params ?? {});
    } else if (message.method.startsWith('ui/notifications/')) {
      const name = message.method.slice('ui/notifications/'.length);
      this.dispatchEvent(new CustomEvent(name, {detail: message.params ?? {}}));
    }
  }

  learn(context) {
    this.context = {...this.context, ...context};
    this.dispatchEvent(new CustomEvent('context', {detail: this.context}));
  }

  send(message) { this.host.postMessage({jsonrpc: '2.0', ...message}, '*'); }

  request(method, params) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.calls.set(id, {resolve, reject});
      this.send({id, method, params});
    });
  }

  get callsTools() { return this.capabilities.serverTools !== undefined; }
  get opensLinks() { return this.capabilities.openLinks !== undefined; }

  /** The structured result of a tool of the server that this view came from. */
  async callTool(name, args) {
    const result = await this.request('tools/call', {name, arguments: args});
    if (result.isError) throw new Error(result.content.map(block => block.text ?? '').join('\n'));
    return result.structuredContent;
  }

  /** Tells the host how much room the document takes, whenever that changes. */
  reportSize() {
    const root = document.documentElement;
    let told = '';
    const report = () => {
      const size = {width: Math.ceil(root.scrollWidth), height: Math.ceil(document.body.getBoundingClientRect().height)};
      if (told === JSON.stringify(size)) return;
      told = JSON.stringify(size);
      this.send({method: 'ui/notifications/size-changed', params: size});
    };
    new ResizeObserver(report).observe(document.body);
    report();
  }
}
