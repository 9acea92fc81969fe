// A WebSocket client that knows JSON-RPC and nothing of MCP: it can send what a well-behaved
// client would not.

import assert from 'node:assert/strict';

import {eventually} from './callslip.mjs';

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': {name: 'callslip-e2e', version: '1'},
  'io.modelcontextprotocol/clientCapabilities': {},
};

export class RawClient {
  static async connect(url) {
    const client = new RawClient();
    client.messages = [];
    client.nextId = 1;
    client.socket = new WebSocket(url, 'mcp');
    client.socket.addEventListener('message', ({data}) => client.messages.push(JSON.parse(data)));
    client.closed = new Promise(resolve => client.socket.addEventListener('close', resolve));
    await new Promise((resolve, reject) => {
      client.socket.addEventListener('open', resolve);
      client.socket.addEventListener('error', () => reject(new Error(`no connection to ${url}`)));
    });
    return client;
  }

  /** A string as it is, anything else as JSON. */
  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The message after the first `seen` that `wanted` accepts. */
  receive(what, wanted, seen = 0) {
    return eventually(what, () => {
      const found = this.messages.slice(seen).find(wanted);
      assert.ok(found || this.socket.readyState === WebSocket.OPEN, `closed before ${what}`);
      return found;
    });
  }

  /** The whole reply, error or result. */
  async request(method, params) {
    const id = this.nextId++;
    this.send({jsonrpc: '2.0', id, method, ...(params === undefined ? {} : {params})});
    return this.receive(`the reply to ${method}`, message => message.id === id);
  }

  /** The structured content of a call that must succeed. */
  async call(name, args = {}) {
    const {result, error} = await this.request('tools/call', {name, arguments: args});
    assert.ok(result && !result.isError, JSON.stringify(error ?? result));
    return result.structuredContent;
  }

  /** A request of the 2026-07-28 era; `meta` adds to or replaces what it carries. */
  modern(method, params = {}, meta = {}) {
    return this.request(method, {...params, _meta: {...modernMeta, ...meta}});
  }
}
