// The TypeScript SDK over Streamable HTTP: version 1, as most front ends have it, with a session;
// and version 2 in each of its ways to find out what a server speaks.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {Client as ClientV2, StreamableHTTPClientTransport as TransportV2}
    from '@modelcontextprotocol/client';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {ErrorCode} from '@modelcontextprotocol/sdk/types.js';

import {eventually, Workshop} from './support/callslip.mjs';
import {manyDocuments} from './support/documents.mjs';
import {startModel} from './support/model.mjs';
import {calls, listedTools, ResultChecker, textOf, toolNames} from './support/results.mjs';

const hour = 3600 * 1000;

async function connect(server) {
  const client = new Client({name: 'callslip-e2e', version: '1'});
  client.errors = [];
  client.onerror = error => client.errors.push(error);
  await client.connect(new StreamableHTTPClientTransport(server.httpUrl));
  return client;
}

async function connectV2(server, mode) {
  const client = new ClientV2({name: 'callslip-e2e', version: '1'}, {versionNegotiation: {mode}});
  client.errors = [];
  client.onerror = error => client.errors.push(error);
  await client.connect(new TransportV2(server.httpUrl));
  return client;
}

describe('SDK version 1 over HTTP', () => {
  let workshop, server, client, checker;

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed();
    client = await connect(server);
    checker = new ResultChecker((await client.listTools()).tools);
  });
  after(async () => {
    const errors = [...client?.errors ?? []];  // closing cuts its own stream, and complains of that
    await client?.close();
    await workshop.close();
    assert.deepEqual(errors, [], 'the SDK took every message for what it should be');
  });

  test('has a session', () => {
    assert.match(client.transport.sessionId, /^[\x21-\x7e]{32,}$/);
    assert.equal(client.getServerVersion().name, 'callslip');
    assert.equal(client.transport.protocolVersion, '2025-11-25');
  });

  for (const name of toolNames) {
    test(`${name} answers`, async () => {
      checker.check(name, await client.callTool({name, arguments: calls[name]}));
    });
  }

  test('a failed call is a result, an unknown tool an error', async () => {
    const failed = await client.callTool({name: 'doc_search', arguments: {}});
    assert.equal(failed.isError, true);
    assert.match(textOf(failed), /query/);
    await assert.rejects(client.callTool({name: 'nothing'}), {code: ErrorCode.InvalidParams});
  });

  test('many clients are served at once', async () => {
    const clients = await Promise.all(Array.from({length: 16}, () => connect(server)));
    const results = await Promise.all(clients.flatMap(one => toolNames.map(
        name => one.callTool({name, arguments: calls[name]}).then(result => [name, result]))));
    for (const [name, result] of results) checker.check(name, result);
    await Promise.all(clients.map(one => one.close()));
  });

  test('a session that was ended is not found', async () => {
    const other = await connect(server);
    const {sessionId} = other.transport;
    await other.transport.terminateSession();
    const reply = await fetch(server.httpUrl, {
      method: 'POST',
      headers: {'content-type': 'application/json', 'mcp-session-id': sessionId},
      body: JSON.stringify({jsonrpc: '2.0', id: 1, method: 'ping'}),
    });
    assert.equal(reply.status, 404);
    await other.close();
  });
});

describe('a long call over HTTP', () => {
  let workshop, server, model;

  before(async () => {
    workshop = new Workshop(manyDocuments(60, 3));
    model = await startModel(workshop, {latency: 60});
    server = await workshop.serveIndexed(
        ...model.flags, '--reader-concurrency', '2', '--reader-context', '1024');
  });
  after(() => workshop.close());

  const reading = question => ({name: 'read_chunks',
                                arguments: {question, effort: 'exhaustive', deadline_s: 60}});
  const busy = () => eventually('the reader asks the model', async () =>
      (await model.stats()).in_flight > 0);
  const idle = () => eventually('no call to the model is left', async () =>
      (await model.stats()).in_flight === 0);

  function assertIncreasing(seen) {
    assert.ok(seen.length >= 2, `${seen.length} notifications in about two seconds`);
    seen.forEach(({progress}, i) => {
      assert.ok(i === 0 || progress > seen[i - 1].progress, JSON.stringify(seen));
    });
  }

  test('tells version 1 its progress', async () => {
    const client = await connect(server);
    const seen = [];
    const result = await client.callTool(reading('Where was the sextant?'), undefined,
                                         {timeout: hour, onprogress: p => seen.push(p)});
    assert.equal(result.structuredContent.coverage.complete, true);
    assertIncreasing(seen);
    await client.close();
  });

  test('tells version 2 its progress', async () => {
    const client = await connectV2(server, {pin: '2026-07-28'});
    const seen = [];
    const result = await client.callTool(reading('Where was the anchor?'),
                                         {timeout: hour, onprogress: p => seen.push(p)});
    assert.equal(result.structuredContent.coverage.complete, true);
    assertIncreasing(seen);
    await client.close();
  });

  // A notification in the session; in the modern era the line is cut, which says the same.
  const clients = {
    'version 1': () => connect(server),
    'version 2, modern': () => connectV2(server, {pin: '2026-07-28'}),
  };
  for (const [what, open] of Object.entries(clients)) {
    test(`of ${what} stops when it is cancelled`, async () => {
      await model.control({hang: 1, reset_stats: true});
      const client = await open();
      const cancel = new AbortController();
      const options = {timeout: hour, signal: cancel.signal};
      const call = what === 'version 1'
          ? client.callTool(reading(`Which buoy did ${what} lose?`), undefined, options)
          : client.callTool(reading(`Which buoy did ${what} lose?`), options);
      await busy();
      cancel.abort('no longer wanted');
      await assert.rejects(call, /no longer wanted|abort/i);
      await idle();
      await client.close();
      await model.control({hang: 0});
    });
  }
});

describe('SDK version 2 over HTTP', () => {
  let workshop, server;

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed();
  });
  after(() => workshop.close());

  const modes = {legacy: ['legacy', '2025-11-25'], auto: ['auto', '2026-07-28'],
                 pinned: [{pin: '2026-07-28'}, '2026-07-28']};
  for (const [what, [mode, version]] of Object.entries(modes)) {
    test(`${what}: speaks ${version}, and every tool answers`, async () => {
      const client = await connectV2(server, mode);
      assert.equal(client.getNegotiatedProtocolVersion(), version);
      const {tools} = await client.listTools();
      assert.deepEqual(tools.map(tool => tool.name), listedTools);
      const checker = new ResultChecker(tools);
      for (const name of toolNames) {
        checker.check(name, await client.callTool({name, arguments: calls[name]}));
      }
      const failed = await client.callTool({name: 'doc_search', arguments: {}});
      assert.equal(failed.isError, true);
      await assert.rejects(client.callTool({name: 'nothing', arguments: {}}), {code: -32602});
      await client.close();
      assert.deepEqual(client.errors, []);
    });
  }
});
