// The TypeScript SDK's own WebSocket client, as front ends use it.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {WebSocketClientTransport} from '@modelcontextprotocol/sdk/client/websocket.js';
import {EmptyResultSchema, ErrorCode} from '@modelcontextprotocol/sdk/types.js';

import {endWithUs, eventually, Workshop} from './support/callslip.mjs';
import {manyDocuments} from './support/documents.mjs';
import {startModel} from './support/model.mjs';
import {calls, listedTools, ResultChecker, textOf, toolNames} from './support/results.mjs';

const hour = 3600 * 1000;

async function connect(server) {
  const client = new Client({name: 'callslip-e2e', version: '1'});
  client.errors = [];
  client.onerror = error => client.errors.push(error);
  await client.connect(new WebSocketClientTransport(server.url));
  return client;
}

describe('a WebSocket client of the SDK', () => {
  let workshop, server, client, tools, checker;
  const call = (name, args) => client.callTool({name, arguments: args});

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed();
    client = await connect(server);
    ({tools} = await client.listTools());
    checker = new ResultChecker(tools);
  });
  after(() => workshop.close());
  after(async () => {
    await client?.close();
    assert.deepEqual(client?.errors, [], 'the SDK took every message for what it should be');
  });

  test('initializes and learns what the server is', () => {
    assert.equal(client.getServerVersion().name, 'callslip');
    assert.match(client.getServerVersion().version, /^\d+\.\d+\.\d+/);
    assert.ok(client.getServerCapabilities().tools);
    assert.match(client.getInstructions(), /doc_search/);
  });

  test('lists the tools, with schemas that every client can use', () => {
    assert.deepEqual(tools.map(tool => tool.name), listedTools);
    for (const tool of tools) {
      for (const schema of [tool.inputSchema, tool.outputSchema]) {
        assert.equal(schema.type, 'object');
        assert.ok(schema.properties && schema.required, `${tool.name}: properties and required`);
        assert.ok(!JSON.stringify(schema).includes('"$ref"'), `${tool.name} has a $ref`);
        assert.ok(!schema.oneOf && !schema.anyOf && !schema.allOf, `${tool.name} has a union`);
      }
      assert.deepEqual(tool.annotations,
                       {readOnlyHint: true, openWorldHint: false, idempotentHint: true});
    }
    const [search] = tools;
    assert.deepEqual(search.inputSchema.required, ['query']);
  });

  test('the list is the same every time', async () => {
    assert.deepEqual((await client.listTools()).tools, tools);
  });

  for (const name of toolNames) {
    test(`${name} answers; its text and its structured content agree`, async () => {
      checker.check(name, await call(name, calls[name]));
    });
  }

  test('doc_search finds the document, best first', async () => {
    const {structuredContent} = await call('doc_search', calls.doc_search);
    assert.equal(structuredContent.mode, 'ranked');
    assert.equal(structuredContent.chunks[0].document, 'library/handbook/lamp.md');
    const scores = structuredContent.chunks.map(chunk => chunk.score);
    assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
  });

  const searches = {
    'a Chinese question': ['茉莉花茶在哪里？', 'library/zh/灯塔.md'],
    'a Russian question': ['куда смотритель записывает высоту волн', 'library/ru/маяк.txt'],
    'words of a comment in C': ['harmonic constants fitted to the gauge', 'library/source/tide_table.c'],
    'words of a web page': ['petrels nest', 'library/web/birds.html'],
  };
  for (const [what, [query, document]] of Object.entries(searches)) {
    test(`doc_search answers ${what}`, async () => {
      const result = await call('doc_search', {query, whole: false});
      checker.check('doc_search', result);
      assert.equal(result.structuredContent.chunks[0]?.document, document);
    });
  }

  test('a small library comes whole, without ranking', async () => {
    const result = await call('doc_search', {query: 'fog'});
    checker.check('doc_search', result);
    assert.equal(result.structuredContent.mode, 'whole');
    const seen = new Set(result.structuredContent.chunks.map(chunk => chunk.document));
    assert.equal(seen.size, result.structuredContent.index.documents);
  });

  test('extracted text of a web page says so, and has no markup', async () => {
    const {structuredContent} = await call('doc_search', {query: 'owl', documents: ['*.html']});
    const [chunk] = structuredContent.chunks;
    assert.equal(chunk.location.of, 'extracted');
    assert.match(chunk.text, /under the causeway & return/);
    assert.doesNotMatch(chunk.text, /<p>|teal/);
  });

  test('exact literals bound the result', async () => {
    const {structuredContent} = await call('doc_search', {query: 'causeway', exact: ['cos(phase)']});
    assert.deepEqual(structuredContent.chunks.map(chunk => chunk.document),
                     ['library/source/tide_table.c']);
  });

  test('detail "ids" and "snippet" tell less', async () => {
    const full = await call('doc_search', {query: 'causeway', whole: false});
    const ids = await call('doc_search', {query: 'causeway', whole: false, detail: 'ids'});
    const snippet = await call('doc_search', {query: 'causeway', whole: false, detail: 'snippet'});
    for (const result of [ids, snippet]) checker.conforms('doc_search', result);
    const of = result => result.structuredContent.chunks.map(chunk => chunk.chunk_id);
    assert.deepEqual(of(ids), of(full));
    const places = result => result.structuredContent.chunks.map(chunk => chunk.location);
    assert.deepEqual(places(ids), places(full));
    assert.ok(textOf(ids).length < textOf(snippet).length);
    assert.ok(textOf(snippet).length < textOf(full).length);
  });

  // The text of a chunk that is not sent must not count against max_tokens.
  test('detail "ids" pays for what it sends only', async () => {
    const args = {query: 'causeway', whole: false, detail: 'ids', max_tokens: 220};
    const {structuredContent: {chunks, matches}} = await call('doc_search', args);
    assert.equal(chunks.length, matches);
    for (const chunk of chunks) assert.ok(!chunk.truncated, JSON.stringify(chunk));
  });

  test('a cursor goes on where the page ended, to the end', async () => {
    const all = await call('doc_search', {query: 'causeway lighthouse', whole: false});
    const seen = [];
    let cursor;
    do {
      const page = await call('doc_search', {query: 'causeway lighthouse', whole: false, limit: 1, cursor});
      checker.check('doc_search', page);
      seen.push(...page.structuredContent.chunks.map(chunk => chunk.chunk_id));
      cursor = page.structuredContent.next_cursor;
      assert.ok(seen.length <= 20, 'the cursors end');
    } while (cursor);
    assert.deepEqual(seen, all.structuredContent.chunks.map(chunk => chunk.chunk_id));
  });

  test('read_chunks accounts for every chunk and quotes verbatim', async () => {
    const result = await call('read_chunks', {...calls.read_chunks, effort: 'exhaustive'});
    checker.check('read_chunks', result);
    const {status, evidence, coverage, index} = result.structuredContent;
    assert.equal(status, 'found');
    assert.ok(evidence.some(quote => quote.text.includes('driven by compressed air')));
    assert.equal(coverage.in_scope, index.chunks);
    assert.equal(coverage.in_scope, coverage.read + coverage.failed + coverage.unread);
    assert.equal(coverage.complete, true);
  });

  test('read_chunks says when nothing is relevant', async () => {
    const result = await call('read_chunks', {question: 'Which enzyme folds mitochondrial proteins?'});
    checker.check('read_chunks', result);
    assert.equal(result.structuredContent.status, 'nothing_relevant');
    assert.deepEqual(result.structuredContent.evidence, []);
  });

  test('read_chunks returns chunks by their ids, verbatim', async () => {
    const found = await call('doc_search', {query: 'ferry Petrel', whole: false, limit: 1});
    const [{chunk_id, text}] = found.structuredContent.chunks;
    const result = await call('read_chunks', {chunk_ids: [chunk_id]});
    checker.check('read_chunks', result);
    assert.deepEqual(result.structuredContent.chunks.map(chunk => chunk.text), [text]);
  });

  test('list_documents names all, and outlines one', async () => {
    const all = await call('list_documents', {});
    assert.equal(all.structuredContent.documents.length, 7);
    const one = await call('list_documents', {documents: ['library/handbook/lamp.md']});
    checker.check('list_documents', one);
    for (const heading of ['The lamp', 'Fog', 'Storm glass']) {
      assert.ok(one.structuredContent.outline.some(entry => entry.heading === heading), heading);
      assert.ok(textOf(one).includes(heading));
    }
  });

  const badCalls = {
    'a missing argument': ['doc_search', {}, /query/],
    'an argument of the wrong type': ['doc_search', {query: 7}, /query.*string/],
    'a wrong choice': ['doc_search', {query: 'x', detail: 'most'}, /detail.*full/],
    'a list of the wrong type': ['doc_search', {query: 'x', keywords: 'y'}, /keywords.*array/],
    'a bad cursor': ['doc_search', {query: 'x', cursor: 'nonsense'}, /cursor/],
    'a document that is not there': ['doc_search', {query: 'x', documents: ['library/handbook/lamb.md']},
                                     /lamb\.md[^]*lamp\.md/],
    'no question, ids or cursor': ['read_chunks', {}, /question/],
    'a chunk that is not there': ['read_chunks', {chunk_ids: ['zzzzzzzzzzz:0']}, /zzzzzzzzzzz/],
    'a cursor of no reading': ['read_chunks', {cursor: 'nonsense'}, /cursor/],
    'a bad cursor of the list': ['list_documents', {cursor: 'nonsense'}, /cursor/],
  };
  for (const [what, [name, args, expected]] of Object.entries(badCalls)) {
    test(`${name} with ${what}: an error result that says which`, async () => {
      const result = await call(name, args);
      assert.equal(result.isError, true);
      assert.equal(result.structuredContent, undefined);
      assert.match(textOf(result), expected);
    });
  }

  test('an argument out of range is clamped, and that is said', async () => {
    const result = await call('doc_search', {query: 'fog', limit: 1_000_000, max_tokens: 1});
    checker.conforms('doc_search', result);
    assert.match(textOf(result), /limit lowered to 200/);
    assert.match(textOf(result), /max_tokens raised to 64/);
  });

  test('an unknown tool is a protocol error', async () => {
    await assert.rejects(call('no_such_tool', {}), error => {
      assert.equal(error.code, ErrorCode.InvalidParams);
      assert.match(error.message, /no_such_tool/);
      return true;
    });
  });

  test('an unknown method gets an answer', async () => {
    await assert.rejects(client.request({method: 'no/such'}, EmptyResultSchema),
                         {code: ErrorCode.MethodNotFound});
  });

  test('a client reads by itself, chunk by chunk', async () => {
    const args = {question: calls.read_chunks.question, reader: 'caller', effort: 'exhaustive',
                  max_tokens: 1500};
    let result = await client.callTool({name: 'read_chunks', arguments: args});
    let handed = 0;
    while (result.structuredContent?.next === 'submit_readings') {
      const {chunks, next_cursor: cursor} = result.structuredContent;
      handed += chunks.length;
      const readings = chunks.map(({chunk_id, text}) => ({
        chunk_id, sentences: text.split('\n').filter(line => line.includes('horn')),
      }));
      result = await client.callTool(
          {name: 'submit_readings', arguments: {cursor, readings, max_tokens: 1500}});
      checker.check('submit_readings', result);
    }
    const {status, coverage, evidence} = result.structuredContent;
    assert.equal(status, 'found', textOf(result));
    assert.equal(coverage.read, handed);
    assert.equal(coverage.complete, true);
    assert.ok(evidence.every(({text}) => text.length > 0));
  });

  test('many clients are served at once', async () => {
    const clients = await Promise.all(Array.from({length: 24}, () => connect(server)));
    const results = await Promise.all(clients.flatMap(one => toolNames.map(
        name => one.callTool({name, arguments: calls[name]}).then(result => [name, result]))));
    for (const [name, result] of results) checker.check(name, result);
    await Promise.all(clients.map(one => one.close()));
  });
});

describe('a long call', () => {
  let workshop, server, model, client;

  before(async () => {
    workshop = new Workshop(manyDocuments(60, 3));
    model = await startModel(workshop, {latency: 60});
    // A small window: several calls to the model, so that there is something to wait for.
    server = await workshop.serveIndexed(
        ...model.flags, '--reader-concurrency', '2', '--reader-context', '1024');
    client = await connect(server);
  });
  after(() => workshop.close());

  const read = (on, question, options) => on.callTool(
      {name: 'read_chunks', arguments: {question, effort: 'exhaustive', deadline_s: 60}}, undefined,
      {timeout: hour, ...options});

  const idle = () => eventually('no call to the model is left', async () =>
      (await model.stats()).in_flight === 0);

  /** Waits until the model hangs over calls of the reading under way. */
  const reading = () => eventually('the reader asks the model', async () =>
      (await model.stats()).in_flight > 0);

  async function assertHealthy(on) {
    const {structuredContent} = await on.callTool(
        {name: 'doc_search', arguments: {query: 'anchor and rudder'}});
    assert.ok(structuredContent.chunks.length > 0);
  }

  test('tells its progress, strictly increasing, and then answers', async () => {
    const seen = [];
    const result = await read(client, 'Where was the sextant?', {onprogress: p => seen.push(p)});
    assert.equal(result.structuredContent.coverage.complete, true);
    assert.ok(seen.length >= 2, `${seen.length} notifications in about two seconds`);
    seen.forEach(({progress, total, message}, i) => {
      assert.ok(i === 0 || progress > seen[i - 1].progress, JSON.stringify(seen));
      assert.ok(progress <= total, JSON.stringify(seen));
      assert.equal(typeof message, 'string');
    });
  });

  test('stops when it is cancelled, the calls to the model included, and says no more', async () => {
    await model.control({hang: 1, reset_stats: true});
    const received = [];
    const other = await connect(server);
    const deliver = other.transport.onmessage;
    other.transport.onmessage = (message, ...rest) => {
      received.push(message);
      deliver(message, ...rest);
    };
    const cancel = new AbortController();
    const call = read(other, 'Which buoy was lost?', {signal: cancel.signal});
    await reading();
    cancel.abort('no longer wanted');
    await assert.rejects(call, /no longer wanted/);
    await idle();
    await assertHealthy(other);
    const late = received.filter(message => message.error || message.result?.structuredContent?.coverage);
    assert.deepEqual(late, []);
    await other.close();
  });

  test('of a client that closes stops too', async () => {
    await model.control({hang: 1, reset_stats: true});
    const other = await connect(server);
    const call = assert.rejects(read(other, 'Which quay was it?'));
    await reading();
    await other.close();
    await call;
    await idle();
    await assertHealthy(client);
  });

  test('of a client that vanishes leaves the server healthy', async () => {
    await model.control({hang: 1, reset_stats: true});
    const args = JSON.stringify({question: 'Who held the winch?', effort: 'exhaustive'});
    const script = path.join(import.meta.dirname, 'support', 'vanishing_client.mjs');
    const vanishing = endWithUs(spawn(
        process.execPath, [script, server.url.href, 'read_chunks', args], {stdio: 'inherit'}));
    await reading();
    vanishing.kill('SIGKILL');
    await idle();
    await assertHealthy(client);
  });

  test('returns what is known at its deadline, and its cursor goes on', async () => {
    await model.control({hang: 0, latency: 200, reset_stats: true});
    const args = {question: 'What did the pilot see near the shoal?', effort: 'exhaustive', deadline_s: 1};
    const first = await client.callTool({name: 'read_chunks', arguments: args});
    const {status, coverage, next_cursor: cursor} = first.structuredContent;
    assert.equal(status, 'partial', textOf(first));
    assert.ok(coverage.unread > 0 && cursor, textOf(first));
    await model.control({latency: 0});
    const second = await client.callTool({name: 'read_chunks', arguments: {cursor}});
    assert.equal(second.structuredContent.coverage.complete, true, textOf(second));
    assert.equal(second.structuredContent.coverage.in_scope, coverage.in_scope);
  });
});

test('long calls of some clients do not hold up the searches of others',
     {todo: 'readings that wait for the model hold every worker'}, async t => {
       const workshop = new Workshop(manyDocuments(30, 3));
       t.after(() => workshop.close());
       const model = await startModel(workshop, {hang: 1});
       const server = await workshop.serveIndexed(...model.flags);
       const readers = await Promise.all(Array.from({length: 5}, () => connect(server)));
       let answered = 0;
       const readings = readers.flatMap((one, r) => [0, 1, 2, 3].map(i => one.callTool(
           {name: 'read_chunks', arguments: {question: `Which timber broke, ${r}.${i}?`, deadline_s: 40}})
           .then(() => { ++answered; }, () => {})));
       await eventually('the reader asks the model', async () => (await model.stats()).in_flight > 0);
       const client = await connect(server);
       const search = {name: 'doc_search', arguments: {query: 'anchor and rudder'}};
       try {
         await client.callTool(search, undefined, {timeout: 20_000});
         assert.equal(answered, 0, 'the readings were under way all the while');
       } finally {
         await Promise.all(readers.map(one => one.close()));
         await Promise.all(readings);
       }
     });

test('a server that is told to stop closes its connections and ends with 0', async t => {
  const workshop = new Workshop();
  t.after(() => workshop.close());
  const server = await workshop.serveIndexed();
  const client = await connect(server);
  const closed = new Promise(resolve => { client.onclose = resolve; });
  await server.stop();
  await closed;
});
