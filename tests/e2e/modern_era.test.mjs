// Revision 2026-07-28 over a WebSocket: no handshake, each request stands by itself.

import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import Ajv2020 from 'ajv/dist/2020.js';

import {Workshop} from './support/callslip.mjs';
import {manyDocuments} from './support/documents.mjs';
import {startModel} from './support/model.mjs';
import {RawClient} from './support/raw_client.mjs';
import {calls, listedTools, ResultChecker, textOf, toolNames} from './support/results.mjs';

const version = '2026-07-28';
const infoKey = 'io.modelcontextprotocol/serverInfo';

/** Checks against the schema of the revision; nothing when there is no folder of schemas. */
function loadSchema() {
  const folder = process.env.CALLSLIP_MCP_SCHEMAS;
  const file = folder && path.join(folder, `${version}.schema.json`);
  if (!file || !existsSync(file)) return undefined;
  const ajv = new Ajv2020({allErrors: true, strict: false, validateFormats: false});
  ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')), 'mcp');
  return (name, value) => {
    const validate = ajv.getSchema(`mcp#/$defs/${name}`);
    assert.ok(validate, `the schema defines ${name}`);
    assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors)}`);
  };
}

describe('the modern era', () => {
  const conforms = loadSchema();
  const skip = conforms ? false
                        : 'no schemas: CALLSLIP_MCP_SCHEMAS names no folder with 2026-07-28.schema.json';
  let workshop, server, client;

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed();
    client = await RawClient.connect(server.url);
  });
  after(() => workshop.close());

  async function result(method, params) {
    const reply = await client.modern(method, params);
    assert.ok(reply.result, JSON.stringify(reply));
    assert.equal(reply.result.resultType, 'complete');
    assert.equal(reply.result._meta[infoKey].name, 'callslip');
    return reply.result;
  }

  test('server/discover says what there is', async () => {
    const discovered = await result('server/discover');
    assert.deepEqual(discovered.supportedVersions, [version]);
    assert.ok(discovered.capabilities.tools);
    assert.match(discovered.instructions, /doc_search/);
  });

  test('tools/list may be cached', async () => {
    const {tools, ttlMs, cacheScope} = await result('tools/list');
    assert.deepEqual(tools.map(tool => tool.name), listedTools);
    assert.ok(Number.isInteger(ttlMs) && ttlMs > 0);
    assert.ok(['public', 'private'].includes(cacheScope));
  });

  for (const name of toolNames) {
    test(`tools/call ${name}`, async () => {
      const {tools} = await result('tools/list');
      const called = await result('tools/call', {name, arguments: calls[name]});
      new ResultChecker(tools).check(name, called);
    });
  }

  test('a failed call is a complete result too', async () => {
    const failed = await result('tools/call', {name: 'doc_search', arguments: {}});
    assert.equal(failed.isError, true);
    assert.match(textOf(failed), /query/);
  });

  const errors = {
    'an unknown method': [-32601, c => c.modern('tools/nothing')],
    'initialize, which this era does not have': [-32601, c => c.modern('initialize')],
    'ping, which this era does not have': [-32601, c => c.modern('ping')],
    'an unknown tool': [-32602, c => c.modern('tools/call', {name: 'nothing', arguments: {}})],
    'a bad cursor of the list': [-32602, c => c.modern('tools/list', {cursor: 'nonsense'})],
    'no clientCapabilities': [-32602, c => c.modern(
        'tools/list', {}, {'io.modelcontextprotocol/clientCapabilities': undefined})],
  };
  for (const [what, [code, send]] of Object.entries(errors)) {
    test(`${what}: ${code}`, async () => {
      const reply = await send(client);
      assert.equal(reply.error?.code, code, JSON.stringify(reply));
      assert.ok(reply.error.message);
    });
  }

  for (const requested of ['2099-01-01', '2025-11-25']) {
    test(`version ${requested} in _meta: -32022, with what is supported`, async () => {
      const reply = await client.modern(
          'tools/list', {}, {'io.modelcontextprotocol/protocolVersion': requested});
      assert.equal(reply.error?.code, -32022, JSON.stringify(reply));
      assert.equal(reply.error.data.requested, requested);
      assert.ok(reply.error.data.supported.includes(version));
    });
  }

  test('both eras on one connection, and a plain JSON-RPC client', async () => {
    const plain = await client.request('tools/list');
    assert.equal(plain.result.resultType, undefined);
    assert.deepEqual(plain.result.tools, (await result('tools/list')).tools);
    const legacy = await client.request('initialize', {
      protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'e2e', version: '1'}});
    assert.equal(legacy.result.protocolVersion, '2025-06-18');
    await result('server/discover');
  });

  test('replies are what the schema of the revision says', {skip}, async () => {
    conforms('DiscoverResult', await result('server/discover'));
    conforms('ListToolsResult', await result('tools/list'));
    for (const name of toolNames) {
      conforms('CallToolResult', await result('tools/call', {name, arguments: calls[name]}));
    }
    conforms('CallToolResult', await result('tools/call', {name: 'doc_search', arguments: {}}));
    const wrongVersion = await client.modern(
        'tools/list', {}, {'io.modelcontextprotocol/protocolVersion': '2099-01-01'});
    conforms('UnsupportedProtocolVersionError', wrongVersion);
    conforms('JSONRPCErrorResponse', await client.modern('tools/nothing'));
  });

  // The schema has no null id, and the SDK drops such a message.
  test('an error whose id is unknown is what the schema says', {skip}, async () => {
    const broken = await RawClient.connect(server.url);
    broken.send('not JSON');
    conforms('JSONRPCErrorResponse', await broken.receive('the error', message => message.error));
  });

  test('progress is what the schema says', {skip}, async () => {
    const busy = new Workshop(manyDocuments(30, 3));
    try {
      const model = await startModel(busy, {latency: 50});
      const slow = await busy.serveIndexed(...model.flags, '--reader-concurrency', '1');
      const reader = await RawClient.connect(slow.url);
      const args = {question: 'Where was the sextant?', effort: 'exhaustive'};
      await reader.modern('tools/call', {name: 'read_chunks', arguments: args},
                          {progressToken: 'token-1'});
      const progress = reader.messages.filter(({method}) => method === 'notifications/progress');
      assert.ok(progress.length > 0);
      for (const message of progress) {
        conforms('ProgressNotification', message);
        assert.equal(message.params.progressToken, 'token-1');
      }
    } finally {
      await busy.close();
    }
  });
});
