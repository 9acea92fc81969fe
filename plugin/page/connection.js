// Connection: MCP over one WebSocket, of the 2026-07-28 era, which needs no handshake. It connects
// again by itself, waiting longer each time, and says so by "change" events.
//
// state: "connecting", "open", "waiting" (retryAt says until when), "locked" (a token is asked
// for).

const retrySeconds = [0.5, 1, 2, 4, 8, 15];
const openSeconds = 10;

const requestMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': {name: 'callslip-page', version: '1'},
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The connection went before the answer came. */
export class ConnectionLost extends Error {
  constructor() { super('The connection to the server was lost before the answer came.'); }
}

/** What the server answered with instead of a result. */
export class ServerError extends Error {}

export class Connection extends EventTarget {
  /** `url` of the WebSocket; `asksForToken` tells whether the server lets nobody in without one. */
  constructor(url, asksForToken) {
    super();
    this.url = url;
    this.asksForToken = asksForToken;
    this.state = 'connecting';
    this.retryAt = 0;
    this.failures = 0;
    this.wasOpen = false;  // ever
    this.nextId = 1;
    this.calls = new Map();   // in flight, by id
    this.waiters = new Set();  // for the connection to open
    this.timer = 0;
    addEventListener('online', () => this.retryNow());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.retryNow();
    });
  }

  start() { this.connect(); }

  /** At once, where it would wait. */
  retryNow() {
    if (this.state === 'waiting' || this.state === 'locked') this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    this.become('connecting');
    const socket = new WebSocket(this.url, ['mcp']);
    this.socket = socket;
    const slow = setTimeout(() => socket.close(), openSeconds * 1000);
    socket.addEventListener('open', () => {
      clearTimeout(slow);
      this.failures = 0;
      this.wasOpen = true;
      this.become('open');
      for (const {resolve} of [...this.waiters]) resolve();
    });
    socket.addEventListener('message', ({data}) => this.receive(data));
    socket.addEventListener('close', () => {
      clearTimeout(slow);
      if (this.socket === socket) this.lost();
    });
  }

  /** A server that is silently gone shows no closing: whoever notices says it here. */
  drop() {
    const socket = this.socket;
    if (!socket || this.state !== 'open') return;
    this.lost();
    socket.close();
  }

  async lost() {
    this.socket = null;
    const refused = this.state === 'connecting';
    for (const call of [...this.calls.values()]) call.fail(new ConnectionLost());
    this.calls.clear();
    const seconds = retrySeconds[Math.min(this.failures, retrySeconds.length - 1)];
    this.failures += 1;
    this.retryAt = Date.now() + seconds * 1000 * (0.8 + Math.random() * 0.4);
    this.become('waiting');
    this.timer = setTimeout(() => this.connect(), this.retryAt - Date.now());
    // A browser does not tell why a WebSocket was refused.
    if (refused && await this.asksForToken() && this.state === 'waiting') {
      clearTimeout(this.timer);
      this.failures = 0;
      this.become('locked');
    }
  }

  become(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }

  receive(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message.method === 'notifications/progress') {
      this.calls.get(message.params?.progressToken)?.progress(message.params);
      return;
    }
    if (message.method === 'notifications/callslip/verdicts') {
      this.calls.get(message.params?.requestId)?.verdicts(message.params);
      return;
    }
    const call = this.calls.get(message.id);
    if (!call) return;
    this.calls.delete(message.id);
    if (message.error) {
      call.fail(new ServerError(message.error.message));
    } else {
      call.done(message.result);
    }
  }

  opened(signal) {
    if (this.state === 'open') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = {resolve: () => { this.waiters.delete(waiter); resolve(); }};
      this.waiters.add(waiter);
      signal?.addEventListener('abort', () => { this.waiters.delete(waiter); reject(signal.reason); });
    });
  }

  /** `options`: signal, which cancels; onProgress(params); onVerdicts(params), of readings. Waits
   * until it is connected. */
  async request(method, params = {}, {signal, onProgress, onVerdicts} = {}) {
    await this.opened(signal);
    signal?.throwIfAborted();
    const id = this.nextId++;
    const meta = {...requestMeta};
    if (onProgress) meta.progressToken = id;
    if (onVerdicts) meta['callslip/verdicts'] = true;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        if (!this.calls.delete(id)) return;
        this.send({method: 'notifications/cancelled', params: {requestId: id}});
        reject(signal.reason);
      };
      signal?.addEventListener('abort', cancel);
      const settle = () => signal?.removeEventListener('abort', cancel);
      this.calls.set(id, {
        progress: told => onProgress?.(told),
        verdicts: told => onVerdicts?.(told),
        done: result => { settle(); resolve(result); },
        fail: error => { settle(); reject(error); },
      });
      this.send({id, method, params: {...params, _meta: meta}});
    });
  }

  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({jsonrpc: '2.0', ...message}));
  }

  /** The structured result of a tool; what the tool complains of is thrown. */
  async callTool(name, args, options) {
    const result = await this.request('tools/call', {name, arguments: args}, options);
    if (result.isError) {
      throw new ServerError(result.content.map(block => block.text ?? '').join('\n'));
    }
    return result.structuredContent;
  }
}
