// Tools and documents over plain HTTP: the OpenAPI document judged by a validator and used by a
// generic client, the answers judged by the schemas in it.

import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {compileErrors, validate} from '@readme/openapi-parser';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import Ajv from 'ajv/dist/2020.js';
import {OpenAPIClientAxios} from 'openapi-client-axios';

import {Workshop} from './support/callslip.mjs';

let workshop, server, base, token, reading, definition, client;

const authorization = () => ({Authorization: `Bearer ${token}`});

/** fetch() with the token. */
const call = (url, options = {}) =>
  fetch(url, {...options, headers: {...authorization(), ...options.headers}});

async function definitionOf(address) {
  const answer = await call(`${address}/openapi.json`);
  assert.equal(answer.status, 200);
  return answer.json();
}

before(async () => {
  workshop = new Workshop();
  const tokens = path.join(workshop.root, 'tokens');
  token = (await workshop.must('token', '--scope', 'write', '--token-file', tokens)).stdout.trim();
  reading = (await workshop.must('token', '--scope', 'read', '--token-file', tokens)).stdout.trim();
  server = await workshop.serveIndexed('--allow-origin', 'https://chat.example', '--token-file', tokens);
  base = `http://${server.authority}`;
  definition = await definitionOf(base);
  const api = new OpenAPIClientAxios({
    definition,
    axiosConfigDefaults: {validateStatus: () => true, proxy: false, headers: authorization()},
  });
  client = await api.init();
});
after(() => workshop.close());

const successSchema = name =>
  definition.paths[`/tools/${name}`].post.responses['200'].content['application/json'].schema;

/** A request as a browser's page makes it: fetch() would not send these headers. */
function ask(method, where, headers = {}, body = undefined) {
  return new Promise((resolve, reject) => {
    const request = http.request(base + where, {method, headers}, response => {
      let text = '';
      response.setEncoding('utf8').on('data', piece => { text += piece; });
      response.on('end', () => resolve({status: response.statusCode, headers: response.headers, text}));
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('the OpenAPI document', () => {
  test('is valid', async () => {
    assert.equal(definition.openapi, '3.1.0');
    const result = await validate(structuredClone(definition));
    assert.ok(result.valid, result.valid ? '' : compileErrors(result));
    assert.deepEqual(result.warnings, []);
  });

  test('has an operation for every tool of the protocol, with the same schemas', async () => {
    const mcp = new Client({name: 'test', version: '1'});
    await mcp.connect(new StreamableHTTPClientTransport(
        new URL(`${base}/mcp`), {requestInit: {headers: authorization()}}));
    const {tools} = await mcp.listTools();
    await mcp.close();
    assert.ok(tools.some(tool => tool.name === 'add_document'));
    for (const tool of tools) {
      const operation = definition.paths[`/tools/${tool.name}`].post;
      assert.equal(operation.operationId, tool.name);
      assert.equal(operation.description, tool.description);
      assert.deepEqual(operation.requestBody.content['application/json'].schema, tool.inputSchema);
      assert.deepEqual(successSchema(tool.name), tool.outputSchema);
    }
  });

  test('gives Open WebUI nothing but tools: what has an operationId takes an object', () => {
    const named = [];
    for (const [where, operations] of Object.entries(definition.paths)) {
      for (const operation of Object.values(operations)) {
        assert.equal(typeof operation, 'object', where);
        assert.ok(!Array.isArray(operation), where);
        if (!operation.operationId) continue;
        named.push(operation.operationId);
        const schema = operation.requestBody.content['application/json'].schema;
        assert.equal(schema.type, 'object');
        assert.equal(JSON.stringify(schema).includes('$ref'), false);
      }
    }
    assert.deepEqual(named.sort(), ['add_document', 'doc_search', 'list_documents', 'read_chunks',
                                    'remove_document', 'submit_readings']);
  });
});

describe('a token that may only read', () => {
  test('sees the tools that read, and changes nothing', async () => {
    const headers = {Authorization: `Bearer ${reading}`};
    const seen = await (await call(`${base}/openapi.json`, {headers})).json();
    assert.deepEqual(seen.security, [{bearer: []}]);
    assert.ok(seen.paths['/tools/doc_search']);
    assert.equal(seen.paths['/tools/add_document'], undefined);
    const body = '{"name": "a.md", "text": "x"}';
    for (const [where, method] of [['/tools/add_document', 'POST'], ['/documents/a.md', 'PUT'],
                                   ['/documents/a.md', 'DELETE']]) {
      assert.equal((await call(base + where, {method, headers, body})).status, 403, where);
    }
    assert.equal((await call(`${base}/openapi.json`, {headers: {Authorization: 'Bearer x'}})).status, 401);
  });
});

describe('a generic client', () => {
  test('searches, reads and lists; the answers are as the document says', async () => {
    const ajv = new Ajv({strict: false});
    for (const [name, given] of [
      ['doc_search', {query: 'colza oil'}],
      ['read_chunks', {question: 'What does the lighthouse burn?'}],
      ['list_documents', {}],
    ]) {
      const answer = await client[name](null, given);
      assert.equal(answer.status, 200, JSON.stringify(answer.data));
      const check = ajv.compile(successSchema(name));
      assert.ok(check(answer.data), JSON.stringify(check.errors));
      assert.match(JSON.stringify(answer.data), /lamp\.md/);
    }
  });

  test('is told which argument is wrong', async () => {
    const answer = await client.doc_search(null, {query: 5});
    assert.equal(answer.status, 422);
    assert.match(answer.data.error, /^query: expected a string, got a number/);
  });

  test('hands a document over, finds it at once, and removes it', async () => {
    const added = await client.add_document(null, {name: 'chat/note.md', text: '# Note\n\nA zeppelin passed.\n'});
    assert.equal(added.status, 200, JSON.stringify(added.data));
    assert.equal(added.data.document, 'chat/note.md');
    const found = await client.doc_search(null, {query: 'zeppelin', whole: false});
    assert.deepEqual(found.data.chunks.map(chunk => chunk.document), ['chat/note.md']);
    assert.equal(found.data.index.revision, added.data.index.revision);
    const removed = await client.remove_document(null, {documents: ['chat/']});
    assert.deepEqual(removed.data.removed, ['chat/note.md']);
  });
});

describe('documents', () => {
  test('of some size are put as they are, read in ranges, and deleted', async () => {
    const text = 'The gallery was painted.\n'.repeat(200_000);  // 5 MB
    const at = `${base}/documents/${encodeURIComponent('chat/große Datei.txt')}`;
    const put = await call(at, {method: 'PUT', body: text});
    assert.equal(put.status, 201, await put.clone().text());
    assert.equal((await put.json()).document, 'chat/große Datei.txt');
    assert.equal(await (await call(base + put.headers.get('location'))).text(), text);
    const part = await call(at, {headers: {Range: 'bytes=4-10'}});
    assert.equal(part.status, 206);
    assert.equal(await part.text(), 'gallery');
    const again = await call(at, {method: 'PUT', body: 'Less of it.\n'});
    assert.equal(again.status, 200);
    assert.equal((await call(at, {method: 'DELETE'})).status, 200);
    assert.equal((await call(at)).status, 404);
  });

  test('of folders that are indexed stay', async () => {
    const at = `${base}/documents/library/handbook/lamp.md`;
    assert.equal((await call(at, {method: 'DELETE'})).status, 422);
    assert.equal((await call(at, {method: 'PUT', body: 'gone'})).status, 422);
    assert.match(await (await call(at)).text(), /colza oil/);
  });
});

describe('pages', () => {
  const preflight = {'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type'};

  test('of an allowed origin may call tools', async () => {
    const origin = {Origin: 'https://chat.example'};
    // Without a token: a browser sends none with these.
    const before = await ask('OPTIONS', '/tools/doc_search', {...origin, ...preflight});
    assert.equal(before.status, 204);
    assert.equal(before.headers['access-control-allow-origin'], 'https://chat.example');
    assert.equal(before.headers['access-control-allow-headers'], 'content-type');
    const answer = await ask('POST', '/tools/doc_search', {...origin, ...authorization()}, '{"query": "horn"}');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['access-control-allow-origin'], 'https://chat.example');
  });

  test('of another are refused', async () => {
    const origin = {Origin: 'https://evil.example'};
    for (const [method, headers, body] of [['OPTIONS', preflight],
                                           ['POST', authorization(), '{"query": "horn"}']]) {
      const answer = await ask(method, '/tools/doc_search', {...origin, ...headers}, body);
      assert.equal(answer.status, 403);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });
});

describe('the connector profile', () => {
  test('serves search and fetch in the shapes of ChatGPT', async () => {
    const connector = await workshop.serve('--index', workshop.index, '--profile', 'connector');
    const mcp = new Client({name: 'test', version: '1'});
    await mcp.connect(new StreamableHTTPClientTransport(new URL(`http://${connector.authority}/mcp`)));
    const {tools} = await mcp.listTools();
    assert.deepEqual(tools.map(tool => tool.name), ['search', 'fetch']);
    assert.match(mcp.getInstructions(), /^(?!.*doc_search).*fetch returns their text/);
    const found = await mcp.callTool({name: 'search', arguments: {query: 'storm glass'}});
    assert.equal(found.content.length, 1);
    assert.deepEqual(JSON.parse(found.content[0].text), found.structuredContent);
    const {results} = found.structuredContent;
    assert.deepEqual(Object.keys(results[0]).sort(), ['id', 'title', 'url']);
    const fetched = await mcp.callTool({name: 'fetch', arguments: {id: results[0].id}});
    const document = JSON.parse(fetched.content[0].text);
    assert.equal(document.id, results[0].id);
    assert.match(document.text, /Feathery crystals/);
    assert.deepEqual(Object.keys(document).sort(), ['id', 'metadata', 'text', 'title', 'url']);
    await mcp.close();
    const described = await definitionOf(`http://${connector.authority}`);
    assert.ok((await validate(structuredClone(described))).valid);
  });
});
