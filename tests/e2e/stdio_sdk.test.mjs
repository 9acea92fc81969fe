// The TypeScript SDK over stdio, and what a process on a pipe must do besides: end at EOF, and keep
// everything but protocol off its stdout.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {ErrorCode, JSONRPCMessageSchema} from '@modelcontextprotocol/sdk/types.js';

import {binary, eventually, Workshop} from './support/callslip.mjs';
import {calls, ResultChecker, textOf, toolNames} from './support/results.mjs';

describe('an SDK client over stdio', () => {
  let workshop, client, transport, checker;

  before(async () => {
    workshop = new Workshop();
    transport = new StdioClientTransport({
      command: binary, args: ['serve', '--stdio', workshop.library], env: workshop.environment,
      cwd: workshop.root, stderr: 'pipe',
    });
    client = new Client({name: 'callslip-e2e', version: '1'});
    client.errors = [];
    client.onerror = error => client.errors.push(error);
    await client.connect(transport);
    checker = new ResultChecker((await client.listTools()).tools);
    // The library is indexed while it is served.
    await eventually('the end of the indexing', async () => {
      const {structuredContent} = await client.callTool({name: 'list_documents', arguments: {}});
      return !structuredContent.index.indexing && structuredContent.index.documents === 7;
    }, 60);
  });
  after(async () => {
    await client?.close();
    await workshop.close();
    assert.deepEqual(client?.errors, [], 'stdout carries nothing that is no message');
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

  test('closing the client ends the process', async () => {
    const {pid} = transport;
    await client.close();
    assert.throws(() => process.kill(pid, 0), {code: 'ESRCH'});
  });
});

describe('a process on a pipe', () => {
  let workshop;

  before(async () => {
    workshop = new Workshop();
    await workshop.must('index', '--index', workshop.index, workshop.library);
  });
  after(() => workshop.close());

  const serve = () => workshop.start(['serve', '--stdio', '--index', workshop.index]);
  const line = message => `${JSON.stringify({jsonrpc: '2.0', ...message})}\n`;
  const messages = stdout => stdout.trimEnd().split('\n').map(
      text => JSONRPCMessageSchema.parse(JSON.parse(text)));

  test('answers what came before the end of its input, and exits with 0', async () => {
    const server = serve();
    const requests = toolNames.map((name, i) => line(
        {id: i + 10, method: 'tools/call', params: {name, arguments: calls[name]}}));
    server.child.stdin.end(line({id: 1, method: 'ping'}) + requests.join(''));
    const {code, stdout, stderr} = await server.ended;
    assert.equal(code, 0, stderr);
    const ids = messages(stdout).map(message => message.id).sort((a, b) => a - b);
    assert.deepEqual(ids, [1, 10, 11, 12]);
  });

  test('an input that ends at once is no error', async () => {
    const server = serve();
    server.child.stdin.end();
    const {code, stdout} = await server.ended;
    assert.deepEqual({code, stdout}, {code: 0, stdout: ''});
  });

  test('a last line without a newline is read too', async () => {
    const server = serve();
    server.child.stdin.end(line({id: 'last', method: 'ping'}).trimEnd());
    const {code, stdout} = await server.ended;
    assert.equal(code, 0);
    assert.deepEqual(messages(stdout).map(message => message.id), ['last']);
  });

  test('what is no message gets an error; the next is served', async () => {
    const server = serve();
    server.child.stdin.end(`not JSON\n\n${line({id: 2, method: 'ping'})}`);
    const {code, stdout} = await server.ended;
    assert.equal(code, 0);
    const replies = stdout.trimEnd().split('\n').map(text => JSON.parse(text));
    assert.deepEqual(replies.map(({id, error}) => [id ?? null, error?.code]), [[null, -32700], [2, undefined]]);
  });

  test('SIGTERM ends it with 0', async () => {
    const server = serve();
    server.child.stdin.write(line({id: 1, method: 'ping'}));
    await eventually('an answer', () => server.stdout.includes('"id":1'));
    server.child.kill('SIGTERM');
    const {code, signal} = await server.ended;
    assert.deepEqual({code, signal}, {code: 0, signal: null});
  });

  test('an index that is not there is said on stderr, with exit code 1', async () => {
    const {code, stdout, stderr} = await workshop.run('serve', '--stdio', '--index', '/nowhere/at/all');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /nowhere\/at\/all/);
    assert.match(stderr, /callslip index/, 'what to run');
  });
});
